import { expect, test } from "vitest";
import { ABSENT_GAP } from "./aligned-series.ts";
import { drawnValues, type DrawnSettings } from "./drawn-values.ts";
import { isMostlyNegative, stackSeries, type StackSettings } from "./stacking.ts";

const plain: DrawnSettings = { spanNulls: false, transform: "" };
const times = Float64Array.of(0, 10, 20, 30);
const settings: StackSettings = {
  mode: "normal",
  group: "A",
  isNegative: false,
  scale: "A",
  style: "line",
  isHidden: false,
};

test("drawnValues() returns a column without gaps without copying it", () => {
  const values = Float64Array.of(1, 2, 3, 4);
  expect(drawnValues({ values, gaps: undefined }, times, plain)).toBe(values);
});

test("drawnValues() draws a gap for null and NaN, and connects values across times that the series does not have", () => {
  const line = { values: Float64Array.of(1, NaN, 3, 4), gaps: Uint8Array.of(0, 0, ABSENT_GAP, 0) };
  expect(drawnValues(line, times, plain)).toEqual([1, null, undefined, 4]);
  expect(drawnValues(line, times, { ...plain, spanNulls: true })).toEqual([1, undefined, undefined, 4]);
  expect(drawnValues(line, times, { ...plain, spanNulls: 30 })).toEqual([1, undefined, undefined, 4]);
  expect(drawnValues(line, times, { ...plain, spanNulls: 20 })).toEqual([1, null, undefined, 4]);
});

test("drawnValues() mirrors values, or replaces them by a constant", () => {
  const line = { values: Float64Array.of(1, 2, -3, 4), gaps: undefined };
  expect(drawnValues(line, times, { ...plain, transform: "negative-Y" })).toEqual([-1, -2, 3, -4]);
  expect(drawnValues(line, times, { ...plain, transform: "constant" })).toEqual([1, 1, 1, 1]);
});

test("stackSeries() sums the series of a stack and leaves others unchanged", () => {
  const { values, bands } = stackSeries(
    [Float64Array.of(1, 2), [3, null], Float64Array.of(10, 10), Float64Array.of(-1, -1)],
    [settings, settings, { ...settings, mode: "none" }, { ...settings, isNegative: true }],
  );
  expect(values.map((column) => [...column])).toEqual([
    [1, 2],
    [4, null],
    [10, 10],
    [-1, -1],
  ]);
  expect(bands).toEqual([{ upper: 1, lower: 0, isNegative: false }]);
});

test("stackSeries() returns shares of one, and closes the gap of a hidden series", () => {
  const percent: StackSettings = { ...settings, mode: "percent" };
  const hidden: StackSettings = { ...percent, isHidden: true };
  const { values, bands } = stackSeries(
    [Float64Array.of(1), Float64Array.of(5), Float64Array.of(3)],
    [percent, hidden, percent],
  );
  expect(values.map((column) => [...column])).toEqual([[0.25], [5], [1]]);
  expect(bands).toEqual([{ upper: 2, lower: 0, isNegative: false }]);
});

test("stackSeries() never adds values of different scales or directions", () => {
  const { values } = stackSeries(
    [Float64Array.of(100), Float64Array.of(-80), Float64Array.of(5), Float64Array.of(1), Float64Array.of(-20)],
    [
      settings,
      { ...settings, isNegative: true },
      { ...settings, scale: "B" },
      { ...settings, style: "bars" },
      { ...settings, isNegative: true },
    ],
  );
  expect(values.map((column) => [...column])).toEqual([[100], [-80], [5], [1], [-100]]);
});

test("isMostlyNegative() counts samples on both sides of zero, and ignores gaps", () => {
  const of = (values: number[], gaps?: number[]) =>
    isMostlyNegative({ values: Float64Array.from(values), gaps: gaps && Uint8Array.from(gaps) });
  expect(of([-1, -2, 3])).toBe(true);
  expect(of([-1, 2])).toBe(false);
  expect(of([-0, -0])).toBe(true);
  expect(of([0, 0, NaN])).toBe(false);
  expect(of([])).toBe(false);
  expect(of([-5, -5, 1], [1, 2, 0])).toBe(false);
  expect(of([0, -1], [1, 1])).toBe(false);
});
