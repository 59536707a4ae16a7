import type { FloatHistogram, Span } from "@narthex/model";

const sameSpans = (a: readonly Span[], b: readonly Span[]): boolean =>
  a.length === b.length && a.every((span, i) => span.offset === b[i]!.offset && span.length === b[i]!.length);

const sameNumbers = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => Object.is(value, b[i]));

/**
 * Reports whether two histograms have the same observations in the same buckets. Hints about counter resets are
 * ignored.
 */
export function sameHistogram(a: FloatHistogram, b: FloatHistogram): boolean {
  if (a.stale === true || b.stale === true) return a.stale === b.stale;
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    a.zeroCount === b.zeroCount &&
    a.count === b.count &&
    Object.is(a.sum, b.sum) &&
    (a.integer ?? false) === (b.integer ?? false) &&
    sameSpans(a.positiveSpans, b.positiveSpans) &&
    sameSpans(a.negativeSpans, b.negativeSpans) &&
    sameNumbers(a.positiveBuckets, b.positiveBuckets) &&
    sameNumbers(a.negativeBuckets, b.negativeBuckets) &&
    sameNumbers(a.customBounds ?? new Float64Array(0), b.customBounds ?? new Float64Array(0))
  );
}

/** Returns the histogram that a storage keeps for a stale marker after a histogram. */
export const staleHistogramLike = (previous: FloatHistogram): FloatHistogram => ({
  resetHint: "unknown",
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: NaN,
  positiveSpans: [],
  positiveBuckets: new Float64Array(0),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customBounds: undefined,
  stale: true,
  ...(previous.integer === true ? { integer: true } : {}),
});
