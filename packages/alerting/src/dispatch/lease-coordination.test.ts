import { type Lease, type Leases, StoreUnavailableError } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Coordination } from "./coordination.ts";
import { alertHash } from "../alerts/fingerprint.ts";
import { leaseCoordination } from "./lease-coordination.ts";
import { NotificationLog } from "./notification-log.ts";
import { alertOf, rig, START, notificationLines, NO_METRICS } from "../testing/rig.ts";

const { signal } = new AbortController();
const HOUR = 3_600_000;

/** A lease that is never lost. */
const leaseThat = (release: () => void): Lease => ({ isHeld: () => true, lost: new AbortController().signal, release });

/** Leases that note what is done with them. */
function leasesThat(lease: Lease | undefined, steps: string[]): Leases {
  return {
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
    NotificationLog.load(store.collection("notification_log"), clock, HOUR, NO_METRICS);
  return { clock, a, b, here: await load(a), there: await load(b) };
}

const notified = { firing: ["1"], resolved: [], timestamp: START, data: {} };

test("a lock begins with the lease and what others noted, and ends with the lease's return", async () => {
  const { clock, a, b, here, there } = await open();
  b.reach(false); // it does not hear of the pass by itself
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

test("without a database a lock goes by what is known here", async () => {
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
  here.refresh = () => Promise.reject(new StoreUnavailableError("away"));
  await (await leaseCoordination(leases, here, clock).acquire("k", signal)).release();
  expect(steps).toEqual(["take k", "release", "take k", "release"]);
});

test("an instance that was down says nothing against a log that knows better, until it has heard anew", async () => {
  const { clock, slept, log } = await restarted();
  const a = alertOf(slept, { alertname: "A", i: "a" });
  slept.alerts.put({ ...a, updatedAt: START - 60_000 });
  const [ended, fresh] = [
    { alertname: "A", i: "a" },
    { alertname: "A", i: "new" },
  ].map((labels) => alertHash(alertOf(slept, labels).labels));
  const key = '{}:{alertname="A"}:all/webhook/0';
  await log.record(key, { firing: [fresh!], resolved: [ended!], timestamp: START - 1000, data: {} }, HOUR);
  await clock.advance(75_000); // "a" would fire again
  slept.alerts.put({ ...a, updatedAt: clock.now(), endsAt: clock.now() });
  await clock.advance(60_000); // all would be well
  expect(notificationLines(slept)).toEqual([]);
  slept.alerts.put(alertOf(slept, { alertname: "A", i: "new" }));
  await clock.advance(60_000);
  expect(notificationLines(slept)).toEqual([]);
  slept.alerts.put(alertOf(slept, { alertname: "A", i: "newer" }));
  await clock.advance(60_000);
  expect(notificationLines(slept)).toEqual(['250s {}:{alertname="A"} new alerts added: new newer']);
});

test("what nobody speaks of any more is not waited for", async () => {
  const { clock, slept, log } = await restarted();
  const key = '{}:{alertname="A"}:all/webhook/0';
  await log.record(key, { firing: ["gone"], resolved: [], timestamp: START - 1000, data: {} }, HOUR);
  slept.alerts.put(alertOf(slept, { alertname: "A", i: "a" }));
  await clock.advance(149_000);
  expect(notificationLines(slept)).toEqual([]);
  await clock.advance(60_000);
  expect(notificationLines(slept).length).toBe(1);
});

/** An instance that has just been started, and a log that others went on writing. */
async function restarted() {
  const clock = new ManualClock(START);
  const store = new SharedMemory().open();
  const log = await NotificationLog.load(store.collection("notification_log"), clock, HOUR, NO_METRICS);
  const coordination: Coordination = leaseCoordination(
    leasesThat(
      leaseThat(() => undefined),
      [],
    ),
    log,
    clock,
  );
  const slept = await rig({ clock, store, coordination });
  return { clock, slept, log: slept.log };
}
