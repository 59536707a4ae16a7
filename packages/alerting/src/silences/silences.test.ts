import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, type Store, StoreError } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { NO_METRICS } from "../testing/rig.ts";
import { derivedId, silenceState } from "./silence.ts";
import { Silences, type SilenceRequest } from "./silences.ts";

const START = 1_000_000_000_000;

async function open(
  clock = new ManualClock(START),
  store: Store = openSqlite(":memory:"),
  limits = { maxCount: 0, maxBytes: 0 },
) {
  const collection = store.collection("silences");
  const silences = await Silences.load({
    collection,
    clock,
    logger: memoryLogger(),
    retentionMs: 1000,
    logChanges: false,
    metrics: NO_METRICS,
    ...limits,
  });
  return { clock, store, silences };
}

const request = (changes: Partial<SilenceRequest> = {}): SilenceRequest => ({
  id: "",
  matchers: [new Matcher("=~", "a", "b.*")],
  startsAt: START,
  endsAt: START + 60_000,
  createdBy: "me",
  comment: "why",
  annotations: {},
  ...changes,
});

test("a new end of an active silence is set in place, and a silence with other matchers replaces and ends it", async () => {
  const { clock, silences } = await open();
  const id = await silences.set(request());
  await clock.advance(1000);
  expect(await silences.set(request({ id, endsAt: START + 90_000 }))).toBe(id);
  const other = await silences.set(request({ id, matchers: [new Matcher("=", "a", "c")] }));
  expect(other).not.toBe(id);
  expect(silences.get(id)?.endsAt).toBe(clock.now());
  expect(silences.count(clock.now() + 1)).toEqual({ active: 1, pending: 0, expired: 1 });
});

test("an ended silence never becomes active again, and ending it twice has no effect", async () => {
  const { clock, silences } = await open();
  const id = await silences.set(request());
  await clock.advance(10);
  expect(await silences.expire(id)).toBe(true);
  await clock.advance(10);
  expect(await silences.expire(id)).toBe(true);
  expect(silences.get(id)?.endsAt).toBe(START + 10);
  expect(await silences.set(request({ id }))).not.toBe(id);
  expect(await silences.expire("none")).toBe(false);
});

test("silences outlive a restart and are removed after their retention", async () => {
  const { clock, store, silences } = await open();
  const id = await silences.set(request());
  const { silences: again } = await open(clock, store);
  expect(again.get(id)?.matchers[0]?.toString()).toBe('a=~"b.*"');
  await clock.advance(60_999);
  await again.collect();
  expect(again.all().length).toBe(1);
  await clock.advance(1);
  await again.collect();
  expect(again.all().length).toBe(0);
  expect((await open(clock, store)).silences.all()).toEqual([]);
});

test("errors about limits have Alertmanager's texts", async () => {
  const store = openSqlite(":memory:");
  const { silences } = await open(new ManualClock(START), store, { maxCount: 1, maxBytes: 1000 });
  await silences.set(request());
  await expect(silences.set(request())).rejects.toThrow("exceeded maximum number of silences: 1 (limit: 1)");
  const { silences: small } = await open(new ManualClock(START), openSqlite(":memory:"), { maxCount: 0, maxBytes: 10 });
  await expect(small.set(request())).rejects.toThrow(/^silence exceeded maximum size: \d+ bytes \(limit: 10 bytes\)$/);
});

const replaced = request({ matchers: [new Matcher("=", "a", "c")] });

test("a silence stays active if the silence that replaces it is refused by a limit", async () => {
  const { silences } = await open(new ManualClock(START), openSqlite(":memory:"), { maxCount: 1, maxBytes: 1000 });
  const id = await silences.set(request());
  await expect(silences.set({ ...replaced, id })).rejects.toThrow("exceeded maximum number of silences");
  expect(silences.get(id)?.endsAt).toBe(START + 60_000);
  const { silences: small } = await open(new ManualClock(START), openSqlite(":memory:"), {
    maxCount: 0,
    maxBytes: 200,
  });
  const other = await small.set(request());
  const long = { ...replaced, id: other, comment: "x".repeat(200) };
  await expect(small.set(long)).rejects.toThrow("silence exceeded maximum size");
  expect(small.get(other)?.endsAt).toBe(START + 60_000);
});

test("a silence stays active if the store refuses the silence that replaces it", async () => {
  const database = new SharedMemory();
  const { silences } = await open(new ManualClock(START), fullAfter(database.open(), 1));
  const id = await silences.set(request());
  await expect(silences.set({ ...replaced, id })).rejects.toThrow("the disk is full");
  expect(silences.get(id)?.endsAt).toBe(START + 60_000);
  const { silences: reread } = await open(new ManualClock(START), database.open());
  expect(reread.all().map(({ endsAt }) => endsAt)).toEqual([START + 60_000]);
});

test("a pending silence changes in place at its start and end, an active silence only at its end", async () => {
  const { clock, silences } = await open();
  const pending = await silences.set(request({ startsAt: START + 10_000 }));
  const change = (more: Partial<SilenceRequest>) => silences.set(request({ id: pending, ...more }));
  expect(await change({ startsAt: START + 20_000, endsAt: START + 50_000 })).toBe(pending);
  expect(silences.get(pending)).toMatchObject({ startsAt: START + 20_000, endsAt: START + 50_000 });
  expect(await change({ startsAt: START })).toBe(pending);
  await clock.advance(500);
  // A start in the same second as the start of the active silence counts as unchanged.
  expect(await change({ startsAt: START + 999, endsAt: START + 2000 })).toBe(pending);
  const id = await silences.set(request());
  expect(await silences.set(request({ id, startsAt: START + 1000 }))).not.toBe(id);
  const other = await silences.set(request({ startsAt: START + 10_000 }));
  expect(await silences.set(request({ id: other, startsAt: START + 499 }))).not.toBe(other);
});

test("a silence without a start begins now, and so does one that begins in the past", async () => {
  const { clock, silences } = await open();
  await clock.advance(1000);
  const starts = await Promise.all(
    [NaN, START, START + 5000].map(
      async (startsAt) => silences.get(await silences.set(request({ startsAt })))!.startsAt,
    ),
  );
  expect(starts).toEqual([START + 1000, START + 1000, START + 5000]);
  await expect(silences.set(request({ id: "none" }))).rejects.toMatchObject({
    status: 404,
    message: "silence not found",
  });
});

test("a pending silence that is ended lasts no time", async () => {
  const { clock, silences } = await open();
  const id = await silences.set(request({ startsAt: START + 10_000 }));
  await clock.advance(1000);
  await silences.expire(id);
  expect(silences.get(id)).toMatchObject({ startsAt: START + 1000, endsAt: START + 1000, updatedAt: START + 1000 });
});

test("look-ups, maintenance and their durations are counted, and changes are reported and logged", async () => {
  const [clock, logger] = [new ManualClock(START), memoryLogger()];
  const seconds: string[] = [];
  const ticking = { now: () => clock.now(), after: clock.after.bind(clock), sleep: clock.sleep.bind(clock), monotonic };
  let ticks = 0;
  function monotonic(): number {
    return ticks++ * 500;
  }
  const collection = openSqlite(":memory:").collection("silences");
  const silences = await Silences.load({
    collection,
    clock: ticking,
    logger,
    retentionMs: 1000,
    logChanges: true,
    metrics: {
      observeQuery: (duration) => void seconds.push(`query ${duration}`),
      observeCollection: (duration) => void seconds.push(`collection ${duration}`),
    },
    maxCount: 0,
    maxBytes: 0,
  });
  const changes: string[] = [];
  const stop = silences.subscribe(({ id }) => changes.push(id));
  const id = await silences.set(request());
  stop();
  const labels = Labels.of({ a: "b" });
  expect(silences.mutedBy(labels, START)).toEqual([id]);
  await silences.collect();
  await silences.expire(id);
  expect(silences.counts).toEqual({ queries: 1, scanned: 1, skipped: 0, collections: 1 });
  expect([changes, seconds]).toEqual([[id], ["query 0.5", "collection 0.5"]]);
  const logged = { level: "info", message: "Silence changed", fields: { silence: id, createdBy: "me" } };
  expect(logger.lines).toEqual([logged, logged]);
  expect(await silences.storedBytes()).toBe(await collection.size());
});

test("a silence with a given id is stored once, within the limits", async () => {
  const { silences } = await open(new ManualClock(START), openSqlite(":memory:"), { maxCount: 1, maxBytes: 1000 });
  const given = { ...request(), id: "one", updatedAt: START };
  await silences.adopt(given);
  await silences.adopt({ ...given, comment: "other" });
  expect(silences.get("one")?.comment).toBe("why");
  await expect(silences.adopt({ ...given, id: "two" })).rejects.toThrow(
    "exceeded maximum number of silences: 1 (limit: 1)",
  );
  const { silences: small } = await open(new ManualClock(START), openSqlite(":memory:"), { maxCount: 0, maxBytes: 10 });
  await expect(small.adopt(given)).rejects.toThrow("silence exceeded maximum size");
});

test("a silence may be as large as the limit", async () => {
  const sized = async (maxBytes: number) =>
    (await open(new ManualClock(START), openSqlite(":memory:"), { maxCount: 0, maxBytes })).silences;
  const fault = await (await sized(1)).set(request()).catch((error: unknown) => (error as Error).message);
  const bytes = Number(/size: (\d+) bytes/.exec(fault)?.[1]);
  expect(await (await sized(bytes)).set(request())).toBeTypeOf("string");
  await expect((await sized(bytes - 1)).set(request())).rejects.toThrow(`limit: ${bytes - 1} bytes`);
});

test("silences of other instances count until their retention has passed, and the later of two changes wins", async () => {
  const { silences } = await open();
  const given = { ...request(), id: "x", updatedAt: START };
  expect(await silences.merge([{ ...given, endsAt: START - 1000 }])).toEqual([]);
  expect(await silences.merge([{ ...given, endsAt: START - 999 }])).toHaveLength(1);
  expect(await silences.merge([{ ...given, updatedAt: START - 1 }])).toEqual([]);
  const [a, b] = [
    { ...given, comment: "a", updatedAt: START + 1 },
    { ...given, comment: "b", updatedAt: START + 1 },
  ];
  expect(await silences.merge([b, a])).toEqual([b]);
  expect(silences.get("x")?.comment).toBe("b");
});

test.each([
  [{ startsAt: START + 1, endsAt: START }, "invalid silence: end time must not be before start time"],
  [{ endsAt: NaN }, "invalid silence: invalid zero end timestamp"],
])("the silence %j is refused", async (more, message) => {
  const { silences } = await open();
  await expect(silences.set(request(more))).rejects.toThrow(message);
});

test("a silence changes its state exactly at its start and at its end", () => {
  const span = { startsAt: 10, endsAt: 20 };
  expect([9, 10, 20, 21].map((now) => silenceState(span, now))).toEqual(["pending", "active", "active", "expired"]);
});

test("ids derived from two texts are UUIDs of version 5, and equal on every instance", () => {
  expect(derivedId("a", "c")).toBe("f438d5ee-584b-5756-aced-9f3ab9a8b233");
  const ids = [derivedId("a", "b"), derivedId("ab", ""), derivedId("a", "c")];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

/** Returns a store that refuses more entries when it has `room` entries. */
function fullAfter(store: Store, room: number): Store {
  const keys = new Set<string>();
  const take = (entries: readonly { readonly key: string }[]): void => {
    if (new Set([...keys, ...entries.map(({ key }) => key)]).size > room) throw new StoreError("the disk is full");
    for (const { key } of entries) keys.add(key);
  };
  return {
    close: () => store.close(),
    collection(name) {
      const collection = store.collection(name);
      return {
        ...collection,
        async put(entry) {
          take([entry]);
          await collection.put(entry);
        },
        async change(put, remove) {
          take(put);
          await collection.change(put, remove);
        },
      };
    },
  };
}
