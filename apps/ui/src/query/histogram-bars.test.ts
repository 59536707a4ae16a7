import { expect, test } from "vitest";
import type { Bucket } from "../api/query-result.ts";
import { bucketRange, histogramBars } from "./histogram-bars.ts";

const buckets: Bucket[] = [
  [0, "1", "2", "4"],
  [0, "2", "4", "8"],
];

test("on the exponential scale buckets of one schema have equal widths, and their counts as heights", () => {
  const bars = histogramBars(buckets, "exponential");
  expect(bars[0]?.width).toBeCloseTo(bars[1]?.width ?? 0);
  expect(bars.map((bar) => bar.height)).toEqual([0.5, 1]);
});

test("on the linear scale areas are proportional to counts", () => {
  const bars = histogramBars(buckets, "linear");
  expect(bars[1]?.width).toBeCloseTo(2 * (bars[0]?.width ?? 0));
  expect(bars.map((bar) => bar.height)).toEqual([1, 1]);
});

test("bars of zero, negative and open buckets stay inside the drawing", () => {
  const wild: Bucket[] = [
    [1, "-Inf", "-1", "1"],
    [1, "-1", "-0.5", "1"],
    [3, "-0.001", "0.001", "2"],
    [0, "1", "+Inf", "1"],
  ];
  for (const scale of ["linear", "exponential"] as const) {
    for (const bar of histogramBars(wild, scale)) {
      expect(bar.left).toBeGreaterThanOrEqual(0);
      expect(bar.width).toBeGreaterThan(0);
      expect(bar.left + bar.width).toBeLessThanOrEqual(1.000001);
    }
  }
});

test("bounds are formatted as intervals", () => {
  expect(bucketRange([0, "1", "2", "4"])).toBe("(1, 2]");
  expect(bucketRange([3, "-1", "1", "4"])).toBe("[-1, 1]");
});

test("a histogram with any number of buckets has bars, even one with a single open bucket", () => {
  const many = Array.from({ length: 200_000 }, (_, index): Bucket => [0, String(index), String(index + 1), "1"]);
  const bars = histogramBars(many, "linear");
  expect([bars.length, bars.at(-1)?.height]).toEqual([200_000, 1]);
  expect(histogramBars([[0, "-Inf", "+Inf", "1"]], "linear")).toMatchObject([{ left: 0, width: 1, height: 1 }]);
  expect(histogramBars([[0, "0", "0", "1"]], "exponential")).toMatchObject([{ left: 0, width: 0, height: 1 }]);
});
