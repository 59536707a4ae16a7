import type { Field } from "@narthex/dashboards";
import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { ValueBudget } from "../value-budget.ts";
import type { Fill } from "./macros.ts";
import { type ColumnKind, columnBuilder } from "./result-columns.ts";
import { type ResultShape, shapeResult } from "./shape-result.ts";

type Cells = readonly (string | null)[];

const shown = ({ name, type, values, labels, ...rest }: Field) => {
  const nulls = "nulls" in rest ? rest.nulls : undefined;
  const cells = Array.from(values as ArrayLike<unknown>, (value, row) => (nulls?.[row] === 1 ? null : value));
  return [name, type, labels ?? {}, cells];
};

function shape(
  columns: readonly (readonly [name: string, kind: ColumnKind, cells: Cells])[],
  more: Partial<ResultShape> = {},
) {
  const builders = columns.map(([name, kind, cells]) => {
    const builder = columnBuilder({ name, kind });
    for (const cell of cells) builder.push(cell);
    return builder;
  });
  const takeFields = (isSeries: boolean) => builders.map((builder) => builder.takeField(isSeries));
  const result = { refId: "A", sql: "SELECT", takeFields, rows: columns[0]?.[2].length ?? 0, notices: [] };
  const frame = runToEnd(
    shapeResult(result, {
      format: "time_series",
      timeColumns: ["time"],
      fill: undefined,
      range: { from: 1_700_000_000_000, to: 1_700_000_600_000 },
      budget: new ValueBudget(10_000_000, "too many cells"),
      ...more,
    }),
  );
  return { fields: frame.fields.map(shown), length: frame.length, meta: frame.meta };
}

test("a result without rows has no columns", () => {
  expect(shape([["time", "number", []]])).toEqual({ fields: [], length: 0, meta: { executedQueryString: "SELECT" } });
});

test("a whole number that is too large for JavaScript is a value of a time series, not a label", () => {
  const { fields } = shape([
    ["time", "time", ["2024-01-01", "2024-01-02"]],
    ["host", "string", ["a", "a"]],
    ["n", "integer", ["9007199254740993", "1"]],
  ]);
  expect(fields[1]).toEqual(["n", "number", { host: "a" }, [9_007_199_254_740_992, 1]]);
});

test("columns of a table keep their types and nulls", () => {
  const { fields } = shape(
    [
      ["n", "number", ["1.5", null, "NaN"]],
      ["small", "integer", ["1", "2", null]],
      ["large", "integer", ["1", "9007199254740993", null]],
      ["b", "boolean", ["t", "f", null]],
      ["s", "string", ["a", "", null]],
      ["t", "time", ["2024-01-01", "infinity", null]],
    ],
    { format: "table" },
  );
  expect(fields).toEqual([
    ["n", "number", {}, [1.5, null, Number.NaN]],
    ["small", "number", {}, [1, 2, null]],
    ["large", "string", {}, ["1", "9007199254740993", null]],
    ["b", "boolean", {}, [true, false, null]],
    ["s", "string", {}, ["a", "", null]],
    ["t", "time", {}, [Date.UTC(2024, 0, 1), null, null]],
  ]);
});

test("Unix times in seconds, milliseconds and nanoseconds are times, in tables too", () => {
  const times = ["1700000000", "1700000000123", "1700000000123000000", "5", null];
  const expected = [1_700_000_000_000, 1_700_000_000_123, 1_700_000_000_123, 5, null];
  const { fields } = shape(
    [
      ["time", "number", times],
      ["TimeEnd", "number", times],
    ],
    { format: "table" },
  );
  expect(fields).toEqual([
    ["time", "time", {}, expected],
    ["TimeEnd", "time", {}, expected],
  ]);
});

test("time series without texts stay wide, with numbers as values", () => {
  const { fields, meta } = shape([
    ["v", "number", ["1", null]],
    ["time", "time", ["2024-01-02", "2024-01-01"]],
    ["b", "boolean", ["t", null]],
  ]);
  expect(fields).toEqual([
    ["v", "number", {}, [1, null]],
    ["Time", "time", {}, [Date.UTC(2024, 0, 2), Date.UTC(2024, 0, 1)]],
    ["b", "number", {}, [1, null]],
  ]);
  expect(meta).toEqual({ executedQueryString: "SELECT" });
});

test("texts become labels of series, which are sorted by name and labels", () => {
  const { fields, meta } = shape([
    ["time", "number", ["1700000000", "1700000000", "1700000060"]],
    ["host", "string", ["b", "a", null]],
    ["v", "number", ["1", "2", "3"]],
    ["u", "number", ["4", null, "6"]],
  ]);
  expect(fields).toEqual([
    ["Time", "time", {}, [1_700_000_000_000, 1_700_000_060_000]],
    ["u", "number", { host: "" }, [null, 6]],
    ["u", "number", { host: "a" }, [null, null]],
    ["u", "number", { host: "b" }, [4, null]],
    ["v", "number", { host: "" }, [null, 3]],
    ["v", "number", { host: "a" }, [2, null]],
    ["v", "number", { host: "b" }, [1, null]],
  ]);
  expect(meta?.type).toBe("timeseries-wide");
});

test("a column metric next to time and value names the series", () => {
  const { fields } = shape([
    ["time", "number", ["1700000000"]],
    ["metric", "string", ["cpu"]],
    ["value", "number", ["1"]],
  ]);
  expect(fields[1]).toEqual(["cpu", "number", {}, [1]]);
});

test.each([
  [[["v", "number", ["1"]]], "db has no time column"],
  [
    [
      ["time", "number", ["1700000060", "1700000000"]],
      ["s", "string", ["a", "a"]],
      ["v", "number", ["1", "2"]],
    ],
    "must be sorted ascending by time",
  ],
  [
    [
      ["time", "number", [null]],
      ["s", "string", ["a"]],
      ["v", "number", ["1"]],
    ],
    "null time values",
  ],
  [[["time", "string", ["x"]]], "unable to convert data to a time field"],
] as const)("a result that is no time series fails (%#)", (columns, problem) => {
  expect(() => shape(columns as Parameters<typeof shape>[0])).toThrow(problem);
});

const fill = (mode: Fill["mode"], value = 0): Fill => ({ intervalMs: 300_000, mode, value });
const HALF = [
  ["time", "number", ["1699999000", "1700000100"]],
  ["v", "number", ["7", "1"]],
] as const;

test.each([
  ["null", [null, 1, null]],
  ["previous", [7, 1, 1]],
  ["value", [9, 1, 9]],
] as const)("mode %s fills rows that are missing in the range", (mode, values) => {
  const { fields } = shape(HALF, { fill: fill(mode, 9) });
  expect(fields).toEqual([
    ["Time", "time", {}, [1_699_999_800_000, 1_700_000_100_000, 1_700_000_400_000]],
    ["v", "number", {}, values],
  ]);
});

test("the filling also applies to times of other series", () => {
  const { fields } = shape(
    [
      ["time", "number", ["1700000100", "1700000400"]],
      ["metric", "string", ["a", "b"]],
      ["v", "number", ["1", "2"]],
    ],
    { fill: fill("previous") },
  );
  expect(fields.slice(1)).toEqual([
    ["a", "number", {}, [null, 1, 1]],
    ["b", "number", {}, [null, null, 2]],
  ]);
});

test("a filling with too many rows is left out with a notice, and the cells of one are limited", () => {
  const long = { from: 0, to: 1_000_001 * 300_000 };
  expect(shape(HALF, { fill: fill("null"), range: long }).meta?.notices?.[0]?.text).toContain("Fill operation skipped");
  const budget = new ValueBudget(1000, "too many cells");
  const wide = { fill: fill("null"), range: { from: 0, to: 900_000 * 300_000 }, budget };
  expect(() => shape(HALF, wide)).toThrow("too many cells");
});

test("series with many labels and times are limited by the cells of the request", () => {
  const rows = Array.from({ length: 1000 }, (_, row) => String(1_700_000_000 + row));
  const columns = [
    ["time", "number", rows],
    ["s", "string", rows],
    ["v", "number", rows],
  ] as const;
  const budget = new ValueBudget(100_000, "too many cells");
  expect(() => shape(columns, { budget })).toThrow("too many cells");
});
