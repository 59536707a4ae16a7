import { expect, test } from "vitest";
import { hiddenAfterClick } from "./Legend.tsx";
import { plotData, stackLines } from "./plot-data.ts";

const grid = { start: 100, end: 130, step: 10 };

test("samples are placed on the grid, and gaps stay gaps", async () => {
  const data = await plotData(
    [
      {
        metric: { a: "b" },
        values: [
          [100, "1"],
          [120, "3"],
        ],
      },
    ],
    grid,
  );
  expect(data.times).toEqual([100, 110, 120, 130]);
  expect(data.lines).toEqual([{ labels: { a: "b" }, key: '[["a","b"]]', color: 0, values: [1, null, 3, null] }]);
});

test("a grid with fractional times keeps its last time", async () => {
  const data = await plotData([{ metric: {}, values: [[0.3, "9"]] }], { start: 0, end: 0.3, step: 0.1 });
  expect(data.lines[0]?.values).toEqual([null, null, null, 9]);
});

test("NaN and infinities are gaps, and histograms are drawn by their sum", async () => {
  const series = {
    metric: {},
    values: [
      [100, "NaN"],
      [110, "+Inf"],
    ] as const,
    histograms: [[120, { count: "2", sum: "7.5" }]] as const,
  };
  expect((await plotData([series], grid)).lines[0]?.values).toEqual([null, null, 7.5, null]);
});

test("stacking adds upwards, counts gaps as 0 and leaves out hidden lines", () => {
  const lines = [
    [1, 2],
    [10, null],
    [100, 200],
  ];
  expect(stackLines(lines, new Set())).toEqual([
    [1, 2],
    [11, 2],
    [111, 202],
  ]);
  expect(stackLines(lines, new Set([1]))).toEqual([
    [1, 2],
    [null, null],
    [101, 202],
  ]);
});

test("a click in the legend isolates a line, and a second click shows all again", () => {
  const alone = hiddenAfterClick(new Set(), 1, 3, false);
  expect(alone).toEqual(new Set([0, 2]));
  expect(hiddenAfterClick(alone, 1, 3, false)).toEqual(new Set());
  expect(hiddenAfterClick(alone, 2, 3, false)).toEqual(new Set([0, 1]));
});

test("a click with a modifier key toggles one line, but does not hide the last one", () => {
  expect(hiddenAfterClick(new Set(), 1, 3, true)).toEqual(new Set([1]));
  expect(hiddenAfterClick(new Set([1]), 1, 3, true)).toEqual(new Set());
  expect(hiddenAfterClick(new Set([0, 1]), 2, 3, true)).toEqual(new Set());
});
