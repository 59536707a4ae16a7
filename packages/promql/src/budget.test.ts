import { Labels } from "@narthex/model";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { SampleBudget } from "./budget.ts";
import type { EngineClock } from "./deadline.ts";

import { createEngine, DEFAULT_FEATURES } from "./engine.ts";
import type { QueryResult } from "./query-result.ts";
import { columnBytes, columnWeight } from "./operators/column-weight.ts";

const clock: EngineClock = {
  now: () => 0,
  monotonic: () => 0,
  sleep: () => Promise.resolve(),
  after: () => () => {},
};

test("a budget counts held samples and bytes, and remembers the largest number", () => {
  const budget = new SampleBudget(10, 200);
  budget.take(4);
  budget.take(2, 100);
  expect([budget.current, budget.bytes, budget.peak]).toEqual([6, 164, 6]);
  budget.release(2, 100);
  budget.release(4);
  expect([budget.current, budget.bytes, budget.peak]).toEqual([0, 0, 6]);
  expect(() => budget.refuseSteps(2 ** 21)).toThrow(/too many samples/);
  budget.refuseSteps(11);
  expect(() => budget.take(1, 201)).toThrow(/more than 0 MiB in memory.*--query.max-bytes/);
});

test("a few samples over many steps are counted with the size of their columns", async () => {
  const storage = new MemoryStorage();
  const app = storage.appender();
  const batch = createSampleBatch(200);
  for (let i = 0; i < 200; i++) batch.refs[batch.count++] = app.series(Labels.of({ __name__: "once", i: String(i) }));
  app.append(batch);
  await app.commit();
  const range = { text: "once", queryable: storage, start: 0, end: 10_000_000, step: 1000, lookbackMs: 1000 };
  const engine = createEngine({ clock, maxSamples: 5000, maxBytes: 2 ** 20 });
  await expect(engine.query({ ...range, end: 1_000_000 })).rejects.toThrow("more than 1 MiB in memory");
  expect((await engine.query({ ...range, end: 100_000 })).series).toHaveLength(200);
});

const STEPS = 50;

/**
 * Returns a storage with counters, gauges and classic histograms of four instances, and with target_info series for
 * info().
 */
async function instances(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const app = storage.appender();
  const batch = createSampleBatch(10_000);
  const series = [0, 1, 2, 3].flatMap((i) => {
    const place = { instance: `${i}`, job: `${i % 2}` };
    return [
      { __name__: "requests_total", ...place },
      { __name__: "size", ...place },
      { __name__: "took_bucket", le: "1", ...place },
      { __name__: "took_bucket", le: "+Inf", ...place },
      { __name__: "target_info", version: "1", ...place },
    ];
  });
  for (const labels of series) {
    const ref = app.series(Labels.of(labels));
    for (let step = 0; step < STEPS; step++) {
      batch.refs[batch.count] = ref;
      batch.timestamps[batch.count] = step * 15_000;
      batch.values[batch.count++] = step;
    }
  }
  app.append(batch);
  await app.commit();
  return storage;
}

/**
 * Evaluates a query. Returns its result, the number of samples that are still counted afterwards, and the highest
 * number during the evaluation.
 */
async function counted(
  text: string,
  storage: MemoryStorage,
  count = STEPS,
): Promise<{ readonly result: QueryResult; readonly held: number; readonly most: number }> {
  let held = 0;
  let most = 0;
  const memory = {
    take(bytes: number) {
      held += bytes;
      most = Math.max(most, held);
    },
    give: (bytes: number) => void (held -= bytes),
  };
  const features = { ...DEFAULT_FEATURES, experimentalFunctions: true };
  const range = { queryable: storage, start: 0, end: (count - 1) * 15_000, step: 15_000, lookbackMs: 60_000 };
  const result = await createEngine({ clock, features }).query({ ...range, text, memory });
  return { result, held, most };
}

test.each([
  "size",
  "-size + 1",
  "size / size",
  "sum(rate(requests_total[1m])) / sum(size)",
  "rate(requests_total[1m]) / on(instance) group_left(version) target_info",
  "irate(requests_total[1m]) > bool scalar(size{instance='1'})",
  "avg by (job) (size) and sum by (job) (size)",
  "size unless on(instance) requests_total > 100",
  "quantile(0.9, size)",
  "stddev(size) or max(size)",
  "topk(1, size)",
  "limitk(2, size)",
  "sort(size > 3)",
  "count_values('v', size)",
  "histogram_quantile(0.9, took_bucket)",
  // In this query, the histogram_quantile() in the scalar is evaluated before the other histogram_quantile().
  "count(rate(took_bucket[1m])) + sum(clamp_max(histogram_quantile(0.9, rate(took_bucket[1m])), scalar(count(histogram_quantile(0.9, rate(took_bucket[1m]))))))",
  "info(size)",
  "max_over_time(sum(size)[5m:15s])",
  "count(abs(size + 0)) + sum(abs(size + 0))",
  "quantile_over_time(scalar(vector(0.5)), size[1m])",
])("after %s only the result is counted", async (text) => {
  const { result, held } = await counted(text, await instances());
  expect(result.series.length).toBeGreaterThan(0);
  const bytes = result.series.reduce((sum, { column }) => sum + columnBytes(column, columnWeight(column)), 0);
  expect(held).toBe(bytes);
});

test("columns of subqueries are counted exactly while they are held", async () => {
  const storage = await instances();
  const inner = 100_000;
  const subquery = `max_over_time(vector(0)[${inner}s:1s])`;
  const one = await counted(subquery, storage, 1);
  expect(one.most).toBeGreaterThan(9 * inner);
  const many = await counted(Array.from({ length: 20 }, () => subquery).join(" + "), storage, 1);
  expect(many.most).toBeLessThan(4 * one.most);
});

test("results that several parts of a query share are counted until the last part has used them", async () => {
  const parts = Array.from({ length: 10 }, (_, i) => `abs(size + ${i})`);
  const text = ["count", "sum"].flatMap((by) => parts.map((part) => `${by}(${part})`)).join(" + ");
  const { most } = await counted(text, await instances());
  expect(most).toBeGreaterThan(10 * 4 * 9 * STEPS);
});

test("memory that operators hold for each step is counted", async () => {
  const storage = await instances();
  const steps = 10_000;
  for (const [text, perStep] of [
    ["rate(requests_total[1m])", 64],
    ["vector(time() + 1)", 16],
    ["quantile(0.5, size)", 4 * 9],
    ["size and size", 4],
    ["topk(1, size)", 4 * 10],
  ] as const) {
    const { most } = await counted(text, storage, steps);
    expect(most, text).toBeGreaterThan(perStep * steps);
  }
});

test.each([
  ["count", 8],
  ["group", 8],
  ["min", 8 + 1],
  ["max", 8 + 1],
  ["stddev", 3 * 8],
  ["stdvar", 3 * 8],
  ["sum", 3 * 8 + 1],
  ["avg", 3 * 8 + 1],
])("each further group of %s takes %i bytes for a step", async (operator, perStep) => {
  const storage = await instances();
  const steps = 10_000;
  // The outer aggregation has a small result, so that the groups take more memory than the result.
  const two = await counted(`count(${operator} by (job) (size))`, storage, steps);
  const four = await counted(`count(${operator} by (instance) (size))`, storage, steps);
  // Rounds, because the memory that does not depend on the number of steps differs too.
  expect(Math.round((four.most - two.most) / (2 * steps))).toBe(perStep);
});
