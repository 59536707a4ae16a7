/**
 * A sequence of consecutive buckets. `offset` is the number of skipped buckets since the previous span; in the first
 * span it is the index of the first bucket. `length` is the number of buckets.
 */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/**
 * Information from the source of a histogram about counter resets: whether the counts started again from zero since the
 * previous histogram.
 */
export type CounterResetHint = "unknown" | "reset" | "not-reset" | "gauge";

/** Schema of histograms with custom bucket bounds (NHCB). */
export const CUSTOM_BUCKETS_SCHEMA = -53;

/**
 * A native histogram with float counts. Integer histograms have the same form (their counts are exact up to 2^53).
 * Bucket arrays contain absolute counts, not differences, in the order of the spans. A histogram must not be changed:
 * operators create new histograms.
 */
export interface FloatHistogram {
  readonly resetHint: CounterResetHint;
  /** Resolution of the buckets: -4 to 8, or CUSTOM_BUCKETS_SCHEMA. */
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  /** Sum of the observations. In a stale marker, the sum is Prometheus' stale NaN. */
  readonly sum: number;
  readonly positiveSpans: readonly Span[];
  readonly positiveBuckets: Float64Array;
  readonly negativeSpans: readonly Span[];
  readonly negativeBuckets: Float64Array;
  /** Upper bounds of custom buckets without +Inf. Present only with CUSTOM_BUCKETS_SCHEMA. */
  readonly customBounds: Float64Array | undefined;
  /** True for a stale marker, which only shows that the series has ended. */
  readonly stale?: boolean;
  /** True if the counts were integers at their source. The storage then uses an encoding for integers. */
  readonly integer?: boolean;
}
