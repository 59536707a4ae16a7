import { EMPTY_HISTOGRAM, type FloatHistogram } from "@narthex/model";
import { expect, test } from "vitest";
import { almostEqual, sameHistogram } from "./compare.ts";
import { parseStartOffsets } from "./start-times.ts";

test.each([
  [1, 1.0000001, true],
  [1, 1.00001, false],
  [0, 1e-300, false],
  [0, -0, true],
  [NaN, NaN, true],
  [NaN, 1, false],
  [Infinity, Infinity, true],
  [Infinity, -Infinity, false],
  [Number.MAX_VALUE, Number.MAX_VALUE * 0.9999999, true],
])("almostEqual(%d, %d) is %s", (a, b, equal) => {
  expect(almostEqual(a, b)).toBe(equal);
});

const histogram = (change: Partial<FloatHistogram>): FloatHistogram => ({ ...EMPTY_HISTOGRAM, ...change });

test("sameHistogram() compares the counts and ignores the layout", () => {
  const plain = histogram({ positiveSpans: [{ offset: 1, length: 2 }], positiveBuckets: Float64Array.of(3, 4) });
  const padded = histogram({
    positiveSpans: [
      { offset: 0, length: 1 },
      { offset: 0, length: 0 },
      { offset: 0, length: 2 },
    ],
    positiveBuckets: Float64Array.of(0, 3, 4.0000001),
  });
  expect(sameHistogram(plain, padded, false)).toBe(true);
  expect(sameHistogram(plain, histogram({ ...plain, schema: 1 }), false)).toBe(false);
  expect(sameHistogram(plain, histogram({ ...plain, sum: 1 }), false)).toBe(false);
});

test("sameHistogram() compares the reset hint only if requested", () => {
  expect(sameHistogram(histogram({ resetHint: "gauge" }), EMPTY_HISTOGRAM, false)).toBe(true);
  expect(sameHistogram(histogram({ resetHint: "gauge" }), EMPTY_HISTOGRAM, true)).toBe(false);
});

test("parseStartOffsets() expands gaps, repetitions and steps", () => {
  expect(parseStartOffsets("_ _x2 -1m 30sx1 0s+10sx2 -1m-1mx1")).toEqual([
    undefined,
    undefined,
    undefined,
    -60_000,
    30_000,
    30_000,
    0,
    10_000,
    20_000,
    -60_000,
    -120_000,
  ]);
  expect(() => parseStartOffsets("soon")).toThrow('invalid ST item "soon"');
});
