import { expect, test } from "vitest";
import { isolatedIndexes } from "./isolated-indexes.ts";

test("only values without neighbours are returned", () => {
  expect(isolatedIndexes([1, null, 2, 3, null, 4], 0, 5)).toEqual([0, 5]);
  expect(isolatedIndexes([], 0, -1)).toEqual([]);
});
