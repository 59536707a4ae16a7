/** Consecutive buckets: `offset` empty buckets skipped since the previous span (or from bucket 0), then `length`. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Whether a decrease compared with the previous histogram means a counter reset. */
export type CounterResetHint = "unknown" | "reset" | "not-reset" | "gauge";

/** Schema of histograms with custom bucket bounds (NHCB). */
export const CUSTOM_BUCKETS_SCHEMA = -53;

/**
 * A native histogram with float counts. Integer histograms are also read into this form (counts are exact to 2^53).
 * Bucket arrays contain absolute (not delta) counts in span order. Immutable by convention: operators create new ones.
 */
export interface FloatHistogram {
  readonly resetHint: CounterResetHint;
  /** -4 … 8, or CUSTOM_BUCKETS_SCHEMA. */
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  /** The sum. In a stale marker it is the stale NaN: see `isStale`. */
  readonly sum: number;
  readonly positiveSpans: readonly Span[];
  readonly positiveBuckets: Float64Array;
  readonly negativeSpans: readonly Span[];
  readonly negativeBuckets: Float64Array;
  /** Upper bounds without +Inf; only with CUSTOM_BUCKETS_SCHEMA. */
  readonly customBounds: Float64Array | undefined;
  /** True if this sample only means that the series ended. */
  readonly stale?: boolean;
  /** True if the counts were integers at their source; storage then uses the integer encoding. */
  readonly integer?: boolean;
}
