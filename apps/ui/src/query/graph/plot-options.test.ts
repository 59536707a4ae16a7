import { expect, test } from "vitest";
import { stackBands, valueRange } from "./plot-options.ts";

test.each([
  [0, 10, null, [0, 10.8]],
  [5, 5, null, [4.5, 5.5]],
  [0, 0, null, [0, 1]],
  [-10, 10, null, [-11.6, 11.6]],
  [100, 110, null, [99.2, 110.8]],
  [100, 110, 0, [0, 118.8]],
  [1, 2, 50, [50, 50.2]],
] as const)("valueRange(%d, %d, %s)", (low, high, yAxisMin, range) => {
  const [bottom, top] = valueRange(low, high, yAxisMin);
  expect(bottom).toBeCloseTo(range[0]);
  expect(top).toBeCloseTo(range[1]);
});

test("bands are between neighbouring shown lines", () => {
  const lines = ["a", "b", "c"].map((key) => ({ key }));
  expect(stackBands(lines, new Set()).map((band) => band.series)).toEqual([
    [2, 1],
    [3, 2],
  ]);
  expect(stackBands(lines, new Set(["b"])).map((band) => band.series)).toEqual([[3, 1]]);
  expect(stackBands(lines.slice(1), new Set(["c"]))).toEqual([]);
  const earlier = { key: "d", note: "1 day earlier" };
  expect(stackBands([...lines, earlier, { ...earlier, key: "e" }], new Set())).toHaveLength(2);
});
