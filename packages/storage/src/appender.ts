import type { FloatHistogram, LabelBytes, Labels } from "@narthex/model";

/** Identifies a stored series: an integer below 2^32, valid until an append returns OUTCOME_UNKNOWN_SERIES. */
export type SeriesRef = number;

/** Result of series() if the storage has no room for another series. */
export const NO_SERIES: SeriesRef = 0;

/**
 * Maximum size in bytes of the labels that seriesFromBytes() accepts. Longer labels are passed as strings to series().
 */
export const MAX_LABEL_BYTES = 8192;

/**
 * Samples of many series, as parallel arrays of which the first `count` elements are used. The caller owns and fills
 * the object.
 */
export interface SampleBatch {
  readonly refs: Uint32Array;
  /** Times of the samples, whole ms since 1970. */
  readonly timestamps: Float64Array;
  /** Values of the samples. All bits of a NaN are preserved, so that it can be a stale marker. */
  readonly values: Float64Array;
  /** Start time of each sample's counter in ms, 0 if unknown. Absent if no start time is known. */
  starts?: Float64Array | undefined;
  /** Result for each sample, which append() writes: an OUTCOME_* number. */
  readonly outcomes: Uint8Array;
  count: number;
}

/** Returns a batch with room for `capacity` samples. */
export const createSampleBatch = (capacity: number): SampleBatch => ({
  refs: new Uint32Array(capacity),
  timestamps: new Float64Array(capacity),
  values: new Float64Array(capacity),
  outcomes: new Uint8Array(capacity),
  count: 0,
});

export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  /** Time of the exemplar, ms since 1970. */
  readonly timestamp: number;
  /**
   * True if the exemplar was scraped without a time, so that `timestamp` is the time of its sample. The same exemplar
   * at a later time is then a repetition.
   */
  readonly borrowedTime?: boolean;
}

export interface MetricMetadata {
  /** Type of the metric: counter, gauge, histogram, gaugehistogram, summary, info, stateset, unknown. */
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface AppendOptions {
  /** Maximum time of samples, ms. Later samples get OUTCOME_OUT_OF_BOUNDS. Default: no limit. */
  readonly maxTimestamp?: number;
  /** Whether out-of-order samples are refused even if the storage accepts them. Set for results of rules. */
  readonly discardOutOfOrder?: boolean;
  /**
   * Whether the order of a sample is only checked against committed samples, as in Prometheus. The commit then silently
   * drops samples that are older than earlier samples of the transaction. In an empty storage, the time of the first
   * sample decides which samples are too old.
   */
  readonly ordersByCommitted?: boolean;
}

/**
 * A transaction that adds samples. Its data is neither visible nor durable before commit(), and is discarded by
 * rollback(); afterwards the appender cannot be used. The order of a sample is also checked against earlier samples of
 * the transaction.
 */
export interface Appender {
  /**
   * Returns the series with these labels, which is created if it does not exist. Returns NO_SERIES if there is no room
   * for a new one.
   */
  series(labels: Labels): SeriesRef;
  /**
   * Returns a series like series(), from labels that are encoded as sorted bytes, at most MAX_LABEL_BYTES. Missing in
   * some storages, for which series() must be used.
   */
  seriesFromBytes?(labels: LabelBytes): SeriesRef;
  /**
   * Returns the series with these labels, or NO_SERIES if it does not exist. Missing in storages whose callers do not
   * need this method.
   */
  findSeries?(labels: Labels): SeriesRef;
  /**
   * Reason why series() last returned NO_SERIES, or why a sample last got OUTCOME_FULL. Undefined in storages that
   * never refuse for lack of room.
   */
  readonly refusal?: string;
  /** Adds float samples. Writes the result for each sample into the batch. */
  append(batch: SampleBatch): void;
  /**
   * Adds a native histogram, with the start time of its counter (`start`, ms) if known. Returns an OUTCOME_* number.
   */
  appendHistogram(ref: SeriesRef, timestamp: number, histogram: FloatHistogram, start?: number): number;
  /** Adds an exemplar. Returns an OUTCOME_* number. */
  appendExemplar(ref: SeriesRef, exemplar: Exemplar): number;
  /**
   * Sets type, help text and unit of a series. Returns an OUTCOME_* number. Missing if the storage does not keep
   * metadata.
   */
  appendMetadata?(ref: SeriesRef, metadata: MetricMetadata): number;
  /**
   * Returns which result a sample of any series would get because of its time: OK, OUT_OF_BOUNDS or TOO_OLD. Missing in
   * storages that do not limit times.
   */
  checkTime?(timestamp: number): number;
  /**
   * Returns the newest float of a series. Undefined if the series has no sample, or if its newest sample is a
   * histogram. Missing in storages that do not know the newest float.
   */
  newestFloat?(ref: SeriesRef): number | undefined;
  /**
   * Makes the transaction visible and writes it to the write-ahead log. Resolves when it is as durable as configured.
   */
  commit(): Promise<void>;
  rollback(): void;
}

export interface Appendable {
  appender(options?: AppendOptions): Appender;
}
