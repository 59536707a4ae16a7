import fc from "fast-check";
import type { Plain } from "./plain.ts";

/** Makes random histograms with up to `most` observations in each of four buckets, and a sum up to `maxSum`. */
export const plainHistogram = (most: number, maxSum = 30): fc.Arbitrary<Plain> =>
  fc.record({
    buckets: fc.array(fc.integer({ min: 0, max: most }), { minLength: 4, maxLength: 4 }),
    sum: fc.integer({ min: 0, max: maxSum }),
  });
