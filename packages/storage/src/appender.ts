import type { FloatHistogram, LabelBytes, Labels } from "@narthex/model";

/**
 * Reference of a series in the head, or in an agent: an integer below 2^32, valid until an append returns
 * OUTCOME_UNKNOWN_SERIES.
 */
export type SeriesRef = number;

/** Result of series() if the storage has no room for another series. */
export const NO_SERIES: SeriesRef = 0;

/** Maximum size in bytes of a label set for seriesFromBytes(). Larger sets are passed as strings to series(). */
export const MAX_LABEL_BYTES = 8192;

/**
 * Samples of many series in columns. The first `count` elements of each array are used. The caller owns and writes the
 * object.
 */
export interface SampleBatch {
  readonly refs: Uint32Array;
  /** Times of the samples, whole ms since 1970. */
  readonly timestamps: Float64Array;
  /** Values of the samples. The bits of NaN values, such as stale markers, are preserved. */
  readonly values: Float64Array;
  /** Start time of each sample's counter in ms, 0 if unknown. Absent if no start time is known. */
  starts?: Float64Array | undefined;
  /** Outcomes that append() writes: one OUTCOME_* for each sample. */
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
   * True if the exemplar was exposed without a time, so `timestamp` is the time of its sample. The same exemplar at a
   * later time is then a repetition.
   */
  readonly borrowedTime?: boolean;
}

export interface MetricMetadata {
  /** Type of the metric: counter, gauge, histogram, gaugehistogram, summary, info, stateset, unknown. */
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** Options of one transaction. */
export interface AppendOptions {
  /** Maximum timestamp, ms; later samples get OUTCOME_OUT_OF_BOUNDS. Default: no limit. */
  readonly maxTimestamp?: number;
  /** Whether out-of-order samples are refused even if the head would accept them. Used for results of rules. */
  readonly discardOutOfOrder?: boolean;
  /**
   * Whether the order of a sample is checked only against committed samples. A sample before others of the same
   * transaction is then dropped by the commit, without an outcome. In an empty storage the first sample's time decides
   * which samples are too old. All transactions of Prometheus work this way, which is visible to clients that send
   * several samples of a series.
   */
  readonly ordersByCommitted?: boolean;
}

/**
 * One transaction. Its data is neither visible to queries nor durable before commit(), and nothing of it remains after
 * rollback(). After either, the appender cannot be used. The order of samples is also checked against earlier samples
 * of the same transaction.
 */
export interface Appender {
  /**
   * Returns the series with these labels, which is created if it does not exist. Returns NO_SERIES if there is no room
   * for a new one.
   */
  series(labels: Labels): SeriesRef;
  /**
   * Returns a series as series() does. The labels are sorted bytes, at most MAX_LABEL_BYTES. If the storage does not
   * have this method, series() must be used.
   */
  seriesFromBytes?(labels: LabelBytes): SeriesRef;
  /**
   * Returns the series with these labels; NO_SERIES if it does not exist. Storages whose callers do not need it do not
   * have it.
   */
  findSeries?(labels: Labels): SeriesRef;
  /**
   * Reason for the last NO_SERIES of series(), or the last OUTCOME_FULL of a sample. Undefined in storages in which
   * this cannot happen.
   */
  readonly refusal?: string;
  /** Appends float samples, and writes an outcome for each sample into the batch. */
  append(batch: SampleBatch): void;
  /** Appends one native histogram sample with the counter's start time `start` (ms), if known. Returns an OUTCOME_*. */
  appendHistogram(ref: SeriesRef, timestamp: number, histogram: FloatHistogram, start?: number): number;
  /** Appends an exemplar and returns an OUTCOME_*. */
  appendExemplar(ref: SeriesRef, exemplar: Exemplar): number;
  /**
   * Sets the metadata of a series, which the storage logs if it has changed. Returns an OUTCOME_*. Absent if the
   * storage keeps no metadata.
   */
  appendMetadata?(ref: SeriesRef, metadata: MetricMetadata): number;
  /**
   * Returns the outcome that a sample of any series would have because of its time: OK, OUT_OF_BOUNDS or TOO_OLD.
   * Storages that do not limit times do not have this method.
   */
  checkTime?(timestamp: number): number;
  /**
   * Returns the newest float of a series; undefined if its newest sample is a histogram or does not exist. Storages
   * that do not know it do not have this method.
   */
  newestFloat?(ref: SeriesRef): number | undefined;
  /** Makes the transaction visible and writes it to the log. Resolves when it is as durable as configured. */
  commit(): Promise<void>;
  rollback(): void;
}

/** A receiver of samples. */
export interface Appendable {
  appender(options?: AppendOptions): Appender;
}
