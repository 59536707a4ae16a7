import { expect, test } from "vitest";
import { lineExtent, nearestLines } from "./line-painter.ts";
import { plotData } from "./plot-data.ts";

const data = await plotData(
  [
    ["a", "1", "2"],
    ["b", "-3", "NaN"],
    ["c", "5", "4"],
  ].map(([x = "", first = "", second = ""]) => ({
    metric: { x },
    values: [[0, first] as const, [10, second] as const],
  })),
  { start: 0, end: 10, step: 10 },
);
const style = (stacked: boolean, ...hidden: number[]) => ({
  stacked,
  scheme: "light" as const,
  hidden: new Set(hidden.map((at) => data.lines[at]!.key)),
});

test("the extent includes only shown values, or their sums if lines are stacked", () => {
  expect(lineExtent(data, style(false))).toEqual([-3, 5]);
  expect(lineExtent(data, style(false, 1, 2))).toEqual([1, 2]);
  expect(lineExtent(data, style(true))).toEqual([-2, 6]);
  expect(lineExtent(data, style(false, 0, 1, 2))).toBeNull();
});

test("lines of an earlier period are a stack of their own", () => {
  const earlier = data.lines.map((line) => ({ ...line, key: `earlier ${line.key}`, note: "1 day earlier" }));
  const compared = { ...data, lines: [...data.lines, ...earlier] };
  expect(lineExtent(compared, style(true))).toEqual(lineExtent(data, style(true)));
  expect(nearestLines(compared, style(true), 0, 3, 2)).toEqual([2, 5]);
});

test("the nearest lines are shown and have a value at this time, nearest first", () => {
  expect(nearestLines(data, style(false), 0, 4, 2)).toEqual([2, 0]);
  expect(nearestLines(data, style(false), 1, -3, 9)).toEqual([0, 2]);
  expect(nearestLines(data, style(false, 2), 0, 4, 9)).toEqual([0, 1]);
  expect(nearestLines(data, style(true), 0, 3, 1)).toEqual([2]);
  expect(nearestLines(data, style(false, 0, 1, 2), 0, 0, 9)).toEqual([]);
});
