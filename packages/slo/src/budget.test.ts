import fc from "fast-check";
import { Labels } from "@narthex/model";
import { createEngine, forEachSample } from "@narthex/promql";
import { ManualClock } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { budgetOf, burnRateOf } from "./budget.ts";
import type { ServiceLevel } from "./objective.ts";
import { levelsOf } from "./testing/slo-text.ts";

const HALF_HOUR = 1_800_000;
const START = 1_700_000_000_000;
/** Value at which counters begin. Smaller values would be extrapolated to zero. */
const FIRST = 1e6;

/** Events of one step: all, and those that are bad. */
interface Step {
  readonly total: number;
  readonly bad: number;
  readonly restarts: boolean;
}

const step: fc.Arbitrary<Step> = fc
  .record({ total: fc.nat(1000), share: fc.double({ min: 0, max: 1, noNaN: true }), restarts: fc.boolean() })
  .map(({ total, share, restarts }) => ({
    total,
    bad: Math.floor(total * share),
    restarts: restarts && total % 7 === 0,
  }));

/** Stores counters of the steps, one sample for each half hour. After a restart a counter begins at 0. */
async function storageOf(steps: readonly Step[], counters: Readonly<Record<string, (step: Step) => number>>) {
  const storage = new MemoryStorage();
  for (const [name, increase] of Object.entries(counters)) {
    const appender = storage.appender();
    const [metric, le] = name.split("@");
    const ref = appender.series(Labels.of({ __name__: metric!, job: "a", ...(le !== undefined && { le }) }));
    const batch = createSampleBatch(steps.length + 1);
    let value = FIRST;
    for (let at = 0; at <= steps.length; at++) {
      if (at > 0) value = (steps[at - 1]!.restarts ? 0 : value) + increase(steps[at - 1]!);
      batch.refs[at] = ref;
      batch.timestamps[at] = START + at * HALF_HOUR;
      batch.values[at] = value;
    }
    batch.count = steps.length + 1;
    appender.append(batch);
    await appender.commit();
  }
  return storage;
}

type Elements = readonly { readonly labels: Labels; readonly value: number }[];

async function evaluate(storage: MemoryStorage, text: string, time: number): Promise<Elements> {
  const engine = createEngine({ clock: new ManualClock(time), lookbackMs: 300_000 });
  const result = await engine.query({ queryable: storage, text, time });
  const elements: { labels: Labels; value: number }[] = [];
  for (const series of result.series)
    forEachSample(series, (_time, value) => elements.push({ labels: series.labels, value }));
  return elements;
}

/** Evaluates the recording rules once, in their order, and stores their results. */
async function record(storage: MemoryStorage, level: ServiceLevel, time: number): Promise<void> {
  for (const rule of level.groups.flatMap(({ rules }) => rules)) {
    if (rule.record === undefined) continue;
    for (const { labels, value } of await evaluate(storage, rule.expr, time)) {
      const appender = storage.appender();
      const batch = createSampleBatch(1);
      const own = { ...labels.toRecord(), ...Object.fromEntries(rule.labels), __name__: rule.record };
      batch.refs[0] = appender.series(Labels.of(own));
      batch.timestamps[0] = time;
      batch.values[0] = value;
      batch.count = 1;
      appender.append(batch);
      await appender.commit();
    }
  }
}

/** Counts events by the samples of a counter, with restarts. */
function counted(steps: readonly Step[], increase: (step: Step) => number): number {
  let [sum, value] = [0, FIRST];
  for (const one of steps) {
    const next = (one.restarts ? 0 : value) + increase(one);
    sum += next < value ? next : next - value;
    value = next;
  }
  return sum;
}

const COUNTERS = {
  hits_total: ({ total }: Step) => total,
  bad_total: ({ bad }: Step) => bad,
  good_total: ({ total, bad }: Step) => total - bad,
  time_count: ({ total }: Step) => total,
  "time_bucket@1.0": ({ total, bad }: Step) => total - bad,
};

const own = (sli: string): string =>
  `version: narthex/v1\nservice: shop\nslos: [{ name: answers, objective: 99, window: 1w, sli: ${sli} }]\n`;
const sum = (metric: string): string => `"sum(rate(${metric}{job='a'}[{{.window}}]))"`;
const pyrra = (indicator: string): string =>
  `apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: { name: shop }\n` +
  `spec: { target: "99", window: 1w, alerting: { absent: false }, indicator: { ${indicator} } }\n`;
const metric = (query: string): string => `{ metricSource: { type: Prometheus, spec: { query: "${query}" } } }`;

test.each([
  ["events", own(`{ events: { error_query: ${sum("bad_total")}, total_query: ${sum("hits_total")} } }`), "bad_total"],
  [
    "good events",
    own(`{ events: { good_query: ${sum("good_total")}, total_query: ${sum("hits_total")} } }`),
    "good_total",
  ],
  ["latency", own(`{ latency: { histogram: "time{job='a'}", threshold: 1s } }`), "time_bucket@1.0"],
  ["Pyrra", pyrra(`ratio: { errors: { metric: "bad_total{job='a'}" }, total: { metric: hits_total } }`), "bad_total"],
  [
    "Pyrra's latency",
    pyrra(`latency: { success: { metric: "time_bucket{le='1'}" }, total: { metric: time_count } }`),
    "time_bucket@1.0",
  ],
  [
    "OpenSLO",
    `apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: answers }\nspec:\n  service: shop\n` +
      `  timeWindow: [{ duration: 1w, isRolling: true }]\n  objectives: [{ target: 0.99 }]\n` +
      `  indicator: { spec: { ratioMetric: { counter: true, bad: ${metric("sum(bad_total)")}, total: ${metric("sum(hits_total)")} } } }\n`,
    "bad_total",
  ],
] as const)("%s: the error ratio of the whole window is that of the counted events", async (_name, text, part) => {
  const [level] = await levelsOf(text);
  const property = fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 330 }), async (steps) => {
    const storage = await storageOf(steps, COUNTERS);
    const time = START + steps.length * HALF_HOUR;
    await record(storage, level!, time);
    const total = counted(steps, COUNTERS[part === "time_bucket@1.0" ? "time_count" : "hits_total"]);
    const partial = counted(steps, COUNTERS[part]);
    const ratio = part === "bad_total" ? partial / total : 1 - partial / total;
    const values = (await evaluate(storage, level!.queries.errorRatio, time)).map(({ value }) => value);
    if (total === 0) return expect(values).toEqual([]);
    expect(values).toEqual([expect.closeTo(ratio, 9)]);
    if (level!.format === "pyrra") return;
    const [left] = await evaluate(storage, "slo:period_error_budget_remaining:ratio", time);
    expect(left!.value).toBeCloseTo(budgetOf(ratio, 0.99).remaining, 6);
  });
  await fc.assert(property, { numRuns: 40 });
});

test("an hour with few requests counts by its requests, where the average of Sloth counts it by its length", async () => {
  const busy = { total: 100_000, bad: 0, restarts: false };
  const steps = Array.from({ length: 48 }, (_, at) => (at < 46 ? busy : { total: 10, bad: 10, restarts: false }));
  const storage = await storageOf(steps, COUNTERS);
  const time = START + steps.length * HALF_HOUR;
  const sli = `{ events: { error_query: ${sum("bad_total")}, total_query: ${sum("hits_total")} } }`;
  const [level] = await levelsOf(own(sli));
  await record(storage, level!, time);
  const [counts] = await evaluate(storage, level!.queries.errorRatio, time);
  expect(counts!.value).toBeCloseTo(20 / 4_600_020, 12);
  // The average over time that Sloth records for the whole window, from ratios of an hour.
  const [average] = await evaluate(
    storage,
    "sum_over_time((sum(rate(bad_total[1h])) / sum(rate(hits_total[1h])))[1d:1h]) / 24",
    time,
  );
  expect(average!.value).toBeCloseTo(1 / 24, 3);
});

test("a budget is left by the share of bad events that is allowed", () => {
  expect(budgetOf(0.005, 0.99)).toEqual({ sli: 0.995, remaining: expect.closeTo(0.5, 12) });
  expect(budgetOf(0.02, 0.99).remaining).toBeCloseTo(-1, 12);
  expect([budgetOf(0, 1).remaining, budgetOf(0.1, 1).remaining]).toEqual([1, 0]);
  expect([burnRateOf(0.05, 0.99), burnRateOf(0, 1), burnRateOf(0.1, 1)]).toEqual([expect.closeTo(5, 12), 0, Infinity]);
});
