import { Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, type Store, StoreError } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { NO_METRICS } from "../testing/rig.ts";
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

test("an active silence takes a new end in place; other matchers make a new one and end the old", async () => {
  const { clock, silences } = await open();
  const id = await silences.set(request());
  await clock.advance(1000);
  expect(await silences.set(request({ id, endsAt: START + 90_000 }))).toBe(id);
  const other = await silences.set(request({ id, matchers: [new Matcher("=", "a", "c")] }));
  expect(other).not.toBe(id);
  expect(silences.get(id)?.endsAt).toBe(clock.now());
  expect(silences.count(clock.now() + 1)).toEqual({ active: 1, pending: 0, expired: 1 });
});

test("an ended silence is never brought back, and ending it twice is fine", async () => {
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

test("silences outlive a restart and are forgotten after their retention", async () => {
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

test("limits refuse in upstream's words", async () => {
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

/** A store with room for `room` entries. */
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
