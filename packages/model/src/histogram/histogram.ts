/** Consecutive buckets: `offset` empty buckets skipped since the previous span (or from bucket 0), then `length`. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Does a decrease against the previous histogram mean a counter reset? */
export type CounterResetHint = "unknown" | "reset" | "not-reset" | "gauge";

/** Schema of histograms with custom bucket bounds (NHCB). */
export const CUSTOM_BUCKETS_SCHEMA = -53;

/**
 * A native histogram with float counts; integer histograms are read into this shape too (counts are exact to 2^53).
 * Bucket arrays hold absolute (not delta) counts in span order. Immutable by convention: operators make new ones.
 */
export interface FloatHistogram {
  readonly resetHint: CounterResetHint;
  /** -4 … 8, or CUSTOM_BUCKETS_SCHEMA. */
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  /** A stale marker's sum is the stale NaN: see `isStale`. */
  readonly sum: number;
  readonly positiveSpans: readonly Span[];
  readonly positiveBuckets: Float64Array;
  readonly negativeSpans: readonly Span[];
  readonly negativeBuckets: Float64Array;
  /** Upper bounds, +Inf left out; only with CUSTOM_BUCKETS_SCHEMA. */
  readonly customBounds: Float64Array | undefined;
  /** This sample only says that the series ended. */
  readonly stale?: boolean;
  /** The counts were integers where they came from; storage then keeps the integer encoding. */
  readonly integer?: boolean;
}
