import { expect, test } from "vitest";
import { choice, list, number, raw, readOptions, text, toggle } from "./option-table.ts";

const table = {
  mode: choice("legend.displayMode", "Mode", { list: "List", table: "Table" }, "list"),
  isShown: toggle("legend.showLegend", "Visible", true),
  width: number("legend.width", "Width", undefined, { min: 0 }),
  size: number("size", "Size", 5, { max: 10 }),
  unit: text("unit", "Unit"),
  calcs: list("legend.calcs", "Values", "reducers"),
  step: raw("step", (value) => (Array.isArray(value) ? value.length : undefined), 0),
};

test("readOptions() takes values of the right type, and defaults for all others", () => {
  expect(
    readOptions(table, {
      legend: { displayMode: "table", showLegend: false, width: "120", calcs: ["max", 3, "mean"] },
      size: 40,
      step: [1, 2],
    }),
  ).toEqual({ mode: "table", isShown: false, width: 120, size: 10, unit: "", calcs: ["max", "mean"], step: 2 });
  expect(readOptions(table, { legend: "no", size: {}, unit: 3, step: "x" })).toEqual({
    mode: "list",
    isShown: true,
    width: undefined,
    size: 5,
    unit: "",
    calcs: [],
    step: 0,
  });
});

test("readOptions() reads a text as a list with one entry", () => {
  expect(readOptions({ calcs: table.calcs }, { legend: { calcs: "max" } }).calcs).toEqual(["max"]);
  expect(readOptions({ calcs: table.calcs }, { legend: { calcs: "" } }).calcs).toEqual([]);
});

test("readOptions() does not read prototypes", () => {
  const mode = choice("constructor.name", "Mode", { Object: "Object", own: "Own" }, "own");
  expect(readOptions({ mode }, {})).toEqual({ mode: "own" });
  const word = choice("word", "Word", { a: "A" }, "a");
  expect(readOptions({ word }, JSON.parse('{"word":"toString"}') as { word: string })).toEqual({ word: "a" });
});
