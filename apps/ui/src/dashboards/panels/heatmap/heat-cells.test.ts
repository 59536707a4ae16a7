import { type Field, type Frame, numericColumn } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { columnAt, type HeatCells, heatCells } from "./heat-cells.ts";
import { heatFills } from "./heat-fills.ts";

const nameOf = ({ name }: Field): string => name;
const time = (...values: number[]): Field =>
  numericColumn({ name: "Time", config: { interval: 10 } }, "time", Float64Array.from(values));
const bucket = (le: string, ...values: number[]): Field =>
  numericColumn({ name: le, labels: { le } }, "number", Float64Array.from(values));
const rows = (...fields: Field[]): Frame => ({ length: 2, meta: { type: "heatmap-rows" }, fields });

function cellsOf(frames: readonly Frame[]): HeatCells {
  const cells = heatCells(frames, "auto", nameOf);
  if ("problem" in cells) throw new Error(cells.problem);
  return cells;
}

test("heatCells() makes a row of each bucket, the lowest bound first", () => {
  const cells = cellsOf([rows(time(10, 20), bucket("+Inf", 1, 2), bucket("0.5", 3, 4))]);
  expect(cells.axis).toEqual({ kind: "rows", names: ["0.5", "+Inf"], edge: "le" });
  expect([...cells.counts.subarray(0, cells.length)]).toEqual([3, 1, 4, 2]);
  expect([...cells.starts]).toEqual([0, 0, 10, 10]);
  expect([...cells.ends]).toEqual([10, 10, 20, 20]);
});

test("heatCells() adds the counts of several histograms in the same bucket", () => {
  const cells = cellsOf([
    rows(time(10, 20), bucket("1", 1, 1), bucket("+Inf", 5, 6)),
    rows(time(10, 30), bucket("1", 2, 2)),
  ]);
  expect([...cells.counts.subarray(0, cells.length)]).toEqual([3, 5, 1, 6, 2]);
  expect(columnAt(cells, 25)).toEqual([4, 5]);
});

test("heatCells() makes one row of each series that is not a bucket, in the order of the series", () => {
  const series = (name: string): Frame => ({
    length: 1,
    fields: [time(10), numericColumn({ name }, "number", Float64Array.of(1))],
  });
  expect(cellsOf([series("b"), series("a")]).axis).toEqual({ kind: "rows", names: ["b", "a"], edge: "unknown" });
});

/** Returns a frame with cells in the format of native histograms: end of the step, lower bound, upper bound, count. */
function native(...cells: readonly (readonly [xMax: number, yMin: number, yMax: number, count: number])[]): Frame {
  const column = (name: string, at: 0 | 1 | 2 | 3): Field =>
    numericColumn(
      { name, config: at === 0 ? { interval: 10 } : {} },
      at === 0 ? "time" : "number",
      Float64Array.from(cells, (cell) => cell[at]),
    );
  return {
    length: cells.length,
    meta: { type: "heatmap-cells" },
    fields: [column("xMax", 0), column("yMin", 1), column("yMax", 2), column("count", 3)],
  };
}

test("heatCells() reads the cells of native histograms on a logarithmic axis", () => {
  const cells = cellsOf([native([10, -0.001, 0.001, 1], [10, 1, 2, 5], [20, 1, 2, 7])]);
  expect(cells.axis).toMatchObject({ kind: "values", distribution: "log", base: 2 });
  expect(columnAt(cells, 5)).toEqual([0, 2]);
  expect(columnAt(cells, 25)).toEqual([0, 0]);
  expect(cells.counts[columnAt(cells, 15)[0]]).toBe(7);
});

test("heatCells() uses an axis through zero for negative buckets, and adds cells at the same position", () => {
  const cells = cellsOf([native([10, -2, -1, 3], [10, 1, 2, 1]), native([10, 1, 2, 4])]);
  expect(cells.axis).toMatchObject({ distribution: "symlog", threshold: 1 });
  expect([...cells.counts.subarray(0, cells.length)]).toEqual([3, 5]);
});

test("heatCells() computes the height of cells that have only lower bounds", () => {
  const column = (name: string, type: "time" | "number", ...values: number[]): Field =>
    numericColumn({ name }, type, Float64Array.from(values));
  const frame: Frame = {
    length: 4,
    meta: { type: "heatmap-cells" },
    fields: [
      column("xMin", "time", 0, 0, 60, 60),
      column("yMin", "number", 0, 5, 0, 5),
      column("Count", "number", 1, 2, 3, 4),
    ],
  };
  const cells = cellsOf([frame]);
  expect([...cells.highs]).toEqual([5, 10, 5, 10]);
  expect([...cells.ends]).toEqual([60, 60, 120, 120]);
  expect(cells.axis).toMatchObject({ distribution: "linear" });
});

test("heatCells() reports missing columns", () => {
  expect(heatCells([{ length: 1, fields: [time(1)] }], "auto", nameOf)).toEqual({
    problem: "A heatmap needs a time field and a number field.",
  });
  expect(heatCells([{ length: 1, meta: { type: "heatmap-cells" }, fields: [time(1)] }], "auto", nameOf)).toHaveProperty(
    "problem",
  );
});

test("heatFills() distributes the shown counts over the colours", () => {
  const settings = { min: undefined, max: undefined, hiddenBelow: 1e-9, hiddenFrom: undefined, steps: 4 };
  const fills = heatFills(Float64Array.of(0, 1, 5, 3, NaN), 5, settings);
  expect([fills.min, fills.max]).toEqual([1, 5]);
  expect([...fills.colors]).toEqual([0, 1, 4, 3, 0]);
  expect([...fills.order]).toEqual([1, 3, 2]);
  expect([...fills.order.subarray(fills.offsets[4], fills.offsets[5])]).toEqual([2]);
  const set = heatFills(Float64Array.of(-1, 10), 2, { ...settings, hiddenBelow: undefined, min: 0, max: 5 });
  expect([...set.colors]).toEqual([1, 4]);
});
