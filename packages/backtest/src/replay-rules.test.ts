import fc from "fast-check";
import { ManualClock, testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { ReplayedGroup } from "./replayed-group.ts";
import type { ReplayedRule } from "./replayed-rule.ts";
import { replayRules, slots } from "./replay-rules.ts";
import {
  behaviourText,
  context,
  groupsOf,
  livedGroups,
  MINUTE,
  ruleGroup,
  ruleText,
  seriesValues,
  START,
  storageOf,
  type Values,
} from "./testing/scenarios.ts";

async function replay(text: string, series: Readonly<Record<string, Values>>, minutes = 60, behaviours = "") {
  const clock = new ManualClock(START);
  const history = await storageOf(series);
  const range = { fromMs: START, toMs: START + minutes * MINUTE };
  return replayRules({ ...context(clock), groups: groupsOf(text, behaviours), history, ...range });
}

const shown = (rules: readonly ReplayedRule[]) =>
  rules.map(({ spec, spans, failures, evaluations }) => ({
    name: spec.name,
    evaluations,
    failures: failures?.count ?? 0,
    spans: spans.all
      .map(({ labels, activeAtMs, firedAtMs, endedAtMs, value, annotations }) =>
        [
          labels.toString(),
          activeAtMs,
          firedAtMs,
          endedAtMs,
          ...(firedAtMs === undefined ? [] : [value, ...annotations.values()]),
        ].join(" "),
      )
      .sort(),
  }));

/** Evaluates the groups as a server does, one evaluation after the other, and returns the same report. */
async function lived(
  text: string,
  series: Readonly<Record<string, Values>>,
  times: (group: ReplayedGroup) => readonly number[],
  behaviours = "",
) {
  const clock = new ManualClock(START);
  const storage = await storageOf(series);
  const groups = livedGroups(text, storage, clock, () => undefined, behaviours);
  interface Seen {
    active: number;
    fired: number | undefined;
    ended: number | undefined;
    rest: string;
  }
  const open = new Map<string, Seen>();
  const all = new Map<string, Seen[]>();
  const failed = new Map<string, number>();
  const counts = new Map<string, number>();
  const turns = groups.flatMap((one) => times(one.replayed).map((ts) => ({ ts, ...one })));
  for (const { ts, group } of turns.sort((a, b) => a.ts - b.ts)) {
    await group.evaluate(ts);
    for (const [index, { spec, alertState, lastError }] of group.rules.entries()) {
      const rule = `${group.spec.name}/${index}/${spec.name}`;
      counts.set(rule, (counts.get(rule) ?? 0) + 1);
      if (lastError !== undefined) failed.set(rule, (failed.get(rule) ?? 0) + 1);
      if (alertState === undefined) continue;
      const now = new Map(alertState.activeAlerts.map((alert) => [`${rule} ${alert.labels.toString()}`, alert]));
      for (const [key, seen] of open)
        if (key.startsWith(`${rule} `) && !now.has(key)) {
          seen.ended = ts;
          open.delete(key);
        }
      for (const [key, alert] of now) {
        let seen = open.get(key);
        if (seen === undefined) {
          seen = { active: alert.activeAtMs, fired: undefined, ended: undefined, rest: "" };
          open.set(key, seen);
          all.set(key, [...(all.get(key) ?? []), seen]);
        }
        if (alert.state === "firing" && seen.fired === undefined) {
          seen.fired = ts;
          seen.rest = [alert.value, ...alert.annotations.values()].join(" ");
        }
      }
    }
  }
  return groups.flatMap(({ group }) =>
    group.rules.map(({ spec }, index) => {
      const rule = `${group.spec.name}/${index}/${spec.name}`;
      return {
        name: spec.name,
        evaluations: counts.get(rule) ?? 0,
        failures: failed.get(rule) ?? 0,
        spans: [...all]
          .filter(([key]) => key.startsWith(`${rule} `))
          .flatMap(([key, list]) =>
            list.map(({ active, fired, ended, rest }) =>
              [key.slice(rule.length + 1), active, fired, ended, ...(fired === undefined ? [] : [rest])].join(" "),
            ),
          )
          .sort(),
      };
    }),
  );
}

const high = (minutes: number, from: number, to: number): Values =>
  Array.from({ length: minutes * 2 }, (_, at) => (at >= from * 2 && at < to * 2 ? 9 : 1));

test("an alert has the times at which it became pending, fired and was resolved, with its annotations", async () => {
  const text = `
groups:
  - name: g
    rules:
      - record: load:max
        expr: max by (instance) (load)
      - alert: High
        expr: load:max > 5
        for: 5m
        keep_firing_for: 3m
        labels: { where: "{{ $labels.instance }}" }
        annotations: { text: "{{ $value }} on {{ $labels.instance }} in {{ $externalLabels.region }}" }
`;
  const [, rule] = await replay(text, { a: high(60, 10, 30), b: high(60, 20, 22) });
  const spans = rule!.spans.all.map((span) => [
    span.labels.get("where"),
    Math.floor((span.activeAtMs - START) / MINUTE),
    span.firedAtMs === undefined ? undefined : Math.floor((span.firedAtMs - START) / MINUTE),
    span.endedAtMs === undefined ? undefined : Math.floor((span.endedAtMs - START) / MINUTE),
    span.annotations.get("text"),
  ]);
  expect(spans).toEqual([
    ["a", 10, 15, 33, "9 on a in eu"],
    ["b", 20, undefined, 22, undefined],
  ]);
  expect(rule!.failures).toBeUndefined();
});

test("a rule does not see series for an earlier time before the group that writes them was evaluated", async () => {
  const text = `
groups:
  - name: reader
    interval: 30s
    rules: [{ alert: Seen, expr: "load:max > 5" }]
  - name: writer
    interval: 30s
    query_offset: 1m
    rules: [{ record: "load:max", expr: "max(load)" }]
`;
  const series = { a: high(40, 10, 20) };
  const expected = await lived(text, series, (one) => [...slots(one, START, START + 40 * MINUTE)]);
  expect(shown(await replay(text, series, 40))).toEqual(expected);
  expect(expected.find(({ name }) => name === "Seen")!.spans).toHaveLength(1);
});

test("property: a backtest finds what a server would have evaluated", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(ruleGroup, { minLength: 1, maxLength: 3 }),
      seriesValues,
      seriesValues,
      fc.boolean(),
      async (groups, a, b, gaps) => {
        const text = ruleText(groups);
        const series = { a, b, ...(gaps && { c: a.map((value, at) => (at % 20 < 9 ? null : value)) }) };
        const replayed = await replay(text, series, 40);
        const expected = await lived(text, series, (one) => [...slots(one, START, START + 40 * MINUTE)]);
        expect(shown(replayed)).toEqual(expected);
      },
    ),
    { seed: 20261128, numRuns: 40 },
  );
});

test("property: a backtest finds what a server would have evaluated with behaviours of the alerts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(ruleGroup, { minLength: 1, maxLength: 3 }),
      behaviourText,
      seriesValues,
      fc.boolean(),
      async (groups, behaviours, a, gaps) => {
        const text = ruleText(groups);
        const outage = a.map((value, at) => (gaps && at % 20 < 9 ? null : value));
        const series = { a: outage, b: outage.map((value, at) => (at % 7 === 0 ? null : value)) };
        const replayed = await replay(text, series, 40, behaviours);
        const expected = await lived(text, series, (one) => [...slots(one, START, START + 40 * MINUTE)], behaviours);
        expect(shown(replayed)).toEqual(expected);
      },
    ),
    { seed: testSeed(20261128), numRuns: testCases(40, 200) },
  );
});
