import type { NumericField } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { sparkPath } from "./spark-path.ts";

const column = (type: "time" | "number", values: readonly number[], nulls?: readonly number[]): NumericField => ({
  name: type,
  type,
  values: Float64Array.from(values),
  ...(nulls === undefined ? {} : { nulls: Uint8Array.from(nulls) }),
  config: {},
});
const timesOf = (count: number): NumericField =>
  column(
    "time",
    Array.from({ length: count }, (_, at) => at * 1000),
  );

test("sparkPath() fills its box, with the smallest value at the bottom", () => {
  const path = sparkPath(column("number", [0, 10]), timesOf(2), { width: 100, height: 43 });
  expect(path).toEqual({ line: "M0 41.5L100 1.5", area: "M0 41.5L100 1.5L100 43L0 43Z" });
});

test("sparkPath() breaks at missing values, and shows a single value as a dot", () => {
  const size = { width: 100, height: 43 };
  expect(sparkPath(column("number", [0, 5, NaN, 10, 0], [0, 0, 0, 0, 1]), timesOf(5), size)?.line).toBe(
    "M0 41.5L25 21.5M75 1.5L75.5 1.5",
  );
});

test("sparkPath() draws equal values in the middle, and returns nothing without values", () => {
  const size = { width: 100, height: 40 };
  expect(sparkPath(column("number", [7, 7]), timesOf(2), size)?.line).toBe("M0 20L100 20");
  expect(sparkPath(column("number", [NaN, NaN]), timesOf(2), size)).toBeUndefined();
  expect(sparkPath(column("number", [1]), timesOf(1), size)).toBeUndefined();
  expect(sparkPath(column("number", [1, 2]), timesOf(2), { width: 0, height: 40 })).toBeUndefined();
});

test("sparkPath() has at most four points for a column of pixels, including the extremes", () => {
  const values = Array.from({ length: 100_000 }, (_, at) => (at === 51_234 ? 1000 : at % 7));
  const path = sparkPath(column("number", values), timesOf(100_000), { width: 200, height: 103 });
  expect(path!.line.split("L").length).toBeLessThanOrEqual(201 * 4);
  expect(path!.line).toContain(" 1.5");
});

test("sparkPath() limits values to the field's own min and max", () => {
  const field = { ...column("number", [-100, 0, 10, 500]), config: { min: 0, max: 10 } };
  expect(sparkPath(field, timesOf(4), { width: 90, height: 43 })?.line).toBe("M0 41.5L30 41.5L60 1.5L90 1.5");
});
