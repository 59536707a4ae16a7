import type { Frame } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { valueOfTable } from "./sql-answer.ts";
import { tableOfFrames } from "./table-of-frames.ts";

const LENGTH = 1001;
const number = (name: string) => ({ name, type: "number", values: new Float64Array(LENGTH), config: {} }) as const;
const text = (name: string) => ({ name, type: "string", values: Array<string>(LENGTH).fill("x"), config: {} }) as const;

const columns = <F>(count: number, column: (name: string) => F): F[] =>
  Array.from({ length: count }, (_, i) => column(`c${i}`));

test("numbers of a row share the labels of the row", () => {
  const value = valueOfTable({ length: LENGTH, fields: [text("host"), number("a"), number("b")] });
  if (!Array.isArray(value)) throw new Error("the value has no series");
  expect(value).toHaveLength(2 * LENGTH);
  expect(value[0]).toMatchObject({ labels: { host: "x" } });
  expect(value[LENGTH].labels).toBe(value[0].labels);
});

test.each([
  ["numbers", columns(1000, number)],
  ["texts", [...columns(1000, text), number("n")]],
])("a table with more than a million %s is refused before its rows are read", (what, fields) => {
  expect(() => valueOfTable({ length: LENGTH, fields })).toThrow(`more than 1000000 ${what}`);
});

test("columns of the same name get numbers that no other column has", () => {
  const fields = ["a", "A", "a_2", "a", "a"].map((name) => ({ ...number(name), values: new Float64Array(1) }));
  const frame: Frame = { length: 1, fields };
  expect(tableOfFrames("B", [frame]).columns.map(({ name }) => name)).toEqual(["a", "A_2", "a_2_2", "a_3", "a_4"]);
});

test("a series without the label `constructor` has no value for it", () => {
  const one = (labels: Readonly<Record<string, string>>): Frame => ({
    length: 1,
    fields: [
      { name: "Time", type: "time", values: Float64Array.of(1), config: {} },
      { name: "Value", type: "number", values: Float64Array.of(1), config: {}, labels },
    ],
  });
  const table = tableOfFrames("B", [one({ constructor: "x" }), one({ host: "a" })]);
  const column = table.columns.findIndex(({ name }) => name === "constructor");
  expect([0, 1].map((row) => table.cell(column, row)).toSorted()).toEqual(["x", null].toSorted());
});
