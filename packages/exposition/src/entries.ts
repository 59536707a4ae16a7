import type { FloatHistogram, LabelBytes } from "@narthex/model";
import type { MetricType } from "./family.ts";

/** Results of `EntryReader.next()`. */
export const ENTRY_END = 0;
/** The entry is a float sample. */
export const ENTRY_SERIES = 1;
/** The entry is a sample with a native histogram. */
export const ENTRY_HISTOGRAM = 2;
export const ENTRY_TYPE = 3;
export const ENTRY_HELP = 4;
export const ENTRY_UNIT = 5;
/**
 * No entry was found yet, because the reader has skipped many comments and blank lines. The caller may yield to the
 * event loop and call next() again.
 */
export const ENTRY_NOTHING = 6;

/** The next entry is incomplete. The caller must supply more bytes of the body with refill(). */
export const ENTRY_MORE = 7;

export type EntryKind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** An exemplar of an exposition. Its labels are a list: name, value, name, value … */
export interface ExposedExemplar {
  readonly labels: readonly string[];
  readonly value: number;
  /** Time of the exemplar, ms since 1970. Undefined if the exemplar has no timestamp of its own. */
  readonly timestamp: number | undefined;
}

/**
 * Reads an exposition entry by entry. Its fields describe the current entry, and next() overwrites them. Strings are
 * created only by methods, because a known series is recognised by its bytes.
 */
export interface EntryReader {
  /** Reads the next entry and returns its kind. Throws ExpositionError. */
  next(): EntryKind;
  /** Bytes that identify the series in every scrape: seriesBytes from seriesStart up to seriesEnd. */
  readonly seriesBytes: Uint8Array;
  readonly seriesStart: number;
  readonly seriesEnd: number;
  /** Whether the series is the one that the predictor expected, so that its bytes need not be looked up. */
  readonly predicted: boolean;
  readonly value: number;
  /** Timestamp of the sample, ms since 1970; NaN if the line has none. */
  readonly timestamp: number;
  /** Start time of the counter, ms since 1970; 0 or absent if the exposition does not contain it. */
  readonly startTimestamp?: number;
  /**
   * Returns the labels of the series as name, value, name, value … with `__name__` first. Includes empty values and
   * repeated names.
   */
  labels(): string[];
  /**
   * Adds the labels of the series to a set of label bytes. Returns false if the labels must be read as strings; the
   * content of the set is then undefined.
   */
  addLabelBytes?(into: LabelBytes): boolean;
  exemplars(): readonly ExposedExemplar[];
  /** Returns the histogram of an ENTRY_HISTOGRAM. */
  histogram(): FloatHistogram;
  /** Bytes of a metadata entry (HELP, TYPE or UNIT): metadataBytes from metadataStart up to metadataEnd. */
  readonly metadataBytes: Uint8Array;
  readonly metadataStart: number;
  readonly metadataEnd: number;
  /** Returns the name of the metric family to which a metadata entry belongs. */
  familyName(): string;
  /** Returns the HELP text or the unit of a metadata entry. */
  text(): string;
  /** Number of comment lines read so far. Absent in formats without comments. */
  readonly comments?: number;
  /** Type of the last TYPE entry. */
  readonly type: MetricType;
  /** Start of the metadata and comments before the series' line, as an offset in seriesBytes. Undefined if unknown. */
  readonly preambleStart?: number | undefined;
  /** Whether the metadata before the series' line contains a TYPE entry. */
  readonly preambleHasType?: boolean;
  /**
   * Returns the next lines with their values if they are the lines that the predictor expected, otherwise undefined.
   * passKnown() must be called to consume the lines.
   */
  peekKnown?(): KnownLines | undefined;
  /** Consumes the first `count` lines that peekKnown() returned. */
  passKnown?(count: number): void;
  /** Offset of the first byte that the reader still needs. Valid after next() returned ENTRY_MORE. */
  readonly keptFrom?: number;
  /**
   * Replaces the reader's bytes: the first `dropped` bytes are removed and new bytes are added at the end.
   * @param last true if the window ends with the end of the body
   */
  refill?(window: Uint8Array, dropped: number, last: boolean): void;
}

/**
 * Consecutive series lines in the same order as in the last exposition, without exemplars. The series have the numbers
 * `first`, `first + 1` and so on. Valid until a reader reads further lines.
 */
export interface KnownLines {
  first: number;
  count: number;
  /** Value of each line. NaN is always an ordinary NaN, not a stale marker. */
  readonly values: Float64Array;
  /** Timestamp of each line, ms since 1970; NaN for a line without a timestamp. */
  readonly times: Float64Array;
  hasTimes: boolean;
  /**
   * Indexes of the lines that have metadata or comments before them. The metadata and comments are the same as in the
   * last exposition.
   */
  readonly preambleLines: Uint32Array;
  preambleLineCount: number;
}

/** Predicts the next series of an exposition from the order of the series in the last exposition. */
export interface SeriesPredictor {
  /** Returns the length of the predicted series' bytes if bytes[at…] begins with them, otherwise -1. */
  predict(bytes: Uint8Array, at: number): number;
  /**
   * Returns the expected lines with their parsed numbers if bytes[at…] begins with them. Returns undefined if the first
   * line differs.
   * @param exposition a number that is unique for each reading of a body
   * @param withTimes true if integers after values are timestamps in ms
   */
  matchLines?(exposition: number, bytes: Uint8Array, at: number, withTimes: boolean): KnownLines | undefined;
  /**
   * Consumes the first `count` lines that matchLines() returned. Returns the position after the last of them, and the
   * metric type if their metadata changed it.
   */
  passLines?(count: number): ResumePoint;
}

/** Offset in the body, and metric type, with which a reader continues after skipping known lines. */
export interface ResumePoint {
  readonly end: number;
  readonly type: MetricType | undefined;
}
