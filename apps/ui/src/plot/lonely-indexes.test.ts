import { expect, test } from "vitest";
import { lonelyIndexes } from "./lonely-indexes.ts";

test("only values without neighbours are returned", () => {
  expect(lonelyIndexes([1, null, 2, 3, null, 4], 0, 5)).toEqual([0, 5]);
  expect(lonelyIndexes([], 0, -1)).toEqual([]);
});
