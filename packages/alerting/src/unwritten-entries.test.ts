import { Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import {
  type Change,
  type Collection,
  type Entry,
  openSqlite,
  StoreError,
  StoreUnavailableError,
} from "@narthex/store";
import { expect, test } from "vitest";
import { NotificationLog } from "./dispatch/notification-log.ts";
import type { Silence } from "./silences/silence.ts";
import { Silences } from "./silences/silences.ts";
import { NO_METRICS } from "./testing/rig.ts";

const START = 1_000_000_000_000;

/** Returns a store collection that refuses some keys and counts the writes. */
function refusing(isRefused: (key: string) => boolean) {
  const collection = openSqlite(":memory:").collection("entries");
  const ignore: (change: Change) => void = () => undefined;
  const state = { writes: 0, isAway: false, listener: ignore };
  const guarded: Collection = {
    ...collection,
    async change(put: readonly Entry[], removed) {
      state.writes++;
      if (state.isAway) throw new StoreUnavailableError("away");
      const refused = put.find(({ key }) => isRefused(key));
      if (refused !== undefined) throw new StoreError("value too long");
      await collection.change(put, removed);
    },
    watch(listener) {
      state.listener = listener;
      return () => undefined;
    },
  };
  const keys = async (): Promise<readonly string[]> => (await collection.entries()).map(({ key }) => key).sort();
  return { collection: guarded, keys, state };
}

const silence = (id: string): Silence => ({
  id,
  matchers: [new Matcher("=", "a", "b")],
  startsAt: START,
  endsAt: START + 60_000,
  updatedAt: START,
  createdBy: "me",
  comment: "why",
  annotations: {},
});

const shared = { retentionMs: 100_000, metrics: NO_METRICS };
const silenceOptions = { ...shared, maxCount: 0, maxBytes: 0, logChanges: false };
const ids = Array.from({ length: 200 }, (_, i) => `id-${String(i).padStart(3, "0")}`);

test("a silence of another instance that the store always refuses does not keep other silences from being stored", async () => {
  const { collection, keys, state } = refusing((key) => key === "id-077");
  const logger = memoryLogger();
  const silences = await Silences.load({ collection, clock: new ManualClock(START), logger, ...silenceOptions });
  await silences.merge(ids.map(silence));
  expect(await keys()).toEqual(ids.filter((id) => id !== "id-077"));
  expect(state.writes).toBeLessThan(30);
  for (let i = 0; i < 3; i++) await silences.merge([silence(`later-${i}`)]);
  await silences.collect();
  expect(await keys()).toHaveLength(199 + 3);
  expect(logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
});

test("entries that the store refuses together do not keep later ones from being tried, and cost a bounded number of writes", async () => {
  const { collection, keys, state } = refusing((key) => key < "id-100");
  const logger = memoryLogger();
  const silences = await Silences.load({ collection, clock: new ManualClock(START), logger, ...silenceOptions });
  await silences.merge(ids.map(silence));
  expect(state.writes).toBeLessThan(200);
  for (let i = 0; i < 20; i++) await silences.collect();
  expect(await keys()).toEqual(ids.filter((id) => id >= "id-100"));
  state.writes = 0;
  state.isAway = true;
  await silences.collect();
  expect(state.writes).toBe(1);
});

test("an entry of the notification log that the store always refuses does not keep other entries from being stored", async () => {
  const { collection, keys } = refusing((key) => key === "id-077");
  const logger = memoryLogger();
  const log = await NotificationLog.load({ collection, clock: new ManualClock(START), logger, ...shared });
  const entry = { firing: [], resolved: [], timestamp: START, data: {} };
  await log.merge(ids.map((key) => ({ key, entry, expiresAt: START + 90_000 })));
  expect(await keys()).toEqual(ids.filter((id) => id !== "id-077"));
  for (let i = 0; i < 3; i++) await log.record(`later-${i}`, entry, 50_000);
  expect(await keys()).toHaveLength(199 + 3);
  expect(logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
});

test("an error in reading the changes of other instances is reported", async () => {
  const { collection, state } = refusing(() => false);
  const logger = memoryLogger();
  const reported: unknown[] = [];
  const reportError = (error: unknown): void => void reported.push(error);
  await Silences.load({ collection, clock: new ManualClock(START), logger, ...silenceOptions, reportError });
  const change = { put: undefined as unknown as Entry[], removed: [], complete: true };
  state.listener(change);
  await NotificationLog.load({ collection, clock: new ManualClock(START), logger, ...shared, reportError });
  state.listener(change);
  await expect.poll(() => reported).toHaveLength(2);
});
