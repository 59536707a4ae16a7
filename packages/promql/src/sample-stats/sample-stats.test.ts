import { EMPTY_HISTOGRAM, type FloatHistogram, Labels } from "@narthex/model";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { beforeAll, expect, test } from "vitest";
import type { EngineClock } from "../deadline.ts";
import { createEngine, type EngineRequest } from "../engine.ts";
import type { QueryResult } from "../query-result.ts";

const clock: EngineClock = {
  now: () => 0,
  monotonic: () => 0,
  sleep: () => Promise.resolve(),
  after: () => () => {},
};

const MINUTE = 60_000;
const storage = new MemoryStorage();

const HISTOGRAM: FloatHistogram = {
  ...EMPTY_HISTOGRAM,
  count: 6,
  sum: 9,
  positiveSpans: [{ offset: 0, length: 3 }],
  positiveBuckets: new Float64Array([1, 2, 3]),
};

/** Stores two series with one sample per minute, a series with another name, and a histogram. */
beforeAll(async () => {
  const app = storage.appender();
  for (const labels of [{ __name__: "m", n: "a" }, { __name__: "m", n: "b" }, { __name__: "k" }]) {
    const batch = createSampleBatch(10);
    const ref = app.series(Labels.of(labels));
    for (let i = 0; i < 10; i++) {
      batch.refs[i] = ref;
      batch.timestamps[i] = i * MINUTE;
      batch.values[i] = i;
    }
    batch.count = 10;
    app.append(batch);
  }
  const histogram = app.series(Labels.of({ __name__: "h" }));
  for (let i = 0; i < 10; i++) app.appendHistogram(histogram, i * MINUTE, HISTOGRAM);
  await app.commit();
});

const ask = (
  text: string,
  more: Pick<EngineRequest, "samplesOf"> & { readonly end?: number } = {},
  maxSamples = 1e6,
): Promise<QueryResult> =>
  createEngine({ clock, maxSamples, features: { experimentalFunctions: true } }).query({
    queryable: storage,
    text,
    start: 0,
    end: 2 * MINUTE,
    step: MINUTE,
    samplesOf: "query",
    ...more,
  });

/**
 * Expected numbers for three evaluation times, measured with Prometheus: maximum number of samples in memory, and
 * samples read, counted per window and counted once.
 */
test.each([
  ["m", 6, 6, 6],
  ["(((-m)))", 6, 6, 6],
  ["1", 3, 0, 0],
  ["time()", 3, 0, 0],
  // Both arguments have 6 samples in memory. Each evaluation time collects 2 + 2 samples and computes 2 results, which
  // stay in memory.
  ["m + m", 22, 12, 12],
  ["m + on() group_left k", 6 + 3 + 4 + 3 + 2, 9, 9],
  ["m * 2", 6 + 3 + 4 + 3 + 2, 6, 6],
  ["sum(m)", 6, 6, 6],
  ["topk(1, m)", 9, 6, 6],
  // A parameter is evaluated at each time, even if it is constant: 3 + 3 samples are in memory, 3 are computed and 2
  // are collected.
  ["quantile(-1 % 2, m)", 3 + 3 + 3 + 2, 6, 6],
  ["count_values('v', m)", 6 + 2 + 3, 6, 6],
  // The memory holds the 2 samples of a window and the results of the series so far; at the end, it holds all results.
  ["rate(m[2m])", 6, 10, 6],
  ["m @ 60", 6, 6, 2],
  ["rate(m[2m] @ 120)", 6, 12, 4],
  ["timestamp(m)", 4 + 4, 6, 6],
  ["label_replace(m, 'x', 'y', '', '')", 6, 6, 6],
  ["absent(m)", 8, 6, 6],
  ["absent_over_time(m[2m])", 8, 10, 6],
  // The subquery has 4 evaluation times in memory while windows of 2 samples are read.
  ["max_over_time(m[2m:1m])", 6 + 6 + 2, 10, 6],
  ["m and m", 22, 12, 12],
  ["(m + m) / (m + m)", 6 + 22, 24, 24],
  // Expects that a histogram is counted as 13 samples.
  ["h", 39, 39, 39],
  ["h @ 60", 39, 39, 13],
  ["h + h", 119, 78, 78],
  ["h + h @ 60", 119, 78, 52],
  ["rate(h[2m])", 48, 65, 39],
  ["rate(h[2m] @ 120)", 37, 78, 26],
  ["max_over_time(h[2m:1m])", 65, 65, 39],
  ["info(m)", 14, 6, 6],
  ["timestamp(h)", 4, 3, 3],
  ["timestamp(-m)", 14, 6, 6],
  ["scalar(k)", 7, 3, 3],
  ["m > scalar(k)", 13, 9, 9],
  ["nothing + m", 8, 6, 6],
  ["rate(nothing[2m])", 0, 0, 0],
  ["absent_over_time(nothing[2m])", 0, 0, 0],
  ["topk(1, nothing)", 3, 0, 0],
  ["label_join(m, 'x', 'y', 'n')", 6, 6, 6],
  ["sum_over_time(m[2m:1m] offset 1m)", 10, 6, 4],
  ["sum_over_time(sum_over_time(m[2m:1m])[2m:1m])", 14, 10, 6],
  ["quantile_over_time(scalar(k), m[2m])", 11, 13, 9],
  ["sum(m @ 60) + sum(m @ 60)", 5, 12, 4],
  ["m unless k", 18, 9, 9],
  ["1 + 1", 5, 0, 0],
  ["time() + 1", 11, 0, 0],
  ["count_values('v', h)", 43, 39, 39],
  ["quantile(scalar(k), m)", 9, 9, 9],
])("%s holds %i samples, looks at %i and reads %i", async (text, peak, looked, read) => {
  const { samples } = (await ask(text)).stats;
  expect(samples).toEqual({ totalQueryableSamples: looked, samplesRead: read, peakSamples: peak });
  await expect(ask(text, {}, peak)).resolves.toBeDefined();
  // Expects the same sample limit with and without requested statistics.
  for (const samplesOf of ["query", undefined] as const) {
    await expect(ask(text, { samplesOf }, peak)).resolves.toBeDefined();
    await expect(ask(text, { samplesOf }, peak - 1)).rejects.toThrow("too many samples");
  }
});

test.each([
  "h",
  "h @ 60",
  "h @ 60 offset 1m",
  "-(h @ 60)",
  "sum(h @ 60)",
  "h + h @ 60",
  "rate(h[2m] @ 120)",
  "k * on() (h @ 120)",
])("the limit ends %s, whose histograms count for several samples, just below its peak", async (text) => {
  const { peakSamples } = (await ask(text)).stats.samples;
  expect(peakSamples).toBeGreaterThan(9);
  for (const samplesOf of ["query", undefined] as const) {
    await expect(ask(text, { samplesOf }, peakSamples)).resolves.toBeDefined();
    await expect(ask(text, { samplesOf }, peakSamples - 1)).rejects.toThrow("too many samples");
  }
});

test("the number of samples at each step is reported if requested", async () => {
  const { samples } = (await ask("rate(m[2m]) + max_over_time(k[2m:1m])", { samplesOf: "steps" })).stats;
  expect(samples.totalQueryableSamplesPerStep).toEqual([
    [0, 3],
    [60, 6],
    [120, 6],
  ]);
  expect(samples.samplesReadPerStep).toEqual([
    [0, 3],
    [60, 3],
    [120, 3],
  ]);
  expect([samples.totalQueryableSamples, samples.samplesRead]).toEqual([15, 9]);
});

test.each(["m[3m]", "m[3m:1m]"])("%s as the whole query holds and reads its samples", async (text) => {
  const engine = createEngine({ clock });
  const { stats } = await engine.query({ queryable: storage, text, time: 5 * MINUTE, samplesOf: "query" });
  expect(stats.samples).toEqual({ totalQueryableSamples: 6, samplesRead: 6, peakSamples: 6 });
});

test("if a vector is repeated at many steps, a limit just below its peak ends the query", async () => {
  for (const samplesOf of ["query", undefined] as const) {
    await expect(ask("m @ 60", { samplesOf, end: 9 * MINUTE }, 20)).resolves.toBeDefined();
    await expect(ask("m @ 60", { samplesOf, end: 9 * MINUTE }, 19)).rejects.toThrow("too many samples");
  }
});

test("the peak is at the evaluation time with the most samples, even if the result has one sample at each time", async () => {
  // Until minute 13 both series have a sample, so 28 samples are in memory. At minute 13, 13 results and 2 + 1 samples
  // are added.
  const { samples } = (await ask("scalar(m)", { end: 14 * MINUTE })).stats;
  expect(samples.peakSamples).toBe(28 + 13 + 2 + 1);
});
