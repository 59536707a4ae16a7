import { expect, test } from "vitest";
import { segmentBytes, segmentSizeProblem } from "./segment-size.ts";

const MIB = 1024 * 1024;

test.each([undefined, 0, 10 * MIB, 256 * MIB])("segments may have a size of %s bytes", (bytes) => {
  expect(segmentSizeProblem("f", bytes)).toBeUndefined();
});

test.each([
  [1, "flag 'f' must be set between 10MB and 256MB"],
  [10 * MIB - 1, "flag 'f' must be set between 10MB and 256MB"],
  [257 * MIB, "flag 'f' must be set between 10MB and 256MB"],
  [10 * MIB + 1, "invalid segment size"],
])("segments may not have %d bytes: %s", (bytes, problem) => {
  expect(segmentSizeProblem("f", bytes)).toBe(problem);
});

test("0 means the default size", () => {
  expect([0, undefined, MIB].map(segmentBytes)).toEqual([undefined, undefined, MIB]);
});
