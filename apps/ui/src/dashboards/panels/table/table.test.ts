import type { Field, FieldConfig, Frame } from "@narthex/dashboards";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readOptions } from "../../contracts/option-table.ts";
import { textOn } from "./cell-color.ts";
import { footerLines } from "./footer.ts";
import { movedBy } from "./grid-keys.ts";
import { tableOptions } from "./options.ts";
import { distinctTexts, orderRows, turnSort } from "./row-order.ts";
import { lineOf } from "./sparkline.ts";
import { cellText, columnWidths, tableColumns } from "./table-columns.ts";

const numbers = (name: string, values: readonly (number | null)[], config: FieldConfig = {}): Field => ({
  name,
  type: "number",
  config,
  values: Float64Array.from(values, (value) => value ?? 0),
  nulls: Uint8Array.from(values, (value) => (value === null ? 1 : 0)),
});
const texts = (name: string, values: readonly (string | null)[], config: FieldConfig = {}): Field => ({
  name,
  type: "string",
  config,
  values,
});
const frame = (...fields: readonly Field[]): Frame => ({ length: fields[0]!.values.length, fields });
const NOW = 1_700_000_000_000;
const columnsOf = (...fields: readonly Field[]) =>
  tableColumns(frame(...fields), { scheme: "light", zone: "UTC", now: NOW });
const none: ReadonlyMap<string, ReadonlySet<string>> = new Map();

test("tableColumns() leaves out hidden columns and gives equal names different keys", () => {
  const columns = columnsOf(
    numbers("a", [1]),
    numbers("b", [1], { custom: { hidden: true } }),
    numbers("c", [1], { custom: { hideFrom: { viz: true } } }),
    texts("d", ["x"], { displayName: "a" }),
  );
  expect(columns.map(({ key, align }) => [key, align])).toEqual([
    ["a", "right"],
    ["a #1", "left"],
  ]);
});

test.each([
  [{ cellOptions: { type: "gauge", mode: "lcd" } }, "gauge", "lcd"],
  [{ cellOptions: { type: "color-background" } }, "color-background", "gradient"],
  [{ cellOptions: { type: "color-background", mode: "basic" } }, "color-background", "basic"],
  [{ displayMode: "color-background-solid" }, "color-background", "basic"],
  [{ displayMode: "gradient-gauge" }, "gauge", "gradient"],
  [{ displayMode: "constructor" }, "auto", "gradient"],
  [{ cellOptions: 3, displayMode: [], align: {}, width: "x", minWidth: null }, "auto", "gradient"],
])("a column with %o is drawn as %s, %s", (custom, kind, mode) => {
  expect(columnsOf(numbers("a", [1], { custom }))[0]?.cell).toEqual({ kind, mode });
});

test("orderRows() sorts by several columns, with missing values last in both directions", () => {
  const columns = columnsOf(texts("host", ["b10", "b9", null, "b9"]), numbers("load", [1, 2, 3, null]));
  const order = (...sorts: readonly (readonly [string, boolean])[]) => [
    ...orderRows(
      columns,
      4,
      sorts.map(([key, isDescending]) => ({ key, isDescending })),
      none,
    ),
  ];
  expect(order()).toEqual([0, 1, 2, 3]);
  expect(order(["host", false])).toEqual([1, 3, 0, 2]);
  expect(order(["host", true])).toEqual([0, 1, 3, 2]);
  expect(order(["load", true])).toEqual([2, 1, 0, 3]);
  expect(order(["host", false], ["load", false])).toEqual([1, 3, 0, 2]);
  expect(order(["gone", false])).toEqual([0, 1, 2, 3]);
});

test("orderRows() returns every row once, in the same order as sorting plain arrays", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }))), fc.boolean(), (values, isDescending) => {
      const columns = columnsOf(numbers("a", values));
      const sorted = [...orderRows(columns, values.length, [{ key: "a", isDescending }], none)];
      const expected = values
        .map((value, row) => ({ value, row }))
        .toSorted((a, b) => {
          if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
          return isDescending ? b.value - a.value : a.value - b.value;
        })
        .map(({ row }) => row);
      expect(sorted).toEqual(expected);
    }),
  );
});

test("orderRows() keeps the rows that match all filters", () => {
  const columns = columnsOf(texts("a", ["x", "y", "x"]), numbers("b", [1, 2, 3], { unit: "percent" }));
  expect(distinctTexts(columns[0]!, 3, 10)).toEqual(["x", "y"]);
  expect([...orderRows(columns, 3, [], new Map([["a", new Set(["x"])]]))]).toEqual([0, 2]);
  const both = new Map([
    ["a", new Set(["x"])],
    ["b", new Set(["3%"])],
  ]);
  expect([...orderRows(columns, 3, [], both)]).toEqual([2]);
  expect(cellText(columns[1]!, 2)).toBe("3%");
});

test("turnSort() changes from ascending to descending to unsorted, and keeps the sort by other columns if requested", () => {
  const up = turnSort([], "a", false);
  const down = turnSort(up, "a", false);
  expect([up, down, turnSort(down, "a", false)]).toEqual([
    [{ key: "a", isDescending: false }],
    [{ key: "a", isDescending: true }],
    [],
  ]);
  expect(turnSort(down, "b", true).map(({ key }) => key)).toEqual(["a", "b"]);
  expect(turnSort(down, "b", false).map(({ key }) => key)).toEqual(["b"]);
});

test("columnWidths() keeps set widths and divides the remaining space between the other columns", () => {
  const columns = columnsOf(
    numbers("a", [1], { custom: { width: 100 } }),
    numbers("b", [1]),
    numbers("c", [1], { custom: { minWidth: 400 } }),
    numbers("d", [1]),
  );
  expect(columnWidths(columns, 1000, new Map())).toEqual([100, 250, 400, 250]);
  expect(columnWidths(columns, 300, new Map())).toEqual([100, 150, 400, 150]);
  expect(columnWidths(columns, 1000, new Map([["c", 50]]))).toEqual([100, 425, 50, 425]);
});

test("footerLines() reduces only the shown rows", () => {
  const columns = columnsOf(texts("a", ["x", "y"]), numbers("b", [1, 3], { unit: "percent" }));
  const options = readOptions(tableOptions, { footer: { show: true, reducer: ["mean", "count", "nope"] } });
  expect(footerLines(columns, Int32Array.of(0, 1), options)?.[1]).toEqual([
    { name: "Mean", text: "2%" },
    { name: "Count", text: "2" },
  ]);
  const counted = readOptions(tableOptions, { footer: { show: true, reducer: ["count"], countRows: true } });
  expect(footerLines(columns, Int32Array.of(1), counted)?.[0]).toEqual([{ name: "Count", text: "1" }]);
  expect(footerLines(columns, Int32Array.of(0), readOptions(tableOptions, {}))).toBeUndefined();
});

test("readOptions() accepts any options of a table", () => {
  for (const odd of [null, 3, "x", [], [null], { displayName: {} }, [{ displayName: "a", desc: 1 }, 4]]) {
    const options = readOptions(tableOptions, { sortBy: odd, footer: odd, frameIndex: odd, cellHeight: odd });
    expect(Array.isArray(options.sortBy)).toBe(true);
    expect(options.cellHeight).toBe("sm");
  }
});

test("movedBy() stays inside the table", () => {
  const size = { rows: 100, columns: 3, page: 10, hasHeader: true };
  const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false });
  expect(movedBy(key("ArrowUp"), { row: 0, column: 1 }, size)).toEqual({ row: -1, column: 1 });
  expect(movedBy(key("ArrowUp"), { row: 0, column: 1 }, { ...size, hasHeader: false })).toEqual({ row: 0, column: 1 });
  expect(movedBy(key("End", true), { row: 0, column: 1 }, size)).toEqual({ row: 99, column: 2 });
  expect(movedBy(key("PageDown"), { row: 95, column: 1 }, size)).toEqual({ row: 99, column: 1 });
  expect(movedBy(key("x"), { row: 0, column: 0 }, size)).toBeUndefined();
});

test("lineOf() uses indexes if there are no times", () => {
  const line = lineOf(frame(numbers("v", [0, 10, null, 5])));
  expect([...line!.times.values]).toEqual([0, 1, 2, 3]);
  expect(lineOf(frame(texts("a", ["x"])))).toBeUndefined();
});

test("textOn() returns a colour that is legible on dark and on light backgrounds", () => {
  expect(textOn("#000000")).toBe("#ffffff");
  expect(textOn("#ffff00")).toBe("#101612");
  expect(textOn("rgba(0,0,0,0)")).toBeUndefined();
});

test("relative times are relative to the last refresh", () => {
  const [column] = columnsOf(numbers("started", [NOW - 3 * 3_600_000], { unit: "dateTimeFromNow" }));
  expect(cellText(column!, 0)).toBe("3 hours ago");
});
