import { type Lease, type Leases, StoreAwayError } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { leasedTurns } from "./leased-turns.ts";
import { NotificationLog } from "./notification-log.ts";
import { START, UNMEASURED } from "./testing/rig.ts";

const { signal } = new AbortController();
const HOUR = 3_600_000;

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
    NotificationLog.load(store.collection("notification_log"), clock, HOUR, UNMEASURED);
  return { a, b, here: await load(a), there: await load(b) };
}

const told = { firing: ["1"], resolved: [], timestamp: START, data: {} };

test("a turn begins with the lease and what others noted, and ends with the lease's return", async () => {
  const { a, b, here, there } = await open();
  b.reach(false); // it does not hear of the pass by itself
  await here.record("k", told, HOUR);
  b.reach(true);
  const steps: string[] = [];
  const end = await leasedTurns(leasesThat({ release: () => steps.push("release") }, steps), there).turn("k", signal);
  expect(there.get("k")?.timestamp).toBe(START);
  expect(steps).toEqual(["take k"]);
  await end();
  expect(steps).toEqual(["take k", "release"]);
  await a.close();
});

test("without a database a turn goes by what is known here", async () => {
  const { a, here } = await open();
  a.reach(false);
  await here.record("k", told, HOUR);
  const alone = await leasedTurns(leasesThat(undefined, []), here).turn("k", signal);
  await alone();
  const steps: string[] = [];
  const lost = await leasedTurns(leasesThat({ release: () => steps.push("release") }, steps), here).turn("k", signal);
  await lost();
  expect([here.get("k")?.timestamp, ...steps]).toEqual([START, "take k", "release"]);
});

test("a turn that fails holds no lease", async () => {
  const { here } = await open();
  const steps: string[] = [];
  const leases = leasesThat({ release: () => steps.push("release") }, steps);
  here.refresh = () => Promise.reject(new Error("broken"));
  await expect(leasedTurns(leases, here).turn("k", signal)).rejects.toThrow("broken");
  here.refresh = () => Promise.reject(new StoreAwayError("away"));
  await (
    await leasedTurns(leases, here).turn("k", signal)
  )();
  expect(steps).toEqual(["take k", "release", "take k", "release"]);
});
