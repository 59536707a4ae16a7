import { ManualClock } from "@narthex/runtime/testing";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import type { Coordination } from "./coordination.ts";
import { alertOf, equal, rig, START, toldLines } from "../testing/rig.ts";

/** A turn that is held up for ten seconds. */
const slowTurns = (clock: ManualClock): Coordination => ({
  ready: async () => undefined,
  patienceMs: () => 15_000,
  async turn(_key, signal) {
    await clock.sleep(10_000, signal);
    return async () => undefined;
  },
});

async function pair() {
  const clock = new ManualClock(START);
  const database = new SharedMemory();
  const fast = await rig({ clock, store: database.open(), tookMs: [500] });
  const slow = await rig({ clock, store: database.open(), coordination: slowTurns(clock) });
  return { clock, fast, slow };
}

test("an instance whose turn comes late says what is true then, not what was true when it began to wait", async () => {
  const { clock, fast, slow } = await pair();
  const a = alertOf(fast, { alertname: "A", i: "a" });
  fast.alerts.put(a);
  slow.alerts.put(a);
  await clock.advance(9999);
  slow.alerts.put(alertOf(slow, { alertname: "A", i: "b" })); // the other has not heard of it yet
  await clock.advance(2000);
  for (const one of [fast, slow]) one.alerts.put({ ...a, updatedAt: clock.now(), endsAt: clock.now() });
  await clock.advance(10_000);
  expect(toldLines(fast)).toEqual(['10s {}:{alertname="A"} first notification: a']);
  expect(toldLines(slow)).toEqual(['20s {}:{alertname="A"} new alerts added: !a b']);
});

test("an instance whose turn comes late says nothing of what was silenced meanwhile", async () => {
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
  expect([toldLines(fast).length, toldLines(slow)]).toEqual([1, []]);
});
