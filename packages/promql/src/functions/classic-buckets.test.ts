import fc from "fast-check";
import { expect, test } from "vitest";
import { classicFraction, classicQuantile } from "./classic-buckets.ts";

const histogram = { bounds: [1, 2, Infinity], counts: [1, 3, 4] };

test.each([
  [0.5, 1.5],
  [0, 0],
  [0.25, 1],
  [1, 2],
  [-1, -Infinity],
  [2, Infinity],
  [NaN, NaN],
])("classicQuantile(%d)", (q, expected) => {
  expect(classicQuantile(q, histogram)).toEqual({ value: expected, forced: undefined });
});

test.each([
  ["no +Inf bucket", { bounds: [1, 2], counts: [1, 2] }],
  ["one bucket", { bounds: [Infinity], counts: [5] }],
  ["no observations", { bounds: [1, Infinity], counts: [0, 0] }],
])("classicQuantile() of %s is NaN", (_, buckets) => {
  expect(classicQuantile(0.5, buckets).value).toBeNaN();
});

test("if the quantile is in a first bucket below zero, classicQuantile() returns the bound of the bucket", () => {
  expect(classicQuantile(0.1, { bounds: [-1, 2, Infinity], counts: [5, 6, 7] }).value).toBe(-1);
});

test("classicQuantile() sums buckets with the same bound and accepts any order", () => {
  const shuffled = { bounds: [Infinity, 2, 1, 2], counts: [4, 2, 1, 1] };
  expect(classicQuantile(0.5, shuffled).value).toBe(1.5);
});

test("classicQuantile() raises counts that fall, and reports the correction", () => {
  const { value, forced } = classicQuantile(0.5, { bounds: [1, 2, 3, Infinity], counts: [4, 2, 3, 8] });
  expect(value).toBe(1);
  expect(forced).toEqual({ minBound: 2, maxBound: 3, maxDifference: 2 });
});

test("classicQuantile() does not report falls that are rounding errors", () => {
  expect(classicQuantile(0.5, { bounds: [1, 2, Infinity], counts: [1, 1 - 1e-15, 4] }).forced).toBeUndefined();
});

test("classicFraction() is the inverse of classicQuantile()", () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 8 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (sizes, q) => {
        let total = 0;
        const counts = sizes.map((size) => (total += size));
        const bounds = sizes.map((_, i) => i + 1);
        const buckets = { bounds: [...bounds, Infinity], counts: [...counts, total] };
        const { value } = classicQuantile(q, buckets);
        expect(classicFraction(-Infinity, value, buckets)).toBeCloseTo(q, 9);
      },
    ),
  ));
