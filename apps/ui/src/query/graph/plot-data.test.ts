import { expect, test } from "vitest";
import { plotData, stackLines } from "./plot-data.ts";

const grid = { start: 100, end: 130, step: 10 };

test("samples are aligned with the grid, and missing samples are gaps", async () => {
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
  expect(data.times).toEqual([100_000, 110_000, 120_000, 130_000]);
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
    { key: "a", values: [1, 2] },
    { key: "b", values: [10, null] },
    { key: "c", values: [100, 200] },
  ];
  expect(stackLines(lines, new Set())).toEqual([
    [1, 2],
    [11, 2],
    [111, 202],
  ]);
  const earlier = { key: "earlier a", values: [5, 6], note: "1 day earlier" };
  expect(stackLines([...lines, earlier, { ...earlier, key: "earlier b" }], new Set()).slice(3)).toEqual([
    [5, 6],
    [10, 12],
  ]);
  expect(stackLines(lines, new Set(["b"]))).toEqual([
    [1, 2],
    [null, null],
    [101, 202],
  ]);
});
