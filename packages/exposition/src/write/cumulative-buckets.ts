import { type FloatHistogram, forEachBucket } from "@narthex/model";

/** An inclusive upper bound, and the number of observations at or below it. */
export interface CumulativeBucket {
  readonly bound: number;
  readonly count: number;
}

/** Returns the buckets of a histogram with custom bounds as cumulative counts, without the last, infinite one. */
export function cumulativeBuckets(histogram: FloatHistogram): readonly CumulativeBucket[] {
  const counts = new Map<number, number>();
  forEachBucket(histogram.positiveSpans, histogram.positiveBuckets, (index, count) => void counts.set(index, count));
  let sum = 0;
  return Array.from(histogram.customBounds ?? [], (bound, index) => {
    sum += counts.get(index) ?? 0;
    return { bound, count: sum };
  });
}
