import type { FloatHistogram } from "./histogram.ts";
import { expect, test } from "vitest";
import { histogramProblem } from "./histogram-problem.ts";
import { reduceSchema } from "./reduce-schema.ts";

const fine = (offset: number, counts: readonly number[]): FloatHistogram => ({
  resetHint: "unknown",
  schema: 9,
  zeroThreshold: 0,
  zeroCount: 0,
  count: counts.reduce((sum, count) => sum + count, 0),
  sum: 0,
  positiveSpans: [{ offset, length: counts.length }],
  positiveBuckets: Float64Array.from(counts),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customBounds: undefined,
  integer: true,
});

test("two neighbouring buckets are merged, below zero and above", () => {
  const reduced = reduceSchema(fine(-3, [1, 2, 4, 8, 16, 32]), 8);
  // The buckets with the indexes -3 … 2 are merged into buckets with the indexes -1, -1, 0, 0, 1, 1.
  expect(reduced.schema).toBe(8);
  expect(reduced.positiveSpans).toEqual([{ offset: -1, length: 3 }]);
  expect([...reduced.positiveBuckets]).toEqual([3, 12, 48]);
});

test("gaps are kept, and buckets on both sides of a gap may be merged", () => {
  const histogram = {
    ...fine(0, [1, 2, 4]),
    positiveSpans: [
      { offset: 0, length: 1 },
      { offset: 1, length: 1 },
      { offset: 7, length: 1 },
    ],
  };
  // The histogram has buckets with the indexes 0, 2 and 10.
  const reduced = reduceSchema(histogram, 8);
  expect(reduced.positiveSpans).toEqual([
    { offset: 0, length: 2 },
    { offset: 3, length: 1 },
  ]);
  expect([...reduced.positiveBuckets]).toEqual([1, 2, 4]);
  expect(reduceSchema({ ...histogram, schema: 12 }, 8).positiveBuckets).toEqual(Float64Array.of(1, 6));
});

test("spans that do not match the buckets are unchanged, however long they are", () => {
  const histogram = { ...fine(0, []), positiveSpans: [{ offset: 0, length: 4_294_967_295 }] };
  expect(histogramProblem(reduceSchema(histogram, 8))).toMatch(
    /^positive side: spans need 4294967295 buckets, have 0 buckets/,
  );
});
