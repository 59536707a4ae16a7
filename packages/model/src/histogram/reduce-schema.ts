import type { FloatHistogram, Span } from "./histogram.ts";

/** Schema with the highest resolution that can be stored. */
const FINEST_SCHEMA = 8;
/** Highest of the schemas that are reserved for finer buckets in the future. */
const LAST_RESERVED_SCHEMA = 52;

/**
 * Reduces a histogram with a reserved schema to the highest resolution that can be stored. Returns other histograms
 * unchanged.
 */
export const atStoredResolution = (histogram: FloatHistogram): FloatHistogram =>
  histogram.schema > FINEST_SCHEMA && histogram.schema <= LAST_RESERVED_SCHEMA
    ? reduceSchema(histogram, FINEST_SCHEMA)
    : histogram;

/**
 * Returns a histogram with a lower schema, whose buckets are wider. Each bucket combines 2^(difference of the schemas)
 * buckets of the original histogram.
 */
export function reduceSchema(histogram: FloatHistogram, schema: number): FloatHistogram {
  const steps = histogram.schema - schema;
  const positive = reduceSide(histogram.positiveSpans, histogram.positiveBuckets, steps);
  const negative = reduceSide(histogram.negativeSpans, histogram.negativeBuckets, steps);
  return {
    ...histogram,
    schema,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

function reduceSide(
  spans: readonly Span[],
  buckets: Float64Array,
  steps: number,
): { spans: Span[]; buckets: Float64Array } {
  // Returns a histogram with invalid spans unchanged, so that histogramProblem() can report them.
  const needed = spans.reduce((sum, { length }) => sum + length, 0);
  if (needed !== buckets.length) return { spans: [...spans], buckets };
  const reduced: { offset: number; length: number }[] = [];
  const counts: number[] = [];
  let index = 0;
  let last = NaN;
  let end = 0;
  let slot = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++, slot++) {
      // Bucket n ends at base^n, so the index of the wider bucket is that of its last narrow bucket, divided by
      // 2^steps.
      const target = Math.ceil(index / 2 ** steps) + 0;
      if (target === last) {
        counts[counts.length - 1]! += buckets[slot]!;
        continue;
      }
      const span = reduced.at(-1);
      if (span !== undefined && target === end) span.length++;
      else reduced.push({ offset: target - end, length: 1 });
      counts.push(buckets[slot]!);
      last = target;
      end = target + 1;
    }
  }
  return { spans: reduced, buckets: Float64Array.from(counts) };
}
