import { expect, test } from "vitest";
import { completeSince } from "./complete-since.ts";

const HOUR = 3_600_000;
const block = (from: number, to: number): { minTime: number; maxTime: number } => ({
  minTime: from * HOUR,
  maxTime: to * HOUR,
});

test.each([
  ["nothing stored", Infinity, [], Infinity],
  ["a head alone", 7 * HOUR, [], 7 * HOUR],
  ["blocks alone", Infinity, [block(2, 4), block(4, 6)], 2 * HOUR],
  ["blocks up to the head, in any order", 8 * HOUR, [block(6, 8), block(2, 6)], 2 * HOUR],
  ["a block within another", 8 * HOUR, [block(2, 8), block(4, 5)], 2 * HOUR],
  ["a short gap", 8 * HOUR, [block(2, 6)], 2 * HOUR],
  ["a long gap before the head", 8.5 * HOUR, [block(2, 6)], 8.5 * HOUR],
  ["an old block that was brought in", 50 * HOUR, [block(1, 3), block(46, 50)], 46 * HOUR],
])("since when a storage is complete: %s", (_, head, blocks, expected) => {
  expect(completeSince(head, blocks)).toBe(expected);
});
