import fc from "fast-check";
import { Labels } from "@narthex/model";
import { createEngine, DEFAULT_FEATURES } from "@narthex/promql";
import { engineQuery, parseBehaviourFileInSteps, parseRuleFile, RuleGroup, withBehaviours } from "@narthex/rules";
import { type Clock, runToEnd } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import type { ReplayedGroup } from "../replayed-group.ts";

export const MINUTE = 60_000;
export const START = 1_700_000_000_000;
const parser = { ...DEFAULT_FEATURES, experimentalFunctions: true };

/** Values of a series, one for each half minute; null for no sample. */
export type Values = readonly (number | null)[];

/** Returns a storage with one series `load` for each instance. */
export async function storageOf(series: Readonly<Record<string, Values>>): Promise<MemoryStorage> {
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

/** @param behaviours text of a behaviour file */
export function groupsOf(text: string, behaviours = ""): readonly ReplayedGroup[] {
  const loaded = parseRuleFile(text, "rules.yml", { parser });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const entries = runToEnd(parseBehaviourFileInSteps(behaviours, "behaviours.yml"));
  if (!entries.ok) throw new Error(JSON.stringify(entries.problems));
  const behaved = withBehaviours(new Map([["rules.yml", loaded.value]]), entries.value, parser);
  if (!behaved.ok) throw new Error(JSON.stringify(behaved.problems));
  return behaved.files.get("rules.yml")!.map((spec) => ({
    file: "rules.yml",
    spec,
    intervalMs: spec.intervalMs ?? MINUTE,
    queryOffsetMs: spec.queryOffsetMs ?? 0,
  }));
}

export const context = (clock: Clock) => ({
  clock,
  parser,
  engine: createEngine({ clock, lookbackMs: 2 * MINUTE, features: parser }),
  externalLabels: Labels.of({ region: "eu" }),
  externalUrl: "http://prometheus",
  signal: new AbortController().signal,
});

/** Returns groups that are evaluated as a server does, with a function that gets the alerts that are sent. */
export function livedGroups(
  text: string,
  storage: MemoryStorage,
  clock: Clock,
  notify: ConstructorParameters<typeof RuleGroup>[3]["notify"],
  behaviours?: string,
): readonly { readonly replayed: ReplayedGroup; readonly group: RuleGroup }[] {
  const { engine, externalLabels, externalUrl } = context(clock);
  const shared = {
    clock,
    parser,
    logger: memoryLogger(),
    query: engineQuery(clock, (request) => engine.query({ ...request, queryable: storage })),
    storage,
    history: storage,
    notify,
    reportError: (error: unknown) => {
      throw error;
    },
    observer: { rule: () => undefined, group: () => undefined, expansion: () => undefined },
    externalUrl,
    resendDelayMs: MINUTE,
    restore: { outageToleranceMs: 0, gracePeriodMs: 0 },
  };
  return groupsOf(text, behaviours).map((replayed) => ({
    replayed,
    group: new RuleGroup(
      "rules.yml",
      replayed.spec,
      { intervalMs: MINUTE, queryOffsetMs: 0, externalLabels },
      shared,
      false,
    ),
  }));
}

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

const BEHAVIOURS = [
  "{ alert: High, on_no_data: keep, recovery_threshold: 3 }",
  "{ alert: Now, on_no_data: resolve, flap_damping: { max_changes: 4, window: 10m } }",
  "{ alert: Team, on_no_data: fire }",
  "{ alert: Valued, recovery_expr: load < 3, on_no_data: keep }",
  "{ alert: Chain, on_no_data: fire, recovery_threshold: 7 }",
  "{ alert: Gone, flap_damping: { max_changes: 2, window: 5m } }",
  "{ alert: Sum, on_no_data: resolve }",
  "{ alert: Matched, on_no_data: keep }",
  '{ alert: Meta, on_no_data: fire, data: ALERTS, recovery_expr: "count(ALERTS) < 2" }',
  "{ alert: Rate, recovery_threshold: 0, on_no_data: keep }",
  "{ alert: Range, on_no_data: fire, recovery_threshold: 2 }",
];

/** Text of a random behaviour file. */
export const behaviourText = fc
  .uniqueArray(fc.constantFrom(...BEHAVIOURS), { minLength: 4, maxLength: BEHAVIOURS.length })
  .map((entries) => `behaviours:\n${entries.map((entry) => `  - ${entry}\n`).join("")}`);

export const seriesValues = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 9 }) }, { arbitrary: fc.constant(null), weight: 1 }),
  {
    minLength: 40,
    maxLength: 80,
  },
);
export const ruleGroup = fc.record({
  rules: fc.uniqueArray(fc.constantFrom(...RULES), { minLength: 1, maxLength: 5 }),
  interval: fc.constantFrom("30s", "1m", "90s"),
  offset: fc.constantFrom("0s", "30s"),
  limit: fc.constantFrom(0, 0, 1),
});

/** Returns a rule file with random groups. */
export const ruleText = (groups: readonly (typeof ruleGroup extends fc.Arbitrary<infer T> ? T : never)[]): string =>
  `groups:\n${groups
    .map(
      ({ rules, interval, offset, limit }, at) =>
        `  - { name: g${at}, interval: ${interval}, query_offset: ${offset}, limit: ${limit}, rules: [\n      ${rules.join(",\n      ")} ] }`,
    )
    .join("\n")}`;
