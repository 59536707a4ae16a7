import type { FloatHistogram } from "@narthex/model";
import { expect, test } from "vitest";
import { limitResolution, maxSchemaFor } from "./native-limits.ts";

const histogram: FloatHistogram = {
  resetHint: "unknown",
  schema: 1,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 10,
  sum: 1,
  positiveSpans: [
    { offset: -1, length: 3 },
    { offset: 2, length: 1 },
  ],
  positiveBuckets: Float64Array.of(1, 2, 3, 4),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customBounds: undefined,
  integer: true,
};

test("maxSchemaFor() returns the finest schema whose buckets grow by the factor", () => {
  expect([0, 1, 1.0001, 1.1, 1.3, 2, 4, 1e9].map(maxSchemaFor)).toEqual([8, 8, 8, 2, 1, 0, -1, -4]);
});

test("limitResolution() merges neighbouring buckets until the histogram fits", () => {
  // The buckets -1, 0, 1, 4 at schema 1 become the buckets 0, 0, 1, 2 at schema 0.
  expect(limitResolution(histogram, 0, 0)).toMatchObject({
    schema: 0,
    positiveSpans: [{ offset: 0, length: 3 }],
    positiveBuckets: Float64Array.of(3, 3, 4),
  });
  expect(limitResolution(histogram, 8, 4)).toBe(histogram);
  expect(limitResolution(histogram, 8, 2)!.positiveBuckets).toHaveLength(2);
});

test("limitResolution() fails at the coarsest schema and for custom buckets", () => {
  const both = { ...histogram, negativeSpans: [{ offset: 0, length: 1 }], negativeBuckets: Float64Array.of(1) };
  expect(limitResolution(both, 8, 1)).toBeUndefined();
  expect(limitResolution({ ...histogram, schema: -53 }, 8, 3)).toBeUndefined();
});

// Checks that the resolution is reduced in one step, because halving it repeatedly would take hours.
test("limitResolution() reduces a very fine schema in one step, and leaves an invalid schema unchanged", () => {
  expect(limitResolution({ ...histogram, schema: 52 }, 3, 0)).toMatchObject({
    schema: 3,
    positiveBuckets: Float64Array.of(3, 7),
  });
  for (const schema of [2 ** 31 - 1, -(2 ** 31), 53, -10]) {
    const none = { ...histogram, schema };
    expect(limitResolution(none, 3, 0)).toBe(none);
    expect(limitResolution(none, 3, 3)).toBeUndefined();
  }
});
