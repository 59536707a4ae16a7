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
 * There is no entry yet, because the reader has skipped many comments and blank lines. The caller may yield to the
 * event loop.
 */
export const ENTRY_NOTHING = 6;

/** The next entry ends beyond the window, which the caller must advance with refill(). */
export const ENTRY_MORE = 7;

/** One of the ENTRY_* numbers. */
export type EntryKind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** An exemplar as exposed, with labels name, value, name, value … */
export interface ExposedExemplar {
  readonly labels: readonly string[];
  readonly value: number;
  /** Time of the exemplar, ms since 1970. Undefined if it has the sample's time. */
  readonly timestamp: number | undefined;
}

/**
 * Reads an exposition entry by entry. Its fields describe the entry that `next()` reported, and the next call
 * overwrites them. Strings are created only when a method is called, so a series that is recognised by its bytes
 * creates none.
 */
export interface EntryReader {
  /** Reads the next entry. Throws ExpositionError. */
  next(): EntryKind;
  /** Bytes that identify the series, which are the same in every scrape: seriesBytes[seriesStart, seriesEnd). */
  readonly seriesBytes: Uint8Array;
  readonly seriesStart: number;
  readonly seriesEnd: number;
  /** True if the series is the one that the predictor expected. Its bytes then need no lookup. */
  readonly predicted: boolean;
  readonly value: number;
  /** Timestamp of the sample, ms since 1970; NaN if the line has none. */
  readonly timestamp: number;
  /** Start time of the counter, ms since 1970; 0 or absent if the exposition does not contain it. */
  readonly startTimestamp?: number;
  /**
   * Returns name, value, name, value … as exposed, with `__name__` first. Includes labels with empty values and
   * repeated names.
   */
  labels(): string[];
  /**
   * Adds the labels of labels() to a set of bytes. Returns false if the labels need strings; the set may then have any
   * content.
   */
  addLabelBytes?(into: LabelBytes): boolean;
  exemplars(): readonly ExposedExemplar[];
  /** Returns the histogram of an ENTRY_HISTOGRAM. */
  histogram(): FloatHistogram;
  /** Bytes that identify a metadata entry: metadataBytes[metadataStart, metadataEnd). */
  readonly metadataBytes: Uint8Array;
  readonly metadataStart: number;
  readonly metadataEnd: number;
  /** Returns the family of a metadata entry. */
  familyName(): string;
  /** Returns the HELP text or the unit of a metadata entry. */
  text(): string;
  /** Number of comment lines skipped so far; absent in formats without comments. */
  readonly comments?: number;
  /** Type of the last TYPE entry. */
  readonly type: MetricType;
  /**
   * Start, within seriesBytes, of the preamble: the metadata and comments before the series' line. Undefined if
   * unknown.
   */
  readonly preambleStart?: number | undefined;
  /** True if the preamble contains a TYPE entry. */
  readonly preambleHasType?: boolean;
  /**
   * Returns the next lines if they are those that the predictor expected, or undefined if the next line differs. The
   * lines are not consumed before passKnown().
   */
  peekKnown?(): KnownLines | undefined;
  /** Consumes the first `count` lines of peekKnown(). */
  passKnown?(count: number): void;
  /** After ENTRY_MORE, the position of the first byte in the window that is still needed. */
  readonly keptFrom?: number;
  /**
   * Replaces the window by one without its first `dropped` bytes and with more bytes at its end.
   * @param last true if the window ends with the end of the body
   */
  refill?(window: Uint8Array, dropped: number, last: boolean): void;
}

/**
 * Lines of series in the order of the last exposition, without exemplars. The series have the numbers `first`, `first +
 * 1` … The object is valid until any reader is asked for the next lines.
 */
export interface KnownLines {
  first: number;
  count: number;
  /** Values by line. All NaNs are ordinary NaNs, not stale markers. */
  readonly values: Float64Array;
  /** Timestamps by line, ms since 1970; NaN for a line without one. */
  readonly times: Float64Array;
  /** True if some lines have a timestamp. */
  hasTimes: boolean;
  /** Indexes of the lines that have a preamble, which is the same as in the last exposition. */
  readonly preambleLines: Uint32Array;
  preambleLineCount: number;
}

/** Predicts the next series from the order of the last exposition. */
export interface SeriesPredictor {
  /** Returns the length of the predicted series' bytes if bytes[at…] begins with them, otherwise -1. */
  predict(bytes: Uint8Array, at: number): number;
  /**
   * Returns the expected lines with parsed numbers, if bytes[at…] begins with them. Returns undefined if the first line
   * differs.
   * @param exposition a number that is unique for each reading of a body
   * @param withTimes true if integers after values are timestamps in ms
   */
  matchLines?(exposition: number, bytes: Uint8Array, at: number, withTimes: boolean): KnownLines | undefined;
  /**
   * Consumes the first `count` lines of matchLines(). Returns the position of their end, and the type if they changed
   * it.
   */
  passLines?(count: number): ResumePoint;
}

/** Position at which a reader continues after known lines. */
export interface ResumePoint {
  readonly end: number;
  readonly type: MetricType | undefined;
}
