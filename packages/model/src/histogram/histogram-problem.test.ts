import { expect, test } from "vitest";
import type { FloatHistogram } from "./histogram.ts";
import { histogramProblem } from "./histogram-problem.ts";

const sound: FloatHistogram = {
  resetHint: "unknown",
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 1,
  count: 6,
  sum: 5,
  positiveSpans: [
    { offset: -2, length: 1 },
    { offset: 1, length: 1 },
  ],
  positiveBuckets: Float64Array.of(2, 3),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customBounds: undefined,
  integer: true,
};
const custom: Partial<FloatHistogram> = {
  schema: -53,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 5,
  positiveSpans: [{ offset: 0, length: 2 }],
  customBounds: Float64Array.of(0.5),
};

test.each<[string, Partial<FloatHistogram>, string | undefined]>([
  ["a sound one", {}, undefined],
  ["a stale marker", { stale: true, schema: 99 }, undefined],
  [
    "an unknown schema",
    { schema: 9 },
    "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets",
  ],
  [
    "too few buckets",
    { positiveBuckets: Float64Array.of(5) },
    "positive side: spans need 2 buckets, have 1 buckets: histogram spans specify different number of buckets than provided",
  ],
  [
    "a second span to the left",
    {
      positiveSpans: [
        { offset: 0, length: 1 },
        { offset: -1, length: 1 },
      ],
    },
    "positive side: span number 2 with offset -1: histogram has a span whose offset is negative",
  ],
  [
    "a negative bucket",
    { positiveBuckets: Float64Array.of(2, -3) },
    "positive side: bucket number 2 has observation count of -3: histogram has a bucket whose observation count is negative",
  ],
  [
    "counts that do not add up",
    { count: 7 },
    "6 observations found in buckets, but the Count field is 7: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)",
  ],
  ["more observations than buckets where the sum is NaN", { count: 7, sum: NaN }, undefined],
  ["custom bounds", custom, undefined],
  [
    "custom bounds out of order",
    { ...custom, customBounds: Float64Array.of(1, 0.5) },
    "custom buckets: previous bound is 1.000000 and current is 0.500000: histogram custom bounds must be in strictly increasing order",
  ],
  [
    "custom bounds out of order that are very large",
    { ...custom, customBounds: Float64Array.of(2 ** 130, 5) },
    "custom buckets: previous bound is 1361129467683753853853498429727072845824.000000 and current is 5.000000: histogram custom bounds must be in strictly increasing order",
  ],
  [
    "a custom bound after an infinite one",
    { ...custom, customBounds: Float64Array.of(Infinity, -0) },
    "custom buckets: previous bound is +Inf and current is -0.000000: histogram custom bounds must be in strictly increasing order",
  ],
  [
    "too few custom bounds",
    { ...custom, customBounds: new Float64Array(0) },
    "custom buckets: only 0 custom bounds defined which is insufficient to cover total span length of 2: histogram custom bounds are too few",
  ],
  ["a zero bucket beside custom bounds", { ...custom, zeroCount: 1 }, "custom buckets: must have zero count of 0"],
])("histogramProblem() judges %s", (_, changes, problem) => {
  expect(histogramProblem({ ...sound, ...changes })).toBe(problem);
});
