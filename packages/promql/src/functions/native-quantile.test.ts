import { CUSTOM_BUCKETS_SCHEMA, EMPTY_HISTOGRAM, type FloatHistogram } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nativeFraction, nativeQuantile } from "./native-quantile.ts";

const exponential = (counts: number[], zeroCount = 0): FloatHistogram => ({
  ...EMPTY_HISTOGRAM,
  zeroThreshold: 0.25,
  zeroCount,
  count: counts.reduce((a, b) => a + b, zeroCount),
  sum: 1,
  positiveSpans: [{ offset: 0, length: counts.length }],
  positiveBuckets: Float64Array.from(counts),
});

test("nativeQuantile() interpolates on a logarithmic scale", () => {
  expect(nativeQuantile(0.5, exponential([1, 2, 1])).value).toBeCloseTo(Math.SQRT2, 12);
});

test.each([
  [-0.1, -Infinity],
  [1.1, Infinity],
  [NaN, NaN],
])("nativeQuantile(%d)", (q, expected) => {
  expect(nativeQuantile(q, exponential([1])).value).toBe(expected);
});

test("nativeQuantile() of an empty histogram is NaN", () => {
  expect(nativeQuantile(0.5, EMPTY_HISTOGRAM).value).toBeNaN();
});

test("the zero bucket begins at 0 if there are only positive buckets", () => {
  expect(nativeQuantile(0.25, exponential([2], 2)).value).toBeCloseTo(0.125, 12);
});

test("interpolation in custom buckets is linear, and a bucket without a lower or upper bound returns its other bound", () => {
  const custom: FloatHistogram = {
    ...EMPTY_HISTOGRAM,
    schema: CUSTOM_BUCKETS_SCHEMA,
    customBounds: Float64Array.of(1, 2),
    count: 4,
    sum: 6,
    positiveSpans: [{ offset: 0, length: 3 }],
    positiveBuckets: Float64Array.of(1, 2, 1),
  };
  expect(nativeQuantile(0.5, custom).value).toBe(1.5);
  expect(nativeQuantile(0.9, custom).value).toBe(2);
  expect(nativeQuantile(0.125, custom).value).toBe(0.5);
});

test("NaN observations are counted above all buckets, with an annotation", () => {
  const withNan = { ...exponential([2, 2]), count: 8, sum: NaN };
  expect(nativeQuantile(0.9, withNan)).toEqual({ value: NaN, annotation: "result is NaN" });
  expect(nativeQuantile(0.25, withNan).annotation).toBe("result is skewed higher");
  expect(nativeFraction(-Infinity, Infinity, withNan)).toEqual({ value: 0.5, annotation: "excluded" });
});

test("nativeFraction() is the inverse of nativeQuantile()", () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 0, max: 5 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (counts, zeroCount, q) => {
        const histogram = exponential(counts, zeroCount);
        expect(nativeFraction(-Infinity, nativeQuantile(q, histogram).value, histogram).value).toBeCloseTo(q, 9);
      },
    ),
  ));
