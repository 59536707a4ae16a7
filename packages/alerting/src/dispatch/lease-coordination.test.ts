import { type Lease, type Leases, StoreError, StoreUnavailableError } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Coordination } from "./coordination.ts";
import { alertHash } from "../alerts/fingerprint.ts";
import { leaseCoordination } from "./lease-coordination.ts";
import { NotificationLog } from "./notification-log.ts";
import { alertOf, rig, START, notificationLines, NO_METRICS } from "../testing/rig.ts";

const { signal } = new AbortController();
const HOUR = 3_600_000;

/** Returns a lease that is never lost and that calls `release` when it is released. */
const leaseThat = (release: () => void): Lease => ({ isHeld: () => true, lost: new AbortController().signal, release });

/** Returns leases of a database that record each call in `steps`. */
function leasesThat(lease: Lease | undefined, steps: string[], isAlone: () => boolean = () => false): Leases {
  return {
    isAlone: async () => isAlone(),
    async take(key) {
      steps.push(`take ${key}`);
      return lease;
    },
  };
}

async function open() {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const [a, b] = [database.open(), database.open()];
  const load = (store: typeof a): Promise<NotificationLog> =>
    NotificationLog.load({
      collection: store.collection("notification_log"),
      clock,
      retentionMs: HOUR,
      metrics: NO_METRICS,
      logger: memoryLogger(),
    });
  return { clock, a, b, here: await load(a), there: await load(b) };
}

const notified = { firing: ["1"], resolved: [], timestamp: START, data: {} };

test("a lock begins with acquiring the lease and reading the entries of others, and ends with releasing the lease", async () => {
  const { clock, a, b, here, there } = await open();
  // Disconnects b from the store while the entry is written, so only acquire() can read the entry.
  b.reach(false);
  await here.record("k", notified, HOUR);
  b.reach(true);
  const steps: string[] = [];
  const lock = await leaseCoordination(
    leasesThat(
      leaseThat(() => steps.push("release")),
      steps,
    ),
    there,
    clock,
  ).acquire("k", signal);
  expect(there.get("k")?.timestamp).toBe(START);
  expect(steps).toEqual(["take k"]);
  await lock.release();
  expect(steps).toEqual(["take k", "release"]);
  await a.close();
});

test("without a database a lock uses the local log", async () => {
  const { clock, a, here } = await open();
  a.reach(false);
  await here.record("k", notified, HOUR);
  const alone = await leaseCoordination(leasesThat(undefined, []), here, clock).acquire("k", signal);
  await alone.release();
  const steps: string[] = [];
  const lost = await leaseCoordination(
    leasesThat(
      leaseThat(() => steps.push("release")),
      steps,
    ),
    here,
    clock,
  ).acquire("k", signal);
  await lost.release();
  expect([here.get("k")?.timestamp, ...steps]).toEqual([START, "take k", "release"]);
});

test("a lock that fails holds no lease", async () => {
  const { clock, here } = await open();
  const steps: string[] = [];
  const leases = leasesThat(
    leaseThat(() => steps.push("release")),
    steps,
  );
  here.refresh = () => Promise.reject(new Error("broken"));
  await expect(leaseCoordination(leases, here, clock).acquire("k", signal)).rejects.toThrow("broken");
  for (const error of [new StoreUnavailableError("away"), new StoreError("permission denied")]) {
    here.refresh = () => Promise.reject(error);
    await (await leaseCoordination(leases, here, clock).acquire("k", signal)).release();
  }
  expect(steps).toEqual(["take k", "release", "take k", "release", "take k", "release"]);
});

test("an instance that was down follows the log until its sources have reported again", async () => {
  const { clock, slept, log } = await restarted();
  const a = alertOf(slept, { alertname: "A", i: "a" });
  slept.alerts.put({ ...a, updatedAt: START - 60_000 });
  const [ended, fresh] = [
    { alertname: "A", i: "a" },
    { alertname: "A", i: "new" },
  ].map((labels) => alertHash(alertOf(slept, labels).labels));
  const key = '{}:{alertname="A"}:all/webhook/0';
  await log.record(key, { firing: [fresh!], resolved: [ended!], timestamp: START - 1000, data: {} }, HOUR);
  // Advances the clock beyond the time at which an instance that ignored the log would notify that "a" fires again.
  await clock.advance(75_000);
  slept.alerts.put({ ...a, updatedAt: clock.now(), endsAt: clock.now() });
  // Advances the clock beyond the time at which an instance that ignored the log would notify that all alerts are
  // resolved.
  await clock.advance(60_000);
  expect(notificationLines(slept)).toEqual([]);
  slept.alerts.put(alertOf(slept, { alertname: "A", i: "new" }));
  await clock.advance(60_000);
  expect(notificationLines(slept)).toEqual([]);
  slept.alerts.put(alertOf(slept, { alertname: "A", i: "newer" }));
  await clock.advance(60_000);
  expect(notificationLines(slept)).toEqual(['250s {}:{alertname="A"} new alerts added: new newer']);
});

test("an instance does not wait for alerts that no source reports any more", async () => {
  const { clock, slept, log } = await restarted();
  const key = '{}:{alertname="A"}:all/webhook/0';
  await log.record(key, { firing: ["gone"], resolved: [], timestamp: START - 1000, data: {} }, HOUR);
  slept.alerts.put(alertOf(slept, { alertname: "A", i: "a" }));
  await clock.advance(149_000);
  expect(notificationLines(slept)).toEqual([]);
  await clock.advance(60_000);
  expect(notificationLines(slept).length).toBe(1);
});

test("an instance that is alone notifies a new alert at once, even if the log names alerts that it has lost", async () => {
  let isAlone = false;
  const { clock, slept, log } = await restarted(() => isAlone);
  const key = '{}:{alertname="A"}:all/webhook/0';
  await log.record(key, { firing: ["lost"], resolved: [], timestamp: START - 1000, data: {} }, HOUR);
  slept.alerts.put(alertOf(slept, { alertname: "A", i: "new" }));
  await clock.advance(11_000);
  expect(notificationLines(slept)).toEqual([]);
  // Simulates that the other instance has ended.
  isAlone = true;
  await clock.advance(60_000);
  expect(notificationLines(slept)).toEqual(['70s {}:{alertname="A"} new alerts added: new']);
});

test("the time after a start is measured by the monotonic clock", async () => {
  const { clock, slept, log } = await restarted();
  const key = '{}:{alertname="A"}:all/webhook/0';
  await log.record(key, { firing: ["gone"], resolved: [], timestamp: START - 1000, data: {} }, HOUR);
  slept.alerts.put(alertOf(slept, { alertname: "A", i: "a" }));
  clock.setWall(START - 3_600_000);
  await clock.advance(220_000);
  expect(notificationLines(slept).length).toBe(1);
});

/** Returns an instance that was down while other instances sent notifications, together with its notification log. */
async function restarted(isAlone = () => false) {
  const clock = new ManualClock(START);
  const store = new SharedMemory().open();
  const log = await NotificationLog.load({
    collection: store.collection("notification_log"),
    clock,
    retentionMs: HOUR,
    metrics: NO_METRICS,
    logger: memoryLogger(),
  });
  const coordination: Coordination = leaseCoordination(
    leasesThat(
      leaseThat(() => undefined),
      [],
      isAlone,
    ),
    log,
    clock,
  );
  const slept = await rig({ clock, store, coordination });
  return { clock, slept, log: slept.log };
}

test("if the database refuses statements, notifications are still sent, and their entry is written when the database accepts statements again", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const store = database.open();
  const one = await rig({ clock, store });
  store.refuse("could not extend file: No space left on device");
  one.alerts.put(alertOf(one, { alertname: "A", i: "a" }));
  await clock.advance(11_000);
  one.alerts.put(alertOf(one, { alertname: "B", i: "b" }));
  await clock.advance(100_000);
  expect(notificationLines(one)).toEqual([
    '10s {}:{alertname="A"} first notification: a',
    '21s {}:{alertname="B"} first notification: b',
  ]);
  const logged = (): readonly string[] =>
    one.logger.lines.filter(({ level }) => level !== "debug").map(({ message }) => message);
  expect(logged()).toEqual(["Writing the notification log failed"]);
  store.refuse(undefined);
  one.alerts.put(alertOf(one, { alertname: "C", i: "c" }));
  await clock.advance(11_000);
  expect((await store.collection("notification_log").entries()).map(({ key }) => key.slice(0, 17))).toEqual(
    ["A", "B", "C"].map((name) => `{}:{alertname="${name}"`.slice(0, 17)),
  );
  expect(logged()[1]).toBe("Writing the notification log works again");
});

test("an alert that fires again is notified even if another instance's clock is ahead", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const behind = await rig({ clock, store: database.open() });
  const key = '{}:{alertname="A"}:all/webhook/0';
  const ahead = await NotificationLog.load({
    collection: database.open().collection("notification_log"),
    clock: new ManualClock(START + 300_000),
    retentionMs: HOUR,
    metrics: NO_METRICS,
    logger: memoryLogger(),
  });
  const a = alertOf(behind, { alertname: "A", i: "a" });
  await ahead.record(key, { firing: [alertHash(a.labels)], resolved: [], timestamp: START + 300_000, data: {} }, HOUR);
  // Ends the alert, so that this instance sends the notification about the end at its next flush.
  behind.alerts.put({ ...a, endsAt: START + 5000 });
  await clock.advance(11_000);
  await behind.log.refresh(key);
  // The alert fires again.
  behind.alerts.put({ ...a, startsAt: clock.now(), updatedAt: clock.now() });
  await clock.advance(70_000);
  expect(notificationLines(behind)).toEqual([
    '10s {}:{alertname="A"} all alerts resolved: !a',
    '21s {}:{alertname="A"} first notification: a',
  ]);
  expect(ahead.get(key)?.firing.length).toBe(1);
});
