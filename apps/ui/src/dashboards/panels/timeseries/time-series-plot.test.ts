import { type Field, type FieldConfig, type Frame, fieldDisplay, joinFormatted, ownRange } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { drawnData, planKey, planSeries } from "./time-series-plot.ts";

const series = (value: number, config: FieldConfig): Frame => ({
  length: 1,
  fields: [
    { name: "Time", type: "time", config: {}, values: Float64Array.of(0) },
    { name: "Value", type: "number", config, values: Float64Array.of(value) },
  ],
});

const viewOf = (field: Field) => {
  const display = fieldDisplay(field, { theme: "light" });
  return {
    name: field.name,
    color: `#00000${field.config.decimals ?? 0}`,
    range: ownRange(field),
    display,
    text: (value: number | null) => joinFormatted(display(value)),
    colorOf: (value: number | null) => display(value).color,
  };
};

const drawn = (...frames: readonly Frame[]): unknown =>
  drawnData(planSeries(frames, viewOf), new Set())
    .data.slice(1)
    .map((values) => Array.from(values));

const stacked = (custom: Readonly<Record<string, unknown>> = {}, mode = "normal"): FieldConfig => ({
  custom: { stacking: { mode, group: "A" }, ...custom },
});

test("negative series are stacked separately, downwards", () => {
  expect(drawn(series(100, stacked()), series(-80, stacked()), series(10, stacked()), series(-5, stacked()))).toEqual([
    [100],
    [-80],
    [110],
    [-85],
  ]);
  const mirrored = stacked({ transform: "negative-Y" });
  expect(drawn(series(100, stacked()), series(80, mirrored), series(-5, stacked()), series(-7, mirrored))).toEqual([
    [100],
    [-80],
    [-85],
    [107],
  ]);
  expect(drawn(series(30, stacked({}, "percent")), series(-80, stacked({}, "percent")))).toEqual([[1], [-1]]);
});

test("series of an earlier period are stacked on each other, as lines without areas", () => {
  const present = [series(1, stacked({ fillOpacity: 40 })), series(2, stacked({ fillOpacity: 40 }))];
  const frames = [series(10, stacked({ fillOpacity: 40 })), series(20, stacked({ fillOpacity: 40 }))];
  const earlier = { frames, words: "1 day earlier", earlierOf: new Map(), presentOf: new Map() };
  const plan = planSeries([...present, ...frames], viewOf, undefined, earlier);
  expect(
    drawnData(plan, new Set())
      .data.slice(1)
      .map((values) => Array.from(values)),
  ).toEqual([[1], [3], [10], [30]]);
  expect(plan.series.map(({ options }) => [options.lineFill, options.fillOpacity])).toEqual([
    ["solid", 40],
    ["solid", 40],
    ["dash", 0],
    ["dash", 0],
  ]);
});

test("series with different units or axes are never added", () => {
  expect(
    drawn(
      series(1, { ...stacked(), unit: "bytes" }),
      series(2, { ...stacked(), unit: "s" }),
      series(3, { ...stacked({ axisPlacement: "right" }), unit: "s" }),
      series(4, { ...stacked(), unit: "bytes" }),
    ),
  ).toEqual([[1], [2], [3], [5]]);
});

test("series that differ only in the appearance of their axis are one stack on one axis", () => {
  expect(
    drawn(
      series(1, { ...stacked({ axisColorMode: "series" }), decimals: 1 }),
      series(2, { ...stacked({ axisColorMode: "series", axisBorderShow: true }), decimals: 2 }),
    ),
  ).toEqual([[1], [3]]);
});

test("series are stacked only on series with the same interpolation, and lines are not stacked on bars", () => {
  expect(
    drawn(
      series(1, stacked()),
      series(2, stacked({ lineInterpolation: "stepAfter" })),
      series(3, stacked({ drawStyle: "bars" })),
      series(4, stacked({ drawStyle: "bars", barAlignment: 1 })),
      series(5, stacked({ drawStyle: "bars" })),
    ),
  ).toEqual([[1], [2], [3], [4], [8]]);
});

test("the plot is configured again if new values change the stacking direction of a series", () => {
  const pictureOf = (value: number): string => {
    const plan = planSeries([series(1, stacked()), series(value, stacked())], viewOf);
    return planKey(plan, drawnData(plan, new Set()).bands, new Set());
  };
  expect(pictureOf(2)).toBe(pictureOf(3));
  expect(pictureOf(2)).not.toBe(pictureOf(-2));
});
