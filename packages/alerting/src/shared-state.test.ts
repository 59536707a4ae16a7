import { Matcher } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import type { Store } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test, vi } from "vitest";
import { type LogEntry, NotificationLog } from "./dispatch/notification-log.ts";
import { AlertHistory } from "./history/alert-history.ts";
import { NotificationHistory } from "./history/notification-history.ts";
import { RecurringSilences } from "./silences/recurring-silences.ts";
import { Silences } from "./silences/silences.ts";
import { NO_METRICS } from "./testing/rig.ts";

const START = 1_000_000_000_000;
const HOUR = 3_600_000;

/** Stored texts that are not valid entries. */
const DAMAGED = ["{", "null", "{}", "[]", '"text"'];

/** Adds invalid entries to a collection and writes the valid entries again, as another instance would. */
async function damage(store: Store, name: string): Promise<void> {
  const collection = store.collection(name);
  const kept = await collection.entries();
  const wrong = DAMAGED.map((value, i) => ({ key: `damaged ${i}`, value, expiresAt: START + 2 * HOUR }));
  await collection.change([...wrong, ...kept], []);
}

const silencesOf = (store: Store, clock: ManualClock): Promise<Silences> =>
  Silences.load({
    collection: store.collection("silences"),
    clock,
    logger: memoryLogger(),
    retentionMs: HOUR,
    logChanges: false,
    metrics: NO_METRICS,
    maxCount: 0,
    maxBytes: 0,
  });

const logOf = (store: Store, clock: ManualClock): Promise<NotificationLog> =>
  NotificationLog.load({
    collection: store.collection("notification_log"),
    clock,
    retentionMs: HOUR,
    metrics: NO_METRICS,
    logger: memoryLogger(),
  });

const wanted = {
  id: "",
  matchers: [new Matcher("=", "a", "b")],
  startsAt: START,
  endsAt: START + HOUR,
  createdBy: "me",
  comment: "why",
  annotations: {},
};

const notified = (timestamp: number): LogEntry => ({ firing: ["1"], resolved: [], timestamp, data: {} });

test("a silence that one instance creates or ends counts for the other instances, also after an outage", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const [a, b] = [database.open(), database.open()];
  const [here, there] = [await silencesOf(a, clock), await silencesOf(b, clock)];
  const id = await here.set(wanted);
  expect(there.get(id)?.comment).toBe("why");
  b.reach(false);
  await clock.advance(1000);
  await here.expire(id);
  const second = await here.set(wanted);
  expect(there.get(second)).toBeUndefined();
  b.reach(true);
  expect(there.get(id)?.endsAt).toBe(START + 1000);
  expect(there.get(second)).toBeDefined();
});

test("a silence that cannot be stored is refused with a hint, and has no effect", async () => {
  const clock = new ManualClock(START);
  const store = new SharedMemory().open();
  const silences = await silencesOf(store, clock);
  store.reach(false);
  await expect(silences.set(wanted)).rejects.toMatchObject({
    status: 503,
    message: "the silence was not stored, try again: the database is out of reach",
  });
  store.reach(true);
  store.refuse("permission denied for table narthex_entries");
  await expect(silences.set(wanted)).rejects.toMatchObject({
    status: 500,
    message: "the silence was not stored: permission denied for table narthex_entries",
  });
  expect(silences.all()).toEqual([]);
});

test("changes of other instances are passed on even if the store refuses them, and are stored later", async () => {
  const clock = new ManualClock(START);
  const store = new SharedMemory().open();
  const silences = await silencesOf(store, clock);
  const log = await logOf(store, clock);
  const silence = { ...wanted, id: "one", updatedAt: START };
  const entry = { key: "{}:{}:a/webhook/0", entry: notified(START), expiresAt: START + HOUR };
  store.refuse("disk full");
  expect(await silences.merge([silence])).toEqual([silence]);
  expect(await log.merge([entry])).toEqual([entry]);
  expect(await silences.merge([silence])).toEqual([]);
  store.refuse(undefined);
  await silences.collect();
  await log.collect();
  expect((await store.collection("silences").entries()).map(({ key }) => key)).toEqual(["one"]);
  expect((await store.collection("notification_log").entries()).map(({ key }) => key)).toEqual([entry.key]);
});

test("the second of two changes of a silence counts, even if the clock of its instance is behind", async () => {
  const database = new SharedMemory();
  const here = await silencesOf(database.open(), new ManualClock(START + 5000));
  const there = await silencesOf(database.open(), new ManualClock(START));
  const id = await here.set({ ...wanted, startsAt: START - 1000 });
  expect(await there.expire(id)).toBe(true);
  expect(here.get(id)?.endsAt).toBe(START);
});

test("an entry recorded during an outage of the store counts for its instance at once and for all instances afterwards, and the latest entry wins", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const [a, b] = [database.open(), database.open()];
  const [here, there] = [await logOf(a, clock), await logOf(b, clock)];
  a.reach(false);
  await here.record("one", notified(START), HOUR);
  await here.record("two", notified(START), HOUR);
  await there.record("two", notified(START + 1), HOUR);
  expect([here.get("one")?.timestamp, there.get("one")]).toEqual([START, undefined]);
  a.reach(true);
  await vi.waitFor(() => expect(there.get("one")?.timestamp).toBe(START));
  expect([here.get("two")?.timestamp, there.get("two")?.timestamp]).toEqual([START + 1, START + 1]);
});

test("refresh() reads the entry of another instance, and never an older one", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const [a, b] = [database.open(), database.open()];
  const [here, there] = [await logOf(a, clock), await logOf(b, clock)];
  await here.record("k", notified(START), HOUR);
  await there.refresh("k");
  expect(there.get("k")?.timestamp).toBe(START);
  a.reach(false);
  await here.record("k", notified(START + 5), HOUR);
  a.reach(true);
  await here.refresh("k");
  expect(here.get("k")?.timestamp).toBe(START + 5);
});

test("an unreadable entry does not end an instance, and the other entries of the same change count", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const [a, b] = [database.open(), database.open()];
  const [here, there] = [await silencesOf(a, clock), await silencesOf(b, clock)];
  const [log, other] = [await logOf(a, clock), await logOf(b, clock)];
  b.reach(false);
  const id = await here.set(wanted);
  await log.record("k", notified(START), HOUR);
  await damage(a, "silences");
  await damage(a, "notification_log");
  b.reach(true);
  await damage(a, "silences");
  await damage(a, "notification_log");
  expect([there.get(id)?.comment, there.all().length]).toEqual(["why", 1]);
  expect([other.get("k")?.timestamp, [...other.all()].length]).toEqual([START, 1]);
  expect((await silencesOf(database.open(), clock)).all().length).toBe(1);
  expect([...(await logOf(database.open(), clock)).all()].length).toBe(1);
});

test("a rule or a piece of history that cannot be read is skipped", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const [a, b] = [database.open(), database.open()];
  const shared = { clock, logger: memoryLogger() };
  const silences = await silencesOf(b, clock);
  const open = async (store: Store) => ({
    rules: await RecurringSilences.start({ ...shared, silences, collection: store.collection("rules") }),
    told: await NotificationHistory.load({ ...shared, retentionMs: HOUR, collection: store.collection("told") }),
    events: await AlertHistory.load({ ...shared, retentionMs: HOUR, collection: store.collection("events") }),
  });
  const before = await open(b);
  for (const name of ["rules", "told"]) await damage(a, name);
  const partial = { key: "x", value: '[{"at":1}]', expiresAt: START + HOUR };
  await a.collection("events").put(partial);
  const after = await open(database.open());
  for (const { rules, told, events } of [before, after]) {
    expect([rules.all().length, told.size, [...events.known()].length]).toEqual([0, 0, 0]);
    await rules.stop();
  }
  expect(shared.logger.lines.some(({ fields }) => String(fields["err"]).includes('the entry "x" is ignored'))).toBe(
    true,
  );
});
