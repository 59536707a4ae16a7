import type { FloatHistogram, LabelBytes, Labels } from "@narthex/model";

/** Reference of a series in the head, or in an agent: a whole number below 2^32, valid until OUTCOME_UNKNOWN_SERIES says otherwise. */
export type SeriesRef = number;

/** What series() gives where the storage has no room for another one. */
export const NO_SERIES: SeriesRef = 0;

/** Label sets of more bytes are appended as strings. */
export const MAX_LABEL_BYTES = 8192;

/** Samples of many series in columns; `count` of each array is used. Written and owned by the caller. */
export interface SampleBatch {
  readonly refs: Uint32Array;
  /** Whole ms since 1970. */
  readonly timestamps: Float64Array;
  /** NaN payloads (stale markers) are kept. */
  readonly values: Float64Array;
  /** When the counter behind each sample began, ms, 0 unknown; absent if none is known. */
  starts?: Float64Array | undefined;
  /** Filled by append(): an OUTCOME_* per sample. */
  readonly outcomes: Uint8Array;
  count: number;
}

/** A batch with room for `capacity` samples. */
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
  /** It was exposed without a time, and `timestamp` is its sample's: seen again, it is the same one. */
  readonly borrowedTime?: boolean;
}

export interface MetricMetadata {
  /** counter, gauge, histogram, gaugehistogram, summary, info, stateset, unknown. */
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** Limits one transaction asks for. */
export interface AppendOptions {
  /** Samples later than this (ms) get OUTCOME_OUT_OF_BOUNDS. Default: none. */
  readonly maxTimestamp?: number;
  /** Refuse out-of-order samples even where the head would take them (rule results). */
  readonly discardOutOfOrder?: boolean;
  /**
   * A sample is out of order only behind what is committed: behind what the same transaction appended it is dropped by the
   * commit, silently. In an empty storage the first sample's time decides which are too old. Prometheus orders all its
   * transactions so, which senders of many samples of a series can tell.
   */
  readonly ordersByCommitted?: boolean;
}

/**
 * One transaction: nothing is visible to queries or durable before commit(), nothing remains after rollback(). After
 * either, the appender is done. Ordering checks count what the same transaction appended before.
 */
export interface Appender {
  /** The series with these labels, made when new; NO_SERIES if there is no room for a new one. */
  series(labels: Labels): SeriesRef;
  /** As series() of labels that come as bytes, sorted, MAX_LABEL_BYTES of them at most. Absent: series() must be asked. */
  seriesFromBytes?(labels: LabelBytes): SeriesRef;
  /** As series(), but a series that there is none of is not made: NO_SERIES. Absent: no one asks for it. */
  findSeries?(labels: Labels): SeriesRef;
  /** Why series() gave NO_SERIES, or a sample OUTCOME_FULL, the last time: a sentence. Absent: that does not happen. */
  readonly refusal?: string;
  /** Appends float samples and writes an outcome per sample into the batch. */
  append(batch: SampleBatch): void;
  /** Appends one native histogram sample, counting since `start` (ms) if that is known; returns an OUTCOME_*. */
  appendHistogram(ref: SeriesRef, timestamp: number, histogram: FloatHistogram, start?: number): number;
  /** Returns an OUTCOME_*. */
  appendExemplar(ref: SeriesRef, exemplar: Exemplar): number;
  /**
   * Tells what a series is; a storage that keeps such things logs it when it has changed. Returns an OUTCOME_*. Absent:
   * the storage keeps none.
   */
  appendMetadata?(ref: SeriesRef, metadata: MetricMetadata): number;
  /**
   * The outcome that the time alone gives a sample in every series: OK, OUT_OF_BOUNDS or TOO_OLD. Absent: there are no
   * such times.
   */
  checkTime?(timestamp: number): number;
  /** The newest float of a series, undefined if that is a histogram or nothing. Absent: it is not known. */
  newestFloat?(ref: SeriesRef): number | undefined;
  /** Makes the transaction visible and hands it to the log; resolves once it is as durable as configured. */
  commit(): Promise<void>;
  rollback(): void;
}

/** Whatever takes samples. */
export interface Appendable {
  appender(options?: AppendOptions): Appender;
}
