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
 * Samples of many series in columns; the first `count` elements of each array are used. Written and owned by the
 * caller.
 */
export interface SampleBatch {
  readonly refs: Uint32Array;
  /** Integer ms since 1970. */
  readonly timestamps: Float64Array;
  /** Values of the samples. The bits of NaN values, such as stale markers, are preserved. */
  readonly values: Float64Array;
  /** Start time of each sample's counter in ms, 0 if unknown. Absent if no start time is known. */
  starts?: Float64Array | undefined;
  /** Written by append(): one OUTCOME_* for each sample. */
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
  /** ms since 1970. */
  readonly timestamp: number;
  /**
   * True if the exemplar was exposed without a time, so `timestamp` is the time of its sample. The same exemplar at a
   * later time is then a repetition.
   */
  readonly borrowedTime?: boolean;
}

export interface MetricMetadata {
  /** counter, gauge, histogram, gaugehistogram, summary, info, stateset, unknown. */
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** Options of one transaction. */
export interface AppendOptions {
  /** Maximum timestamp, ms; later samples get OUTCOME_OUT_OF_BOUNDS. Default: no limit. */
  readonly maxTimestamp?: number;
  /** True to refuse out-of-order samples even if the head would accept them (rule results). */
  readonly discardOutOfOrder?: boolean;
  /**
   * True to compare the order only with committed samples. A sample before others of the same transaction is then
   * dropped silently by the commit. In an empty storage the first sample's time decides which are too old. All of
   * Prometheus' transactions work this way, which is visible to senders of several samples of a series.
   */
  readonly ordersByCommitted?: boolean;
}

/**
 * One transaction. Nothing is visible to queries or durable before commit(), and nothing remains after rollback().
 * After either, the appender cannot be used. Order checks include earlier samples of the same transaction.
 */
export interface Appender {
  /** Returns the series with these labels, and creates a new one. NO_SERIES if there is no room for a new one. */
  series(labels: Labels): SeriesRef;
  /**
   * Returns a series like series(). The labels are sorted bytes, at most MAX_LABEL_BYTES. If this method is absent, use
   * series().
   */
  seriesFromBytes?(labels: LabelBytes): SeriesRef;
  /** Returns the series with these labels, or NO_SERIES if it does not exist. Absent if callers do not need it. */
  findSeries?(labels: Labels): SeriesRef;
  /** Reason for the last NO_SERIES of series() or OUTCOME_FULL of a sample. Absent if this cannot happen. */
  readonly refusal?: string;
  /** Appends float samples and sets an outcome per sample in the batch. */
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
   * Absent if the storage does not limit times.
   */
  checkTime?(timestamp: number): number;
  /**
   * Returns the newest float of a series, or undefined if its newest sample is a histogram or does not exist. Absent if
   * this is not known.
   */
  newestFloat?(ref: SeriesRef): number | undefined;
  /** Makes the transaction visible and passes it to the log. Resolves once it is as durable as configured. */
  commit(): Promise<void>;
  rollback(): void;
}

/** A receiver of samples. */
export interface Appendable {
  appender(options?: AppendOptions): Appender;
}
