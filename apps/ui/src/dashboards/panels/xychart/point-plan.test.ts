import { type Field, fieldDisplay, type Frame, numericColumn } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { plotTheme } from "../../../plot/plot-theme.ts";
import { readOptions } from "../../contracts/option-table.ts";
import { xyChartOptions } from "./options.ts";
import { pointAt } from "./point-drawing.ts";
import { extentOf, planPoints } from "./point-plan.ts";

const context = {
  theme: plotTheme("dark"),
  viewOf: (field: Field) => ({
    name: field.name,
    color: `color of ${field.name}`,
    range: { min: 0, max: 1, delta: 1 },
    display: fieldDisplay(field, { theme: "dark", timeZone: "utc" }),
    text: String,
    colorOf: (value: number | null) => `color of ${value}`,
  }),
};

const numbers = (name: string, values: readonly (number | null)[], custom = {}): Field =>
  numericColumn(
    { name, config: { custom, color: { mode: "fixed", fixedColor: "red" } } },
    "number",
    Float64Array.from(values, (value) => value ?? 0),
    Uint8Array.from(values, (value) => Number(value === null)),
  );
const hosts: Field = { name: "host", type: "string", values: ["a", "b", "c"], config: {} };
const frame: Frame = {
  length: 3,
  refId: "A",
  fields: [hosts, numbers("cpu", [1, 2, 3]), numbers("ram", [4, null, 6]), numbers("disk", [0, 5, 10])],
};
const byName = (name: string) => ({ matcher: { id: "byName", options: name } });

function planned(options: object, frames: readonly Frame[] = [frame]) {
  const plan = planPoints(frames, readOptions(xyChartOptions, { ...options }), context);
  if ("problem" in plan) throw new Error(plan.problem);
  return plan;
}
const problemOf = (options: object, frames: readonly Frame[]): string | undefined => {
  const plan = planPoints(frames, readOptions(xyChartOptions, { ...options }), context);
  return "problem" in plan ? plan.problem : undefined;
};

test("planPoints() draws each number column over the first number column", () => {
  const { series, x } = planned({});
  expect(x.view.name).toBe("cpu");
  expect(x.scale.label).toBe("cpu");
  expect(series.map(({ key, color, xs, ys }) => [key, color, [...xs], [...ys]])).toEqual([
    ["ram", "color of ram", [1, 2, 3], [4, NaN, 6]],
    ["disk", "color of disk", [1, 2, 3], [0, 5, 10]],
  ]);
});

test("planPoints() uses the columns that matchers select for x, colour and size, and draws no series of these columns columns", () => {
  const { series, x } = planned({ series: [{ x: byName("ram"), color: byName("disk") }] });
  expect(x.view.name).toBe("ram");
  expect(series.map(({ key, colors }) => [key, colors])).toEqual([
    ["cpu", ["color of 0", "color of 5", "color of 10"]],
  ]);
});

test("planPoints() makes one named series from each frame in a manual mapping", () => {
  const one = { frame: { matcher: { id: "byIndex", options: 1 } }, x: byName("cpu"), y: byName("disk") };
  const options = {
    mapping: "manual",
    series: [
      { ...one, name: { fixed: "Disks" } },
      { ...one, y: byName("ram") },
    ],
  };
  const other = { ...frame, refId: "B" };
  const { series } = planned(options, [frame, other]);
  expect(series.map(({ name, frame: { refId }, y }) => [name, refId, y.name])).toEqual([
    ["Disks", "B", "disk"],
    ["ram", "B", "ram"],
  ]);
});

test("planPoints() scales the areas of points with a column's values", () => {
  const disk = numbers("disk", [0, 5, 10], { pointSize: { min: 10, max: 20 } });
  const sized = { ...frame, fields: [...frame.fields.slice(0, 3), disk] };
  const { series } = planned({ series: [{ size: byName("disk") }] }, [sized]);
  expect([...series[0]!.sizes!]).toEqual([10, Math.sqrt(250), 20]);
});

test("planPoints() reports why nothing is drawn", () => {
  expect(problemOf({}, [])).toBe("There is no data.");
  expect(problemOf({}, [{ length: 3, fields: [hosts] }])).toMatch(/two number fields/);
  expect(problemOf({ mapping: "manual" }, [frame])).toMatch(/No series is mapped/);
  expect(problemOf({ mapping: "manual", series: [{ x: byName("nothing"), y: byName("ram") }] }, [frame])).toMatch(
    /select no number fields/,
  );
});

test("extentOf() ignores values without a position, and values that a logarithmic axis cannot contain", () => {
  const { scale } = planned({}).x;
  expect(extentOf([Float64Array.of(NaN, 3, -1), Float64Array.of(Infinity, 7)], scale)).toEqual([-1, 7]);
  expect(extentOf([Float64Array.of(0, 3, -1)], { ...scale, distribution: "log" })).toEqual([3, 3]);
  expect(extentOf([], scale)).toEqual([null, null]);
});

test("pointAt() finds the point under the pointer, or the nearest one close to it", () => {
  const plan = planned({});
  const drawn = new Map([
    [0, { lefts: Float64Array.of(10, NaN, 50), tops: Float64Array.of(10, NaN, 50) }],
    [1, { lefts: Float64Array.of(14, 30, 50), tops: Float64Array.of(10, 30, 50) }],
  ]);
  expect(pointAt(plan, drawn, 10, 10)).toEqual({ series: 0, row: 0 });
  expect(pointAt(plan, drawn, 50, 50)).toEqual({ series: 1, row: 2 });
  expect(pointAt(plan, drawn, 30, 36)).toEqual({ series: 1, row: 1 });
  expect(pointAt(plan, drawn, 100, 100)).toBeUndefined();
});
