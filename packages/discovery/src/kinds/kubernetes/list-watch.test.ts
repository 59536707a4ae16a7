import { createHttpClient } from "@narthex/http";
import { defaultHttpClient } from "@narthex/config";
import { logOnChange } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { ApiServer } from "./api-server.ts";
import { directAccess } from "./direct-access.ts";
import { ListWatch, type ObjectSink } from "./list-watch.ts";
import { pods } from "./pod.ts";
import { KubernetesApi, type KubernetesApiOptions } from "./testing/kubernetes-api.ts";

/** Records changes of the object list in order: `=a b` for a complete list, `+a` and `-a` for changes. */
class RecordedEvents implements ObjectSink<unknown> {
  readonly all: string[] = [];
  readonly #taken: string[] = [];
  #hear: (() => void) | undefined;

  replace(objects: ReadonlyMap<string, unknown>): void {
    this.#push(`=${[...objects.keys()].join(" ")}`);
  }

  apply(changes: readonly (readonly [key: string, object: unknown])[]): void {
    for (const [key, object] of changes) this.#push(`${object === undefined ? "-" : "+"}${key}`);
  }

  async next(): Promise<string> {
    while (this.#taken.length === 0) await new Promise<void>((resolve) => (this.#hear = resolve));
    return this.#taken.shift()!;
  }

  #push(word: string): void {
    this.all.push(word);
    this.#taken.push(word);
    this.#hear?.();
  }
}

/** Waits until data sent over the loopback interface has arrived. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

const pod = (name: string) => ({ metadata: { name, namespace: "a" }, spec: {}, status: {} });

interface Given extends KubernetesApiOptions {
  readonly selector?: { readonly label: string; readonly field: string };
  readonly namespace?: string;
}

async function start(given: Given = {}) {
  const api = await KubernetesApi.start(given);
  onTestFinished(() => api[Symbol.asyncDispose]());
  api.put("pods", pod("one"));
  const clock = new ManualClock();
  const logger = memoryLogger();
  const stopping = new AbortController();
  const events = new RecordedEvents();
  let failures = 0;
  const access = await directAccess(api.url, defaultHttpClient, {
    connect: createHttpClient,
    signal: stopping.signal,
  });
  const running = new ListWatch({
    server: new ApiServer(access, "Prometheus/x"),
    resource: pods,
    namespace: given.namespace ?? "",
    selector: given.selector ?? { label: "", field: "" },
    sink: events,
    clock,
    signal: stopping.signal,
    log: logOnChange(logger, "Listing and watching pods"),
    random: () => 0.5,
    failed: () => failures++,
  }).run();
  onTestFinished(() => {
    stopping.abort(new Error("stopped"));
    return running;
  });
  /** Waits for the n-th request to the API server. Advances the clock while waiting. */
  const request = async (count: number) => {
    while (api.requests.length < count) {
      await turns();
      await clock.advance(100);
    }
    return api.requests[count - 1]!;
  };
  const watching = () => api.until(() => api.watches.length === 1);
  return { api, clock, logger, heard: events, request, watching, failures: () => failures };
}

test("a watch continues from the list's version and receives additions, changes and removals", async () => {
  const { api, heard: events, watching } = await start();
  expect(await events.next()).toBe("=a/one");
  await watching();
  expect(api.requests.map(({ path, query }) => ({ path, query }))).toEqual([
    { path: "/api/v1/pods", query: { limit: "500" } },
    {
      path: "/api/v1/pods",
      query: { watch: "true", resourceVersion: "1001", allowWatchBookmarks: "true", timeoutSeconds: "450" },
    },
  ]);
  expect(api.requests[0]!.headers).toMatchObject({ accept: "application/json", "user-agent": "Prometheus/x" });
  api.put("pods", pod("two"));
  api.put("pods", pod("one"));
  api.remove("pods", "two", "a");
  expect([await events.next(), await events.next(), await events.next()]).toEqual(["+a/two", "+a/one", "-a/two"]);
});

test("a list with several pages is one list", async () => {
  const api = await KubernetesApi.start();
  onTestFinished(() => api[Symbol.asyncDispose]());
  const { heard: events, api: used } = await start({
    gate: (seen) => {
      if (seen.query["continue"] === undefined && !seen.isWatch && used.get("pods", "p0", "a") === undefined)
        for (let i = 0; i < 1100; i++) used.put("pods", pod(`p${i}`));
      return undefined;
    },
  });
  expect((await events.next()).split(" ")).toHaveLength(1101);
  expect(used.requests.slice(0, 3).map(({ query }) => query["continue"])).toEqual([undefined, "2101:500", "2101:1000"]);
});

test("every request contains namespace and selectors", async () => {
  const selector = { label: "app in (a, b),!c", field: "spec.nodeName=n" };
  const { api, watching } = await start({ namespace: "a", selector });
  await watching();
  for (const { path, query } of api.requests) {
    expect(path).toBe("/api/v1/namespaces/a/pods");
    expect(query).toMatchObject({ labelSelector: selector.label, fieldSelector: selector.field });
  }
});

test("a watch that ends is opened again from the last version or bookmark, without a list", async () => {
  const { api, heard: events, watching, request, clock, failures } = await start();
  expect(await events.next()).toBe("=a/one");
  await watching();
  api.put("services", pod("elsewhere"));
  api.bookmark();
  await clock.advance(2000);
  api.endWatches();
  expect(await request(3)).toMatchObject({ isWatch: true, query: { resourceVersion: "1002" } });
  await watching();
  api.put("pods", pod("two"));
  expect(await events.next()).toBe("+a/two");
  api.endWatches();
  expect(await request(4)).toMatchObject({ isWatch: true, query: { resourceVersion: "1003" } });
  expect(failures()).toBe(0);
});

// The events come from https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks
test("versions of the API reference's example stream are used unchanged", async () => {
  const { api, heard: events, watching, request } = await start();
  expect(await events.next()).toBe("=a/one");
  await watching();
  const metadata = { resourceVersion: "10596", name: "ref", namespace: "test" };
  api.event({ type: "ADDED", object: { kind: "Pod", apiVersion: "v1", metadata } });
  api.event({ type: "BOOKMARK", object: { kind: "Pod", apiVersion: "v1", metadata: { resourceVersion: "12746" } } });
  expect(await events.next()).toBe("+test/ref");
  api.endWatches();
  expect(await request(3)).toMatchObject({ query: { resourceVersion: "12746" } });
});

test.each(["status", "event"] as const)(
  "expired history (410 as %s) causes a new list at once, without objects that vanished meanwhile",
  async (expiry) => {
    const { api, heard: events, watching, clock, failures } = await start({ expiry });
    expect(await events.next()).toBe("=a/one");
    await watching();
    api.put("pods", pod("two"));
    expect(await events.next()).toBe("+a/two");
    await clock.advance(5000);
    api.disconnect();
    api.remove("pods", "one", "a");
    api.put("pods", pod("three"));
    api.forget();
    while (events.all.length < 3) await clock.advance(100);
    expect(await events.next()).toBe("=a/two a/three");
    await watching();
    expect(failures(), "the cut connection alone is a failure").toBe(1);
  },
);

test("after status 429 the same watch is opened again after the delay of Retry-After", async () => {
  let busy = true;
  const {
    api,
    clock,
    heard: events,
    watching,
    failures,
    request,
    logger,
  } = await start({
    gate: ({ isWatch }) =>
      isWatch && busy ? { status: 429, reason: "TooManyRequests", message: "too busy", retryAfter: 20 } : undefined,
  });
  expect(await events.next()).toBe("=a/one");
  await api.until(() => api.requests.length === 2);
  while (failures() === 0) await clock.advance(0);
  busy = false;
  await clock.advance(24_000);
  expect(api.requests).toHaveLength(2);
  await clock.advance(1000);
  await watching();
  expect(await request(3)).toMatchObject({ isWatch: true, query: { resourceVersion: "1001" } });
  expect(logger.lines.map(({ fields }) => fields["err"])).toEqual(["too busy"]);
});

test("a failing server is asked at growing intervals, and the log has one line for the failure and one for the recovery", async () => {
  let down = true;
  const at: number[] = [];
  const made = start({
    gate: ({ isWatch }) => {
      if (!isWatch) at.push(given?.clock.monotonic() ?? 0);
      return down ? { status: 503, message: "etcd is away" } : undefined;
    },
  });
  let given: Awaited<typeof made> | undefined;
  given = await made;
  const { clock, heard: events, logger, failures } = given;
  while (at.length < 9) {
    if (failures() < at.length) await turns();
    else await clock.advance(100);
  }
  const gaps = at.slice(1).map((time, i) => Math.round((time - at[i]!) / 100) / 10);
  // The retry delay starts at 0.8 s and doubles up to 30 s. The delay is multiplied by a random factor from 1 to 1.5, here
  // 1.25.
  expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 37.5, 37.5]);
  down = false;
  while (events.all.length === 0) await clock.advance(1000);
  expect(failures()).toBe(9);
  expect(logger.lines.map(({ message, fields }) => [message, fields["err"]])).toEqual([
    ["Listing and watching pods failed", "etcd is away"],
    ["Listing and watching pods works again", undefined],
  ]);
});

test("a connection that is closed before the answer is not a failure, unless it happens twice", async () => {
  let cuts = 1;
  const {
    heard: events,
    failures,
    watching,
    api,
    request,
  } = await start({
    gate: () => (cuts-- > 0 ? { status: 0, cut: true } : undefined),
  });
  expect(await events.next()).toBe("=a/one");
  await watching();
  expect(failures()).toBe(0);
  cuts = 2;
  api.disconnect();
  await request(6);
  await watching();
  expect(failures(), "the watch, and the two attempts as one").toBe(2);
});

test("a forbidden list is reported with the server's message, and tried again", async () => {
  const message = 'pods is forbidden: User "system:serviceaccount:a:b" cannot list resource "pods"';
  let allowed = false;
  const {
    clock,
    heard: events,
    logger,
  } = await start({
    gate: () => (allowed ? undefined : { status: 403, reason: "Forbidden", message }),
  });
  while (logger.lines.length === 0) await clock.advance(10);
  expect(logger.lines[0]!.fields["err"]).toBe(message);
  allowed = true;
  while (events.all.length === 0) await clock.advance(1000);
});

test("an ERROR event other than 410 opens the watch again after a pause", async () => {
  const { api, heard: events, watching, request, failures } = await start();
  expect(await events.next()).toBe("=a/one");
  await watching();
  api.event({
    type: "ERROR",
    object: { kind: "Status", status: "Failure", message: "etcd leader changed", code: 500 },
  });
  expect(await request(3)).toMatchObject({ isWatch: true, query: { resourceVersion: "1001" } });
  expect(failures()).toBe(1);
});

test("an invalid event causes a new list", async () => {
  const { api, heard: events, watching, request } = await start();
  expect(await events.next()).toBe("=a/one");
  await watching();
  api.event({ type: "ADDED" });
  expect(await request(3)).toMatchObject({ isWatch: false });
});

test("a watch without data for three minutes is opened again; received data keeps it open", async () => {
  const { api, clock, watching, heard: events, request } = await start();
  expect(await events.next()).toBe("=a/one");
  await watching();
  for (let minute = 0; minute < 4; minute++) {
    await clock.advance(60_000);
    api.put("pods", pod("one"));
    expect(await events.next()).toBe("+a/one");
  }
  expect(api.requests).toHaveLength(2);
  await clock.advance(181_000);
  expect(await request(3)).toMatchObject({ isWatch: true, query: { resourceVersion: "1005" } });
});

test("a watch that ends at once counts as failed, and is opened again after a pause", async () => {
  const { api, clock, heard: events, watching, failures } = await start();
  expect(await events.next()).toBe("=a/one");
  await watching();
  api.endWatches();
  while (failures() === 0) await clock.advance(0);
  await clock.advance(900);
  expect(api.requests).toHaveLength(2);
  await clock.advance(100);
  await watching();
});

test("events are read correctly if their lines arrive in pieces of seven bytes", async () => {
  const { api, heard: events, watching } = await start({ pieceBytes: 7 });
  expect(await events.next()).toBe("=a/one");
  await watching();
  api.put("pods", { ...pod("zwei"), metadata: { name: "zwei", namespace: "a", labels: { größe: "ü€𝄞" } } });
  expect(await events.next()).toBe("+a/zwei");
});
