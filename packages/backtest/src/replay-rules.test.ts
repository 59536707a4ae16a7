import fc from "fast-check";
import { Labels } from "@narthex/model";
import { createEngine, DEFAULT_FEATURES } from "@narthex/promql";
import { engineQuery, parseRuleFile, RuleGroup } from "@narthex/rules";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import type { ReplayedGroup } from "./replayed-group.ts";
import type { ReplayedRule } from "./replayed-rule.ts";
import { replayRules, slots } from "./replay-rules.ts";

const MINUTE = 60_000;
const START = 1_700_000_000_000;
const parser = { ...DEFAULT_FEATURES, experimentalFunctions: true };

/** Values of a series, one for each half minute; null for no sample. */
type Values = readonly (number | null)[];

async function storageOf(series: Readonly<Record<string, Values>>): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const [instance, values] of Object.entries(series)) {
    const appender = storage.appender();
    const present = values.flatMap((value, at) => (value === null ? [] : [{ value, at }]));
    const batch = createSampleBatch(present.length);
    const ref = appender.series(Labels.of({ __name__: "load", instance, team: instance === "a" ? "x" : "y" }));
    for (const [index, { value, at }] of present.entries()) {
      batch.refs[index] = ref;
      batch.timestamps[index] = START + at * 30_000;
      batch.values[index] = value;
    }
    batch.count = present.length;
    appender.append(batch);
    await appender.commit();
  }
  return storage;
}

function groupsOf(text: string): readonly ReplayedGroup[] {
  const loaded = parseRuleFile(text, "rules.yml", { parser });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value.map((spec) => ({
    file: "rules.yml",
    spec,
    intervalMs: spec.intervalMs ?? MINUTE,
    queryOffsetMs: spec.queryOffsetMs ?? 0,
  }));
}

const context = (clock: ManualClock) => ({
  clock,
  parser,
  engine: createEngine({ clock, lookbackMs: 2 * MINUTE, features: parser }),
  externalLabels: Labels.of({ region: "eu" }),
  externalUrl: "http://prometheus",
  signal: new AbortController().signal,
});

async function replay(text: string, series: Readonly<Record<string, Values>>, minutes = 60) {
  const clock = new ManualClock(START);
  const history = await storageOf(series);
  const range = { fromMs: START, toMs: START + minutes * MINUTE };
  return replayRules({ ...context(clock), groups: groupsOf(text), history, ...range });
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
) {
  const clock = new ManualClock(START);
  const storage = await storageOf(series);
  const { engine, externalLabels, externalUrl } = context(clock);
  const shared = {
    clock,
    parser,
    logger: memoryLogger(),
    query: engineQuery(clock, (request) => engine.query({ ...request, queryable: storage })),
    storage,
    history: storage,
    notify: () => undefined,
    reportError: (error: unknown) => {
      throw error;
    },
    observer: { rule: () => undefined, group: () => undefined, expansion: () => undefined },
    externalUrl,
    resendDelayMs: MINUTE,
    restore: { outageToleranceMs: 0, gracePeriodMs: 0 },
  };
  const groups = groupsOf(text).map((replayed) => ({
    replayed,
    group: new RuleGroup(
      "rules.yml",
      replayed.spec,
      { intervalMs: MINUTE, queryOffsetMs: 0, externalLabels },
      shared,
      false,
    ),
  }));
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

const RULES = [
  "{ record: 'load:avg', expr: 'avg by (team) (load)' }",
  "{ record: 'load:avg', expr: 'max by (team) (load)', labels: { kind: max } }",
  "{ record: 'load:sum', expr: 'sum(load:avg)' }",
  "{ record: 'chain', expr: 'load:sum + 1' }",
  "{ record: 'count', expr: 'count(count) or vector(1)' }",
  "{ alert: High, expr: 'load > 5', for: 2m, annotations: { text: '{{ $value }} {{ $labels.instance }}' } }",
  "{ alert: Now, expr: 'load > 7', keep_firing_for: 3m }",
  "{ alert: Team, expr: 'load > 4', labels: { instance: '', team: '{{ $labels.team }}' } }",
  "{ alert: Valued, expr: 'load > 4', for: 1m, labels: { value: '{{ $value }}' } }",
  "{ alert: Chain, expr: 'chain > 8', for: 1m }",
  "{ alert: Gone, expr: 'absent(load)', for: 3m }",
  "{ alert: Sum, expr: 'sum(load) > bool 10 == 1' }",
  "{ alert: Scalar, expr: 'scalar(max(load)) > bool 5' }",
  "{ alert: Matched, expr: 'load > on (team) load' }",
  "{ alert: Meta, expr: 'count(ALERTS{alertstate=\"firing\"}) > 1', for: 1m }",
  "{ alert: Rate, expr: 'rate(load[3m]) > 0', annotations: { text: '{{ with query \"sum(load)\" }}{{ . | first | value }}{{ end }}' } }",
  "{ alert: Range, expr: 'load @ start() > 5' }",
];

const values = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 9 }) }, { arbitrary: fc.constant(null), weight: 1 }),
  {
    minLength: 40,
    maxLength: 80,
  },
);
const group = fc.record({
  rules: fc.uniqueArray(fc.constantFrom(...RULES), { minLength: 1, maxLength: 5 }),
  interval: fc.constantFrom("30s", "1m", "90s"),
  offset: fc.constantFrom("0s", "30s"),
  limit: fc.constantFrom(0, 0, 1),
});

test("property: a backtest finds what a server would have evaluated", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(group, { minLength: 1, maxLength: 3 }),
      values,
      values,
      fc.boolean(),
      async (groups, a, b, gaps) => {
        const text = `groups:\n${groups
          .map(
            ({ rules, interval, offset, limit }, at) =>
              `  - { name: g${at}, interval: ${interval}, query_offset: ${offset}, limit: ${limit}, rules: [\n      ${rules.join(",\n      ")} ] }`,
          )
          .join("\n")}`;
        const series = { a, b, ...(gaps && { c: a.map((value, at) => (at % 20 < 9 ? null : value)) }) };
        const replayed = await replay(text, series, 40);
        const expected = await lived(text, series, (one) => [...slots(one, START, START + 40 * MINUTE)]);
        expect(shown(replayed)).toEqual(expected);
      },
    ),
    { seed: 20261128, numRuns: 40 },
  );
});
