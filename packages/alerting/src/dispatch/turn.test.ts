import { ManualClock } from "@narthex/runtime/testing";
import type { Lease, Leases } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import type { Delivery } from "./integration.ts";
import { leasedTurns } from "./leased-turns.ts";
import { NotificationLog } from "./notification-log.ts";
import { alertOf, rig, START, toldLines, UNMEASURED } from "../testing/rig.ts";

/** Leases of one process: who asks first has it first. */
function leasesInLine(): Leases {
  const lines = new Map<string, Promise<void>>();
  return {
    async take(key): Promise<Lease> {
      const before = lines.get(key) ?? Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      lines.set(
        key,
        before.then(() => promise),
      );
      await before;
      return { release: resolve };
    },
  };
}

const refused: Delivery = { kind: "retry", reason: "no route to host", failure: "other" };

async function instance(clock: ManualClock, database: SharedMemory, leases: Leases, outcomes: Delivery[]) {
  const store = database.open();
  // The rig's own log and this one are two views of the same collection.
  const log = await NotificationLog.load(store.collection("notification_log"), clock, 3_600_000, UNMEASURED);
  const one = await rig({ clock, store, coordination: leasedTurns(leases, log, clock), outcomes });
  one.alerts.put(alertOf(one, { alertname: "A", i: "a" }));
  return one;
}

test("an instance that does not reach the receiver leaves the turn to one that does, and does not tell again", async () => {
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
  expect(toldLines(well)).toEqual(['10s {}:{alertname="A"} first notification: a']);
  expect(toldLines(cutOff).length).toBe(1);
});

test("while none reaches the receiver both go on trying, and the first that does is the only one", async () => {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const leases = leasesInLine();
  const some = (length: number): Delivery[] => Array.from({ length }, () => refused);
  const one = await instance(clock, database, leases, some(3));
  const two = await instance(clock, database, leases, some(3));
  await clock.advance(30_000);
  const attempts = [one, two].map(({ told }) => told.length);
  expect(attempts.toSorted()).toEqual([3, 4]);
});
