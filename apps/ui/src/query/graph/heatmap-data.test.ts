import fc from "fast-check";
import { expect, test } from "vitest";
import type { HistogramPair, RangeSeries } from "../../api/query-result.ts";
import { areHistograms, heatmapData, rowOf } from "./heatmap-data.ts";

const grid = { start: 100, end: 130, step: 10 };

const classic = (le: string, counts: readonly number[], path = "/"): RangeSeries => ({
  metric: { __name__: "x_bucket", le, path },
  values: counts.map((count, index) => [grid.start + index * grid.step, String(count)]),
});

test("buckets of classic histograms count only observations between their bounds, added over all histograms", () => {
  const series = [
    classic("+Inf", [3, 9]),
    classic("0.5", [1, 2]),
    classic("1", [3, 7]),
    classic("0.5", [4, 4], "/b"),
    classic("1", [4, 5], "/b"),
  ];
  const { buckets, counts, highestCount, times } = heatmapData(series, grid);
  expect(times).toEqual([100_000, 110_000, 120_000, 130_000]);
  expect(buckets).toEqual([
    { low: -Infinity, high: 0.5 },
    { low: 0.5, high: 1 },
    { low: 1, high: Infinity },
  ]);
  expect(counts.map((row) => Object.fromEntries(row))).toEqual([{ 0: 5, 1: 6 }, { 0: 2, 1: 6 }, { 1: 2 }]);
  expect(highestCount).toBe(6);
  expect(areHistograms(series)).toBe(true);
});

test("the counts of native histograms are kept for each bucket and time", () => {
  const counts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(counts, (made) => {
      const series: RangeSeries = {
        metric: {},
        histograms: made.map((count, index) => [
          grid.start + index * grid.step,
          { count: "0", sum: "0", buckets: [[0, String(index), String(index + 1), String(count)]] },
        ]),
      };
      const heatmap = heatmapData([series], grid);
      expect(heatmap.buckets.map(({ low }) => low)).toEqual(made.map((_, index) => index));
      for (const [index, count] of made.entries()) expect(heatmap.counts[index]!.get(index)).toBe(count);
      expect(heatmap.highestCount).toBe(Math.max(...made));
      expect(areHistograms([series])).toBe(true);
    }),
  );
});

test("float series are not histograms", () => {
  expect(areHistograms([{ metric: {}, values: [[100, "1"]] }])).toBe(false);
  expect(areHistograms([])).toBe(false);
});

test("a value is in the row of its bucket", () => {
  const buckets = [
    { low: -Infinity, high: 1 },
    { low: 1, high: 3 },
  ];
  expect([0.2, 1, 2, 3, 9].map((value) => rowOf(value, buckets))).toEqual([0.5, 0.5, 1.5, 2, 2]);
});

test("there are at most as many cells as in the response, for any number of buckets and times", () => {
  const long = { start: 0, end: 1_000_000, step: 1 };
  const histograms = Array.from({ length: 100_000 }, (_, time): HistogramPair => [
    time,
    { count: "1", sum: "1", buckets: [[0, String(time), String(time + 1), "1"]] },
  ]);
  const { counts, buckets } = heatmapData([{ metric: {}, histograms }], long);
  expect([buckets.length, counts.reduce((sum, row) => sum + row.size, 0)]).toEqual([100_000, 100_000]);
});
