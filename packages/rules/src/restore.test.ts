import { Labels } from "@narthex/model";
import { testCases, testSeed } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RuleGroup } from "./group.ts";
import { restoredActiveAt } from "./restore.ts";
import { storedStart } from "./stored-alert.ts";
import { parseRuleFile } from "./rule-file.ts";
import { testGroupContext } from "./testing/group-context.ts";
import { element } from "./testing/scripted-query.ts";

const MINUTE = 60_000;
const GRACE = 10 * MINUTE;

test("restoredActiveAt() lets an alert fire immediately if its time of `for` was over before the outage", () => {
  expect(restoredActiveAt(0, 30 * MINUTE, 40 * MINUTE, 30 * MINUTE, GRACE)).toBe(0);
});

test("restoredActiveAt() gives an almost-firing alert the grace period", () => {
  expect(restoredActiveAt(0, 25 * MINUTE, 40 * MINUTE, 30 * MINUTE, GRACE)).toBe(20 * MINUTE);
});

test("otherwise restoredActiveAt() does not count the time of the outage", () => {
  expect(restoredActiveAt(0, 5 * MINUTE, 40 * MINUTE, 30 * MINUTE, GRACE)).toBe(35 * MINUTE);
});

test("restoredActiveAt() gives no grace period to a `for` that is shorter", () => {
  expect(restoredActiveAt(0, 4 * MINUTE, 40 * MINUTE, 5 * MINUTE, GRACE)).toBe(36 * MINUTE);
  expect(restoredActiveAt(0, 5 * MINUTE, 40 * MINUTE, 5 * MINUTE, GRACE)).toBe(0);
});

/**
 * Evaluates a rule with one alert once a minute. Returns the state of the alert after each evaluation.
 *
 * @param isTrue whether the rule's expression returns the alert, for each evaluation
 * @param restartAfter numbers of evaluations after which the server restarts
 * @param isFirstStart whether the server starts for the first time. It then stores no alerts in its first two evaluations.
 */
async function statesOf(
  timing: { readonly forMinutes: number; readonly keepMinutes: number },
  isTrue: readonly boolean[],
  restartAfter: number | readonly number[] = [],
  isFirstStart = false,
) {
  const { forMinutes, keepMinutes } = timing;
  const rule = `{alert: A, expr: up, for: ${forMinutes}m, keep_firing_for: ${keepMinutes}m, annotations: {at: '{{ $value }}'}}`;
  const loaded = parseRuleFile(`groups:\n- name: g\n  rules:\n  - ${rule}`, "r.yml");
  if (!loaded.ok) throw new Error("the rule file is wrong");
  const minuteOf = (ms: number): number => Math.floor(ms / MINUTE);
  const rig = testGroupContext({
    up: (ms) => (isTrue[minuteOf(ms)] === true ? [element({ job: "j" }, minuteOf(ms))] : []),
  });
  const open = (shouldRestore: boolean): RuleGroup => {
    const defaults = { intervalMs: MINUTE, queryOffsetMs: 0, externalLabels: Labels.EMPTY };
    const group = new RuleGroup("r.yml", loaded.value[0]!, defaults, rig.context, shouldRestore);
    group.start();
    return group;
  };
  let group = open(isFirstStart);
  const states: string[] = [];
  for (let minute = 0; minute < isTrue.length; minute++) {
    if ([restartAfter].flat().includes(minute)) {
      await group.stop();
      group = open(true);
    }
    await rig.clock.advance(MINUTE);
    states.push(group.rules[0]!.alertState!.activeAlerts[0]?.state ?? "none");
  }
  await group.stop();
  return { states, alert: group.rules[0]!.alertState!.activeAlerts[0], sent: rig.sent };
}

test("an alert with a short `for` fires on after a restart", async () => {
  const { states, sent } = await statesOf({ forMinutes: 5, keepMinutes: 0 }, Array(14).fill(true), 10);
  expect(states.slice(4)).toEqual(["pending", ...Array(5).fill("firing"), "pending", "firing", "firing", "firing"]);
  expect(sent.map(({ alert }) => alert.state)).not.toContain("inactive");
});

test("a firing alert is sent with its start of before a restart", async () => {
  for (const forMinutes of [0, 1, 2, 5]) {
    const { sent } = await statesOf({ forMinutes, keepMinutes: 0 }, Array(16).fill(true), 10);
    expect(sent.length).toBeGreaterThan(4);
    expect(new Set(sent.map(({ alert }) => alert.firedAtMs)).size, `for: ${forMinutes}m`).toBe(1);
    expect(new Set(sent.map(({ alert }) => alert.activeAtMs)).size).toBe(1);
  }
});

test("an alert that did not fire before a restart has a new start", async () => {
  const isTrue = Array.from({ length: 14 }, (_, minute) => minute < 4 || minute >= 10);
  const { sent } = await statesOf({ forMinutes: 0, keepMinutes: 0 }, isTrue, 10);
  const starts = new Set(sent.map(({ alert }) => alert.firedAtMs));
  expect(starts.size).toBe(2);
});

test("storedStart() finds the times of a start in the schedule of the group", () => {
  const schedule = { intervalMs: 2000, slotOffsetNs: 1_700_000_500n };
  const seen = { labels: Labels.EMPTY, activeSinceMs: 7000 };
  const start = { activeAtMs: 7700, firedAtMs: 11_700 };
  expect(storedStart({ ...seen, lastSeenMs: 11_700 }, 3000, schedule)).toEqual(start);
  expect(storedStart({ ...seen, lastSeenMs: 9700 }, 3000, schedule)).toBeUndefined();
});

test("storedStart() is exact to a second if the schedule has changed", () => {
  const schedule = { intervalMs: 60_000, slotOffsetNs: 0n };
  const stored = { labels: Labels.EMPTY, activeSinceMs: 7000, lastSeenMs: 200_000 };
  expect(storedStart(stored, 0, schedule)).toEqual({ activeAtMs: 7000, firedAtMs: 7000 });
});

test("an alert that keep_firing_for keeps is kept after a restart, with the annotations of its last result", async () => {
  // The expression returns the alert in the first 5 minutes. The alert is kept for 10 minutes, 5 of them before the
  // restart. The two evaluations until the alert is restored do not count.
  const isTrue = Array.from({ length: 20 }, (_, minute) => minute < 5);
  const { states } = await statesOf({ forMinutes: 0, keepMinutes: 10 }, isTrue, 10);
  expect(states).toEqual([...Array(10).fill("firing"), "none", ...Array(6).fill("firing"), "none", "none", "none"]);
  const { alert } = await statesOf({ forMinutes: 0, keepMinutes: 10 }, isTrue.slice(0, 13), 10);
  expect([...alert!.annotations]).toEqual([["at", "4"]]);
});

test("an alert is kept over a restart even if its condition ended before the alert was stored", async () => {
  const { states } = await statesOf(
    { forMinutes: 0, keepMinutes: 10 },
    [true, true, ...Array(18).fill(false)] as boolean[],
    5,
    true,
  );
  expect(states.slice(7)).toEqual([...Array(7).fill("firing"), ...Array(6).fill("none")]);
});

test("the time of keep_firing_for counts evaluations, so two restarts do not end it", async () => {
  // The alert is kept for 10 evaluations: 2 before the first restart, 3 between both, 5 after the second. Each
  // restart takes 2 more evaluations, which restore the alert.
  const isTrue = Array.from({ length: 24 }, (_, minute) => minute < 5);
  const { states } = await statesOf({ forMinutes: 0, keepMinutes: 10 }, isTrue, [7, 12]);
  const kept = (count: number): string[] => Array(count).fill("firing") as string[];
  expect(states.slice(7)).toEqual(["none", ...kept(4), "none", ...kept(6), "none", "none", "none", "none", "none"]);
});

test("an alert that was resolved before a restart stays resolved", async () => {
  const isTrue = Array.from({ length: 14 }, (_, minute) => minute < 5);
  const { states } = await statesOf({ forMinutes: 0, keepMinutes: 2 }, isTrue, 9);
  expect(states.slice(7)).toEqual(Array(7).fill("none"));
});

test("after a restart an alert goes on as if the two evaluations that restore it had not been", async () => {
  const scenario = fc.record({
    timing: fc.record({ forMinutes: fc.integer({ min: 0, max: 6 }), keepMinutes: fc.integer({ min: 0, max: 6 }) }),
    isTrue: fc.array(fc.boolean().chain((value) => fc.array(fc.constant(value), { minLength: 1, maxLength: 5 }))),
    restartAfter: fc.integer({ min: 1, max: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ timing, isTrue: runs, restartAfter }) => {
      const isTrue = [...runs.flat(), false, false, false].slice(0, 30);
      fc.pre(restartAfter < isTrue.length);
      const whole = await statesOf(timing, isTrue);
      const next = isTrue[restartAfter]!;
      // An alert that begins with the restart has nothing to restore.
      fc.pre(!next || whole.states[restartAfter - 1] !== "none");
      const halted = [...isTrue.slice(0, restartAfter), next, next, ...isTrue.slice(restartAfter)];
      const restarted = await statesOf(timing, halted, restartAfter);
      expect(restarted.states.slice(restartAfter + 2)).toEqual(whole.states.slice(restartAfter));
    }),
    { seed: testSeed(), numRuns: testCases(150, 1000) },
  );
});

test("the stored alerts of a rule are read once in each evaluation before the restoration, and not after it", async () => {
  const loaded = parseRuleFile("groups:\n- name: g\n  rules:\n  - {alert: A, expr: up, keep_firing_for: 5m}", "r.yml");
  if (!loaded.ok) throw new Error("the rule file is wrong");
  const rig = testGroupContext({ up: () => [element({ job: "j" }, 1)] });
  const reads: number[] = [];
  const history = {
    querier: (from: number, to: number) => {
      reads.push(Math.floor(to / MINUTE));
      return rig.storage.querier(from, to);
    },
  };
  const defaults = { intervalMs: MINUTE, queryOffsetMs: 0, externalLabels: Labels.EMPTY };
  const group = new RuleGroup("r.yml", loaded.value[0]!, defaults, { ...rig.context, history }, true);
  group.start();
  for (let minute = 0; minute < 5; minute++) await rig.clock.advance(MINUTE);
  await group.stop();
  expect(reads).toHaveLength(2);
  expect(new Set(reads).size).toBe(2);
});
