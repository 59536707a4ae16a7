import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { requestBudgets, ValueBudget } from "../value-budget.ts";
import type { Series } from "./series.ts";
import { takeSeries } from "./take-series.ts";

const seriesOf = (points: number, labels: Readonly<Record<string, string>> = {}): Series => ({
  labels,
  times: new Float64Array(points),
  values: new Float64Array(points),
});

/** Returns the number of values as which series count. */
function valuesOf(series: readonly Series[], legendFormat = "", isTable = false): number {
  let taken = 0;
  const budget = { take: (values: number) => void (taken += values) } as ValueBudget;
  runToEnd(takeSeries(series, { legendFormat, isTable }, budget));
  return taken;
}

test("times, values, buckets and the head of each frame count", () => {
  const columns = new Float64Array(3);
  const histograms = {
    times: new Float64Array(1),
    counts: new Float64Array(1),
    sums: new Float64Array(1),
    bucketTimes: columns,
    lower: columns,
    upper: columns,
    bucketCounts: columns,
    bounds: columns,
  };
  expect(valuesOf([seriesOf(10), seriesOf(0)])).toBe(16 + 20 + 16);
  expect(valuesOf([{ ...seriesOf(0), histograms }])).toBe(16 + 15);
});

test("long labels count, and a table repeats them in each row", () => {
  const long = seriesOf(10, { a: "x".repeat(1599) });
  expect(valuesOf([long])).toBe(16 + 20 + 100);
  expect(valuesOf([long], "", true)).toBe(16 + 20 + 1000);
});

test("a long legend counts for each series, with the labels that its placeholders repeat", () => {
  const two = [seriesOf(1), seriesOf(1)];
  expect(valuesOf(two, "x".repeat(1600))).toBe(2 * (16 + 2 + 100));
  expect(valuesOf([seriesOf(1, { a: "x".repeat(159) })], "{{a}}".repeat(160))).toBe(16 + 2 + 10 + 50 + 1590);
});

test("the budget of a request suffices for 500 series of 11,000 points, or for 300,000 series of one point", () => {
  const labels = { __name__: "http_requests_total", instance: "host-1.example.net:9100", job: "node", mode: "idle" };
  const legend = { legendFormat: "{{instance}} {{mode}}", isTable: false };
  const wide = Array.from({ length: 500 }, () => seriesOf(11_000, labels));
  expect(() => runToEnd(takeSeries(wide, legend, requestBudgets().series))).not.toThrow();
  const many = Array.from({ length: 300_000 }, () => seriesOf(1, labels));
  expect(() => runToEnd(takeSeries(many, legend, requestBudgets().series))).not.toThrow();
});

test("series beyond the budget are refused with a remedy", () => {
  const { series } = requestBudgets();
  series.take(24_000_000 - 100);
  expect(() => runToEnd(takeSeries([seriesOf(100)], { legendFormat: "", isTable: false }, series))).toThrow(
    "the series of the request have more than 24000000 times and values; ask for fewer series, points or queries",
  );
});
