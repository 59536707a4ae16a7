import { expect, test } from "vitest";
import { SeriesColors } from "./series-colors.ts";

test("series get the colours in order, and keep theirs when other series appear, disappear or move", () => {
  const colors = new SeriesColors();
  expect(colors.assign(["a", "b", "c"])).toEqual([0, 1, 2]);
  expect(colors.assign(["c", "a"])).toEqual([2, 0]);
  expect(colors.assign(["d", "c", "a", "e"])).toEqual([1, 2, 0, 3]);
  expect(colors.assign([])).toEqual([]);
});
