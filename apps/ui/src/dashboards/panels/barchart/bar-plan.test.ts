import { type Field, fieldDisplay, type Frame, numericColumn } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { plotTheme } from "../../../plot/plot-theme.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { barGeometry, reachOf } from "../../plot/bar-geometry.ts";
import { type BarPlan, planBars } from "./bar-plan.ts";
import { barAt } from "./bar-tooltip.ts";
import { barChartOptions } from "./options.ts";

const context: PanelContext = {
  theme: plotTheme("dark"),
  zone: "UTC",
  now: 1000,
  range: { from: 0, to: 1000 },
  onZoom: () => undefined,
  syncKey: undefined,
  isTooltipShared: false,
  annotations: [],
  onMarks: () => undefined,
  onAnnotate: undefined,
  linksOf: () => [],
  viewOf: (field: Field) => {
    const display = fieldDisplay(field, { theme: "dark", timeZone: "utc" });
    return {
      name: field.name,
      color: `color of ${field.name}`,
      range: { min: 0, max: 1, delta: 1 },
      display,
      text: String,
      colorOf: (value) => `color of ${value}`,
    };
  },
  cssColor: (color) => color,
  fill: (text) => text,
};

const numbers = (name: string, ...values: (number | null)[]): Field =>
  numericColumn(
    { name },
    "number",
    Float64Array.from(values, (value) => value ?? 0),
    Uint8Array.from(values, (value) => Number(value === null)),
  );
const hosts: Field = { name: "host", type: "string", values: ["a", "b", "c"], config: {} };
const table = (...fields: Field[]): Frame => ({ length: 3, fields });

function planned(frames: readonly Frame[], options: object = {}): BarPlan {
  const plan = planBars(frames, readOptions(barChartOptions, { ...options }), context);
  if ("problem" in plan) throw new Error(plan.problem);
  return plan;
}

const all: (series: { readonly key: string }) => boolean = () => true;
const geometryOf = ({ series, labels }: BarPlan, stacking: "none" | "normal" | "percent", isDrawn = all) =>
  barGeometry(series, isDrawn, labels.length, { stacking, groupWidth: 0.8, barWidth: 0.5 });
const rounded = (values: Iterable<number>): number[] => Array.from(values, (value) => +value.toFixed(6));

test("planBars() names groups by the first text column, and makes a series of each number column", () => {
  const plan = planned([table(numbers("cpu", 1, null, 3), hosts, numbers("ram", 4, 5, 6))]);
  expect(plan.labels).toEqual(["a", "b", "c"]);
  expect(plan.series.map(({ key, values }) => [key, [...values]])).toEqual([
    ["cpu", [1, NaN, 3]],
    ["ram", [4, 5, 6]],
  ]);
});

test("planBars() names groups by the field in the options, and reports a problem if the field does not exist", () => {
  const frame = table(numbers("cpu", 1, 2, 3), hosts, numbers("ram", 4, 5, 6));
  expect(planned([frame], { xField: "ram" }).series.map(({ key }) => key)).toEqual(["cpu"]);
  expect(planned([frame], { xTickLabelMaxLength: 2, xField: "cpu" }).labels).toEqual(["1", "2", "3"]);
  const options = readOptions(barChartOptions, { xField: "disk" });
  expect(planBars([frame], options, context)).toEqual({ problem: 'There is no field "disk" for the x axis.' });
  expect(planBars([table(numbers("cpu", 1, 2, 3))], readOptions(barChartOptions, {}), context)).toHaveProperty(
    "problem",
  );
});

test("planBars() joins frames with times by time", () => {
  const over = (name: string, ...times: number[]): Frame => ({
    length: times.length,
    fields: [numericColumn({ name: "Time" }, "time", Float64Array.from(times)), numbers(name, ...times)],
  });
  const plan = planned([over("a", 0, 60_000), over("b", 60_000, 120_000)]);
  expect(plan.labels).toEqual(["00:00", "00:01", "00:02"]);
  expect(plan.series.map(({ values }) => [...values])).toEqual([
    [0, 60_000, NaN],
    [NaN, 60_000, 120_000],
  ]);
});

test("the field that the options select for colours determines the colours of bars, and has no bars itself", () => {
  const plan = planned([table(hosts, numbers("cpu", 1, 2, 3), numbers("heat", 7, 8, 9))], { colorByField: "heat" });
  expect(plan.series.map(({ key }) => key)).toEqual(["cpu"]);
  expect(plan.colorOf(plan.series[0]!, 1)).toBe(plan.colorOf(plan.series[0]!, 1));
});

test("barGeometry() places bars side by side, and a single one in the middle", () => {
  const plan = planned([table(hosts, numbers("a", 1, 2, 3), numbers("b", 4, 5, 6))]);
  const { slots } = geometryOf(plan, "none");
  expect([...slots.values()].map(({ from, to }) => rounded([from, to]))).toEqual([
    [-0.3, -0.1],
    [0.1, 0.3],
  ]);
  const alone = geometryOf(plan, "none", ({ key }) => key === "b");
  expect([...alone.slots]).toEqual([[1, { from: -0.25, to: 0.25 }]]);
});

test("barGeometry() stacks positive and negative values separately, also as percentages", () => {
  const plan = planned([table(hosts, numbers("a", 1, -1, 0), numbers("b", 3, 3, 0), numbers("c", -4, -4, 0))]);
  const normal = geometryOf(plan, "normal");
  expect(normal.starts.map(([first]) => first)).toEqual([0, 1, 0]);
  expect(normal.ends.map(([first]) => first)).toEqual([1, 4, -4]);
  expect(reachOf(normal, [0, 1, 2])).toEqual([-5, 4]);
  const percent = geometryOf(plan, "percent");
  expect(rounded(percent.ends.map(([first]) => first!))).toEqual([0.125, 0.5, -0.5]);
  expect(percent.ends.map((ends) => ends[2])).toEqual([0, 0, 0]);
});

test("barAt() finds the nearest bar of the group", () => {
  const plan = planned([table(hosts, numbers("a", 1, 2, 3), numbers("b", 4, null, 6))]);
  const moment = { plan, geometry: geometryOf(plan, "none") };
  expect(barAt(0.2, moment)).toEqual({ row: 0, series: 1 });
  expect(barAt(1.4, moment)).toEqual({ row: 1, series: 0 });
  expect(barAt(7, moment)).toBeUndefined();
});
