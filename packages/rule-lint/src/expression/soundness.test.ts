import fc from "fast-check";
import { Labels, METRIC_NAME } from "@narthex/model";
import {
  certainLabels,
  createEngine,
  type Expr,
  forEachSample,
  mayHave,
  parseExpression,
  QueryError,
  type QueryResult,
  resultLabels,
} from "@narthex/promql";
import { randomQuery } from "@narthex/promql/testing";
import { ManualClock } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { beforeAll, expect, test } from "vitest";
import { valueRange } from "./value-range.ts";

const features = {
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
  durationExpressions: true,
};
const storage = new MemoryStorage();
const engine = createEngine({ clock: new ManualClock(0), features });

/** Series with the names and labels of the random queries: counters that are reset, gauges, and buckets. */
const SERIES: readonly (readonly [Record<string, string>, (step: number) => number])[] = [
  [{ [METRIC_NAME]: "c_total", i: "a", j: "x" }, (step) => (step * 7) % 84],
  [{ [METRIC_NAME]: "c_total", i: "b", j: "x" }, (step) => 5 + step * 3],
  [{ [METRIC_NAME]: "g", i: "a" }, (step) => (step % 5 === 2 ? NaN : 5 - (step % 7))],
  [{ [METRIC_NAME]: "g", i: "b" }, (step) => 1 - 2 * step],
  [{ [METRIC_NAME]: "mix", i: "a" }, (step) => 1 + step],
  [{ [METRIC_NAME]: "b_bucket", i: "a", le: "0.5" }, (step) => 1 + step],
  [{ [METRIC_NAME]: "b_bucket", i: "a", le: "+Inf" }, (step) => 4 + 3 * step],
  [{ [METRIC_NAME]: "w", instance: "x", job: "y", i: "a" }, (step) => 3 + step],
  [{ [METRIC_NAME]: "target_info", instance: "x", job: "y", v: "1" }, () => 1],
];
const STEPS = 31;

beforeAll(async () => {
  const appender = storage.appender();
  const batch = createSampleBatch(SERIES.length * STEPS);
  for (const [labels, valueOf] of SERIES) {
    const ref = appender.series(Labels.of(labels));
    for (let step = 0; step < STEPS; step++) {
      batch.refs[batch.count] = ref;
      batch.timestamps[batch.count] = step * 20_000;
      batch.values[batch.count++] = valueOf(step);
    }
  }
  appender.append(batch);
  await appender.commit();
});

async function resultOf(text: string, expr: Expr, time: number): Promise<QueryResult | undefined> {
  try {
    return await engine.query({ queryable: storage, text, expr, time });
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}

/** Returns numbers of a result that the range excludes. No range says anything about NaN. */
function outside(result: QueryResult, expr: Expr): readonly number[] {
  const { low, high, isLowOpen, isHighOpen } = valueRange(expr);
  const found: number[] = [];
  for (const one of result.series)
    forEachSample(one, (_time, value, histogram) => {
      if (histogram !== undefined || Number.isNaN(value)) return;
      if (value < low || value > high || (isLowOpen && value <= low) || (isHighOpen && value >= high))
        found.push(value);
    });
  return found;
}

/** A rate of a gauge with negative values can be negative. The analysis assumes that rates are those of counters. */
const hasRateOfGauge = (text: string): boolean => /rate|increase/.test(text) && /\bg\b/.test(text);

const filtered = fc
  .tuple(randomQuery, fc.constantFrom(">", "<", ">=", "<=", "==", "!="), fc.integer({ min: -2, max: 3 }))
  .map(([query, operator, value]) => `(${query}) ${operator} ${value}`);
const joined = fc
  .tuple(filtered, fc.constantFrom("and", "or", "unless", "+", "*"), filtered)
  .map(([left, operator, right]) => `${left} ${operator} (${right})`);

test("the engine never returns a value, or a label, that the analysis of the expression excludes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(randomQuery, filtered, joined), fc.constantFrom(100_000, 333_000), async (text, time) => {
      const parsed = parseExpression(text, features);
      if (!parsed.ok) return;
      const { expr } = parsed;
      const result = await resultOf(text, expr, time);
      if (result?.type !== "vector") return;
      if (!hasRateOfGauge(text)) expect(outside(result, expr)).toEqual([]);
      const [possible, certain] = [resultLabels(expr), certainLabels(expr)];
      for (const { labels } of result.series) {
        expect(
          [...labels].map(([name]) => name).filter((name) => name !== METRIC_NAME && !mayHave(possible, name)),
        ).toEqual([]);
        expect([...certain].filter((name) => labels.get(name) === "")).toEqual([]);
      }
    }),
    { numRuns: 3000 },
  );
}, 60_000);
