import type { FloatHistogram, LabelBytes, Labels } from "@narthex/model";

/**
 * Number of a stored series: an integer below 2^32. The number is valid until an append returns OUTCOME_UNKNOWN_SERIES
 * for it.
 */
export type SeriesRef = number;

/** Result of series() if the storage has no room for another series. */
export const NO_SERIES: SeriesRef = 0;

/**
 * Maximum size in bytes of the labels that seriesFromBytes() accepts. Longer labels are passed as strings to series().
 */
export const MAX_LABEL_BYTES = 8192;

/**
 * Samples of many series, as parallel arrays. Only the first `count` elements of each array are used. The caller
 * creates, fills and reuses the object.
 */
export interface SampleBatch {
  readonly refs: Uint32Array;
  /** Times of the samples, whole ms since 1970. */
  readonly timestamps: Float64Array;
  /** Values of the samples. All bits of a NaN are preserved, so that it can be a stale marker. */
  readonly values: Float64Array;
  /** Start time of each sample's counter, Unix ms; 0 if unknown. The array is missing if no start time is known. */
  starts?: Float64Array | undefined;
  /** Result of appending each sample: append() writes a number of the OUTCOME_* constants. */
  readonly outcomes: Uint8Array;
  count: number;
}

/** Creates a sample batch with room for `capacity` samples. */
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
   * True if the scraped exemplar had no time, so that `timestamp` is the time of its sample. If the next scrape
   * contains the same exemplar, it is a repetition although its time is later.
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
  /** Latest accepted time of samples, Unix ms. Later samples get OUTCOME_OUT_OF_BOUNDS. Default: no limit. */
  readonly maxTimestamp?: number;
  /**
   * True if out-of-order samples are refused even if the storage accepts them. Rules set this field for their results.
   */
  readonly discardOutOfOrder?: boolean;
  /**
   * True if the time of a sample is only compared with committed samples, as in Prometheus. Then commit() silently
   * drops samples that are older than earlier samples of the same transaction. In an empty storage, the time of the
   * first sample decides which samples are too old.
   */
  readonly ordersByCommitted?: boolean;
}

/**
 * A transaction that adds samples. Its samples are neither visible nor durable before commit(), and rollback() discards
 * them. After either call the appender cannot be used. The order of a sample is also checked against earlier samples of
 * the transaction.
 */
export interface Appender {
  /**
   * Returns the series with the given labels. Creates the series if it does not exist. Returns NO_SERIES if the storage
   * has no room for a new series.
   */
  series(labels: Labels): SeriesRef;
  /**
   * Returns the series with the given labels, which are sorted bytes, at most MAX_LABEL_BYTES. Creates the series if it
   * does not exist. Some storages do not have this method; use series() with them.
   */
  seriesFromBytes?(labels: LabelBytes): SeriesRef;
  /**
   * Returns the series with the given labels, or NO_SERIES if it does not exist. Some storages do not have this method.
   */
  findSeries?(labels: Labels): SeriesRef;
  /**
   * Reason why series() last returned NO_SERIES, or why a sample last got OUTCOME_FULL. Undefined in storages without a
   * size limit.
   */
  readonly refusal?: string;
  /** Adds float samples to the transaction. Writes the result for each sample into `batch.outcomes`. */
  append(batch: SampleBatch): void;
  /**
   * Adds a native histogram to the transaction. `start` is the start time of its counters in Unix ms, if known. Returns
   * a number of the OUTCOME_* constants.
   */
  appendHistogram(ref: SeriesRef, timestamp: number, histogram: FloatHistogram, start?: number): number;
  /** Adds an exemplar to the transaction. Returns a number of the OUTCOME_* constants. */
  appendExemplar(ref: SeriesRef, exemplar: Exemplar): number;
  /**
   * Sets the type, help text and unit of a series. Returns a number of the OUTCOME_* constants. Storages that do not
   * keep metadata do not have this method.
   */
  appendMetadata?(ref: SeriesRef, metadata: MetricMetadata): number;
  /**
   * Returns the OUTCOME_* constant that a sample with this time would get in any series: OK, OUT_OF_BOUNDS or TOO_OLD.
   * Storages that do not limit times do not have this method.
   */
  checkTime?(timestamp: number): number;
  /**
   * Returns the value of the newest sample of a series. Undefined if the series has no sample or if the newest sample
   * is a histogram. Some storages do not have this method.
   */
  newestFloat?(ref: SeriesRef): number | undefined;
  /**
   * Makes the samples of the transaction visible and writes them to the write-ahead log. Resolves when they are as
   * durable as the storage is configured to make them.
   */
  commit(): Promise<void>;
  rollback(): void;
}

export interface Appendable {
  appender(options?: AppendOptions): Appender;
}
