import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import type { Lease, Leases } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import type { Delivery } from "@narthex/notification";
import { alertHash } from "../alerts/fingerprint.ts";
import type { Coordination } from "./coordination.ts";
import { leaseCoordination } from "./lease-coordination.ts";
import { NotificationLog } from "./notification-log.ts";
import { alertOf, equal, notificationLines, rig, START, NO_METRICS } from "../testing/rig.ts";

/** Returns leases for one process. Requests for leases are granted in the order of the requests. */
function leasesInLine(): Leases {
  const lines = new Map<string, Promise<void>>();
  return {
    isAlone: async () => false,
    async take(key): Promise<Lease> {
      const before = lines.get(key) ?? Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      lines.set(
        key,
        before.then(() => promise),
      );
      await before;
      return { isHeld: () => true, lost: new AbortController().signal, release: resolve };
    },
  };
}

const refused: Delivery = { kind: "retry", reason: "no route to host", failure: "other" };

async function instance(clock: ManualClock, database: SharedMemory, leases: Leases, outcomes: Delivery[]) {
  const store = database.open();
  // Loads the notification log that the leases update. rig() loads a second notification log from the same collection.
  const log = await NotificationLog.load({
    collection: store.collection("notification_log"),
    clock,
    retentionMs: 3_600_000,
    metrics: NO_METRICS,
    logger: memoryLogger(),
  });
  const one = await rig({ clock, store, coordination: leaseCoordination(leases, log, clock), outcomes });
  one.alerts.put(alertOf(one, { alertname: "A", i: "a" }));
  return one;
}

test("an instance that cannot reach the receiver releases the lock for an instance that can, and does not notify again", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const leases = leasesInLine();
  const cutOff = await instance(
    clock,
    database,
    leases,
    Array.from({ length: 20 }, () => refused),
  );
  const well = await instance(clock, database, leases, []);
  await clock.advance(12_000);
  expect(notificationLines(well)).toEqual(['10s {}:{alertname="A"} first notification: a']);
  expect(notificationLines(cutOff).length).toBe(1);
});

test("while no instance reaches the receiver both keep trying, and only the first that reaches it notifies", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const leases = leasesInLine();
  const some = (length: number): Delivery[] => Array.from({ length }, () => refused);
  const one = await instance(clock, database, leases, some(3));
  const two = await instance(clock, database, leases, some(3));
  await clock.advance(30_000);
  const attempts = [one, two].map(({ notified }) => notified.length);
  expect(attempts.toSorted()).toEqual([3, 4]);
});

/**
 * Returns leases of a database. The first lease is lost after `ms`, and another instance then holds the lease for a
 * second; later leases are not lost.
 */
function leasesLostAfter(clock: ManualClock, ms: number): Leases {
  let isFirst = true;
  return {
    isAlone: async () => false,
    async take(_key, signal): Promise<Lease> {
      const lost = new AbortController();
      if (!isFirst) {
        await clock.sleep(1000, signal);
        return { isHeld: () => true, lost: lost.signal, release: () => undefined };
      }
      isFirst = false;
      const until = clock.monotonic() + ms;
      clock.after(ms, () => lost.abort(new Error("the lease was lost")));
      return { isHeld: () => clock.monotonic() < until, lost: lost.signal, release: () => undefined };
    },
  };
}

async function losing(ms: number, tookMs: number[], outcomes: Delivery[] = []) {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const other = await NotificationLog.load({
    collection: database.open().collection("notification_log"),
    clock,
    retentionMs: 3_600_000,
    metrics: NO_METRICS,
    logger: memoryLogger(),
  });
  const store = database.open();
  const leases = leasesLostAfter(clock, ms);
  const log = await NotificationLog.load({
    collection: store.collection("notification_log"),
    clock,
    retentionMs: 3_600_000,
    metrics: NO_METRICS,
    logger: memoryLogger(),
  });
  const one = await rig({ clock, store, coordination: leaseCoordination(leases, log, clock), outcomes, tookMs });
  const alert = alertOf(one, { alertname: "A", i: "a" });
  one.alerts.put(alert);
  return { clock, one, other, alert };
}

test("an attempt is aborted when its lease is lost, and is repeated with the next lease", async () => {
  const { clock, one } = await losing(2000, [5000]);
  await clock.advance(30_000);
  expect(one.notified.map(({ at }) => at)).toEqual([10, 13]);
  expect(one.log.get('{}:{alertname="A"}:all/webhook/0')?.timestamp).toBe(START + 13_000);
});

test.each([
  [2000, 12_500, [10]],
  [0, 10_500, []],
])(
  "what another instance notifies after the lease was lost (%s ms after it was granted) is not notified again",
  async (ms, at, attempts) => {
    const { clock, one, other, alert } = await losing(ms, [5000]);
    await clock.advance(at);
    const notified = { firing: [alertHash(alert.labels)], resolved: [], timestamp: clock.now(), data: {} };
    await other.record('{}:{alertname="A"}:all/webhook/0', notified, 3_600_000);
    await clock.advance(30_000);
    expect(one.notified.map((each) => each.at)).toEqual(attempts);
    expect(one.logger.lines.filter(({ level }) => level !== "debug")).toEqual([]);
  },
);

/** Returns a coordination whose locks take ten seconds to acquire. */
const slowLocks = (clock: ManualClock): Coordination => ({
  ready: async () => undefined,
  maxWaitMs: () => 15_000,
  async acquire(_key, signal) {
    await clock.sleep(10_000, signal);
    return { release: async () => undefined };
  },
});

async function pair() {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const fast = await rig({ clock, store: database.open(), tookMs: [500] });
  const slow = await rig({ clock, store: database.open(), coordination: slowLocks(clock) });
  return { clock, fast, slow };
}

test("an instance that acquires the lock late sends the current state, not the state when it began to wait", async () => {
  const { clock, fast, slow } = await pair();
  const a = alertOf(fast, { alertname: "A", i: "a" });
  fast.alerts.put(a);
  slow.alerts.put(a);
  await clock.advance(9999);
  // Posts alert b to the slow instance only.
  slow.alerts.put(alertOf(slow, { alertname: "A", i: "b" }));
  await clock.advance(2000);
  for (const one of [fast, slow]) one.alerts.put({ ...a, updatedAt: clock.now(), endsAt: clock.now() });
  await clock.advance(10_000);
  expect(notificationLines(fast)).toEqual(['10s {}:{alertname="A"} first notification: a']);
  expect(notificationLines(slow)).toEqual(['20s {}:{alertname="A"} new alerts added: !a b']);
});

test("an instance that acquires the lock late sends no alerts that were silenced meanwhile", async () => {
  const { clock, fast, slow } = await pair();
  const a = alertOf(fast, { alertname: "A", i: "a" });
  fast.alerts.put(a);
  slow.alerts.put(a);
  slow.alerts.put(alertOf(slow, { alertname: "A", i: "b" }));
  await clock.advance(11_000);
  await fast.silences.set({
    id: "",
    matchers: [equal("alertname", "A")],
    startsAt: clock.now(),
    endsAt: clock.now() + 3_600_000,
    createdBy: "me",
    comment: "why",
    annotations: {},
  });
  await clock.advance(10_000);
  expect([notificationLines(fast).length, notificationLines(slow)]).toEqual([1, []]);
});
