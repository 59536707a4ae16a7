import type { FloatHistogram, LabelBytes } from "@narthex/model";
import type { MetricType } from "./family.ts";

/** Results of `EntryReader.next()`. */
export const ENTRY_END = 0;
/** A float sample. */
export const ENTRY_SERIES = 1;
/** A native histogram sample. */
export const ENTRY_HISTOGRAM = 2;
export const ENTRY_TYPE = 3;
export const ENTRY_HELP = 4;
export const ENTRY_UNIT = 5;
/** No entry yet: the reader has skipped many comments and blank lines, so the caller may yield to the event loop. */
export const ENTRY_NOTHING = 6;

/** The next entry ends after the window, which refill() advances. */
export const ENTRY_MORE = 7;

/** One of the ENTRY_* numbers. */
export type EntryKind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** An exemplar as exposed, with labels name, value, name, value … */
export interface ExposedExemplar {
  readonly labels: readonly string[];
  readonly value: number;
  /** ms since 1970; undefined means the sample's time. */
  readonly timestamp: number | undefined;
}

/**
 * Reads an exposition entry by entry. Its fields describe the entry that `next()` reported, and the following call
 * overwrites them. Methods create strings only when called, so a series that is recognised by its bytes creates none.
 */
export interface EntryReader {
  /** Throws ExpositionError. */
  next(): EntryKind;
  /** Bytes that identify the series, the same in every scrape: seriesBytes[seriesStart, seriesEnd). */
  readonly seriesBytes: Uint8Array;
  readonly seriesStart: number;
  readonly seriesEnd: number;
  /** True if the series is the one that the predictor expected, so its bytes need no lookup. */
  readonly predicted: boolean;
  readonly value: number;
  /** ms since 1970, NaN if the line has none. */
  readonly timestamp: number;
  /** Start time of the counter, ms since 1970; 0 or absent if the exposition does not contain it. */
  readonly startTimestamp?: number;
  /**
   * Returns name, value, name, value … as exposed, with `__name__` first, including empty values and repeated names.
   */
  labels(): string[];
  /**
   * Adds the labels of labels() to a set. Returns false if this needs strings; the content of the set is then
   * undefined.
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
  /** Returns the HELP text or the unit. */
  text(): string;
  /** Number of comment lines skipped so far; absent in formats without comments. */
  readonly comments?: number;
  /** Type of the last TYPE entry. */
  readonly type: MetricType;
  /** Start, within seriesBytes, of the metadata and comments before the series' line; absent if unknown. */
  readonly preambleStart?: number | undefined;
  /** True if they contain a TYPE entry. */
  readonly preambleHasType?: boolean;
  /**
   * Returns the following lines that the predictor expected, or undefined if the next line differs. They are not
   * consumed before passKnown().
   */
  peekKnown?(): KnownLines | undefined;
  /** Moves after the first `count` lines of peekKnown(). */
  passKnown?(count: number): void;
  /** After ENTRY_MORE: the first byte of the window that is still needed. */
  readonly keptFrom?: number;
  /**
   * Replaces the window: its first `dropped` bytes are removed, and more bytes follow the others.
   * @param last true if nothing follows it
   */
  refill?(window: Uint8Array, dropped: number, last: boolean): void;
}

/**
 * Lines of series in the order of the last exposition, without exemplars. The series are numbered `first`, `first + 1`
 * … Valid until any reader is asked for the next lines.
 */
export interface KnownLines {
  first: number;
  count: number;
  /** Values by line. All NaNs are normal NaNs, not stale markers. */
  readonly values: Float64Array;
  /** Timestamps by line, ms, or NaN for a line without one. */
  readonly times: Float64Array;
  /** True if some lines have a timestamp. */
  hasTimes: boolean;
  /** Indexes of lines that follow metadata or comments, which are the same as in the last exposition. */
  readonly preambleLines: Uint32Array;
  preambleLineCount: number;
}

/** Predicts the next series from the order of the last exposition. */
export interface SeriesPredictor {
  /** Returns the length of the predicted series' bytes if they are at bytes[at…], otherwise -1. */
  predict(bytes: Uint8Array, at: number): number;
  /**
   * Returns the lines from bytes[at] on that are expected, with parsed numbers, or undefined if the first one differs.
   * @param exposition a unique number for each reading of a body
   * @param withTimes true if integers after values are timestamps in ms
   */
  matchLines?(exposition: number, bytes: Uint8Array, at: number, withTimes: boolean): KnownLines | undefined;
  /** Skips the first `count` lines of matchLines(). Returns their end and, if they changed it, the type. */
  passLines?(count: number): ResumePoint;
}

/** Position at which a reader continues after known lines. */
export interface ResumePoint {
  readonly end: number;
  readonly type: MetricType | undefined;
}
