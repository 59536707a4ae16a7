import { expect, test } from "vitest";
import { ManualClock, settle } from "../testing/index.ts";
import { ProfilePages } from "./profile-pages.ts";

const pages = (clock: ManualClock, stopping = new AbortController().signal): ProfilePages =>
  new ProfilePages({ clock, stopping, args: ["narthex", "server", "--store.url=postgres://ann:secret@host/db"] });

test("a CPU profile covers the requested seconds, and another request is refused meanwhile", async () => {
  const clock = new ManualClock(0);
  const own = pages(clock);
  const recorded = own.answer("/debug/pprof/profile?seconds=2");
  const second = await own.answer("/debug/pprof/heap?seconds=1");
  expect([second.status, second.headers["x-go-pprof"], second.body]).toEqual([
    500,
    "1",
    "Could not enable profiling: another profile is being recorded\n",
  ]);
  await untilSleeping(clock);
  await clock.advance(2000);
  const { status, headers, body } = await recorded;
  expect([status, headers["content-disposition"]]).toEqual([200, 'attachment; filename="profile.cpuprofile"']);
  expect(JSON.parse(body)).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) });
});

test.each(["heap", "allocs"])("%s returns samples of V8's heap", async (name) => {
  const clock = new ManualClock(0);
  const recorded = pages(clock).answer(`/debug/pprof/${name}`);
  await untilSleeping(clock);
  await clock.advance(30_000);
  expect(JSON.parse((await recorded).body)).toMatchObject({ head: expect.any(Object), samples: expect.any(Array) });
});

test("a profile ends if its client disconnects", async () => {
  const gone = new AbortController();
  const recorded = pages(new ManualClock(0)).answer("/debug/pprof/profile?seconds=1000", gone.signal);
  gone.abort();
  expect((await recorded).status).toBe(200);
});

test("the page explains how to open profiles, cmdline contains no password, and Go's own profiles are unknown", async () => {
  const own = pages(new ManualClock(0));
  expect((await own.answer("/debug/pprof/")).body).toContain("DevTools");
  expect((await own.answer("/debug/pprof/cmdline")).body).toBe(
    "narthex\0server\0--store.url=postgres://ann:xxxxx@host/db",
  );
  expect(await own.answer("/debug/pprof/goroutine?debug=1")).toMatchObject({ status: 404, body: "Unknown profile\n" });
});

/** Starting the profiler takes several turns of the event loop. */
async function untilSleeping(clock: ManualClock): Promise<void> {
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  await settle();
}

test.each([
  ["--store.url=postgres://ann:s/c#r?t@host/db", "--store.url=postgres://ann:xxxxx@host/db"],
  ["--store.url=postgres://ann:s@cret@host/db", "--store.url=postgres://ann:xxxxx@host/db"],
  ["--store.url=postgres:///db?password=secret&user=ann", "--store.url=postgres:///db?password=xxxxx&user=ann"],
  ["--web.external-url=http://host/a?b=c:d@e", "--web.external-url=http://host/a?b=c:d@e"],
])("cmdline shows %s as %s", async (arg, shown) => {
  const own = new ProfilePages({ clock: new ManualClock(0), stopping: new AbortController().signal, args: [arg] });
  expect((await own.answer("/debug/pprof/cmdline")).body).toBe(shown);
});
