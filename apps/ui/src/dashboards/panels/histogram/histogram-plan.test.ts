import { numericColumn } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { barGeometry } from "../../plot/bar-geometry.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { bucketAt, type HistogramPlan, planHistogram, shownBounds } from "./histogram-plan.ts";
import { nearestSeries } from "./histogram-plot.ts";
import { histogramOptions } from "./options.ts";

const context = {
  viewOf: ({ name }: { name: string }) => ({ name, color: `color of ${name}` }),
  fill: (text: string) => text,
  zone: "UTC",
} as unknown as PanelContext;

const numbers = (name: string, ...values: number[]) => numericColumn({ name }, "number", Float64Array.from(values));

function planned(options: object): HistogramPlan {
  const frame = { length: 4, fields: [numbers("a", 1, 2, 11, 12), numbers("b", 1, 21, 22, 23)] };
  const plan = planHistogram([frame], readOptions(histogramOptions, { ...options }), context);
  if ("problem" in plan) throw new Error(plan.problem);
  return plan;
}

test("planHistogram() counts the values of each series in buckets of the set size", () => {
  const plan = planned({ bucketSize: 10 });
  expect([[...plan.lows], [...plan.highs]]).toEqual([
    [0, 10, 20],
    [10, 20, 30],
  ]);
  expect(plan.series.map(({ name, color, values }) => [name, color, [...values]])).toEqual([
    ["a", "color of a", [2, 2, 0]],
    ["b", "color of b", [1, 0, 3]],
  ]);
  expect(planned({ bucketSize: 10, bucketOffset: 5 }).lows[0]).toBe(-5);
});

test("planHistogram() counts all series together if the options combine them", () => {
  const plan = planned({ bucketSize: 10, combine: true });
  expect(plan.series.map(({ name, values }) => [name, [...values]])).toEqual([["Count", [3, 2, 3]]]);
});

test("planHistogram() keeps existing buckets, and detects whether they grow by a factor", () => {
  const frame = { length: 2, fields: [numbers("xMin", 1, 2), numbers("xMax", 2, 4), numbers("count", 5, 6)] };
  const plan = planHistogram([frame], readOptions(histogramOptions, {}), context);
  expect(plan).toMatchObject({ isLogarithmic: true, series: [{ name: "count" }] });
  expect(planHistogram([{ length: 0, fields: [] }], readOptions(histogramOptions, {}), context)).toEqual({
    problem: "No numeric fields found.",
  });
});

test("bucketAt() finds the bucket of a value, and shownBounds() returns as many bounds as fit", () => {
  const plan = planned({ bucketSize: 10 });
  expect([-1, 0, 9.9, 10, 29, 30].map((value) => bucketAt(plan, value))).toEqual([-1, 0, 0, 1, 2, -1]);
  expect(shownBounds(plan, 10)).toEqual([0, 10, 20, 30]);
  expect(shownBounds(plan, 2)).toEqual([0, 20]);
});

test("nearestSeries() returns the lowest bar that reaches the pointer", () => {
  const { series, lows } = planned({ bucketSize: 10 });
  const geometry = barGeometry(series, () => true, lows.length, { stacking: "none", groupWidth: 1, barWidth: 1 });
  expect([0.5, 1.5, 9].map((height) => nearestSeries(geometry, 0, height))).toEqual([1, 0, 0]);
});
