import type { FloatHistogram, LabelBytes } from "@narthex/model";
import type { MetricType } from "./family.ts";

/** What `EntryReader.next()` found. */
export const ENTRY_END = 0;
/** A float sample. */
export const ENTRY_SERIES = 1;
/** A native histogram sample. */
export const ENTRY_HISTOGRAM = 2;
export const ENTRY_TYPE = 3;
export const ENTRY_HELP = 4;
export const ENTRY_UNIT = 5;
/** No entry yet: the reader has skipped many comments and blank lines, and the caller may yield to the event loop. */
export const ENTRY_NOTHING = 6;

/** The next entry ends behind the window, which refill() moves on. */
export const ENTRY_MORE = 7;

/** One of the ENTRY_* numbers. */
export type EntryKind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** An exemplar as exposed: labels name, value, name, value … */
export interface ExposedExemplar {
  readonly labels: readonly string[];
  readonly value: number;
  /** ms since 1970; undefined takes the sample's time. */
  readonly timestamp: number | undefined;
}

/**
 * Reads an exposition entry by entry. Its fields describe the entry that `next()` reported and are overwritten by the
 * following call; strings are made only when a method is asked for them, so that a series known by its bytes costs none.
 */
export interface EntryReader {
  /** Throws ExpositionError. */
  next(): EntryKind;
  /** Bytes that name the series, the same in every scrape: seriesBytes[seriesStart, seriesEnd). */
  readonly seriesBytes: Uint8Array;
  readonly seriesStart: number;
  readonly seriesEnd: number;
  /** The series is the one that the predictor expected: its bytes need no look-up. */
  readonly predicted: boolean;
  readonly value: number;
  /** ms since 1970, NaN if the line has none. */
  readonly timestamp: number;
  /** When the counter began, ms since 1970; 0 or absent where the exposition does not say. */
  readonly startTimestamp?: number;
  /** name, value, name, value … as exposed, `__name__` first; empty values and repeated names included. */
  labels(): string[];
  /** Adds what labels() tells to a set; false if that takes strings, and what is in the set then says nothing. */
  addLabelBytes?(into: LabelBytes): boolean;
  exemplars(): readonly ExposedExemplar[];
  /** Of an ENTRY_HISTOGRAM. */
  histogram(): FloatHistogram;
  /** Bytes of a metadata entry, for recognition: metadataBytes[metadataStart, metadataEnd). */
  readonly metadataBytes: Uint8Array;
  readonly metadataStart: number;
  readonly metadataEnd: number;
  /** Family that a metadata entry is about. */
  familyName(): string;
  /** HELP text or unit. */
  text(): string;
  /** Comment lines passed over so far; absent in formats that have none. */
  readonly comments?: number;
  /** The type that the last TYPE entry announced. */
  readonly type: MetricType;
  /** Where what stands before the series' line begins, metadata and comments, within seriesBytes; absent: nothing known. */
  readonly preambleStart?: number | undefined;
  /** Did a TYPE entry stand there? */
  readonly preambleHasType?: boolean;
  /**
   * The lines to come, as many as were expected by the predictor, or undefined if it is none. They are not read before
   * passKnown().
   */
  peekKnown?(): KnownLines | undefined;
  /** Moves behind the first `count` of the lines of peekKnown(). */
  passKnown?(count: number): void;
  /** After ENTRY_MORE: the first byte of the window that is still needed. */
  readonly keptFrom?: number;
  /**
   * The window has moved on: its first `dropped` bytes are gone, and more has come behind the others.
   *
   * @param last nothing follows it
   */
  refill?(window: Uint8Array, dropped: number, last: boolean): void;
}

/**
 * Lines of series in the order of the last exposition, without exemplars: the series are numbered `first`, `first + 1` …
 * Good until any reader is asked for the next.
 */
export interface KnownLines {
  first: number;
  count: number;
  /** By line. Normal NaNs alone. */
  readonly values: Float64Array;
  /** ms, by line, or NaN if the line has none. */
  readonly times: Float64Array;
  /** Some lines have a time. */
  hasTimes: boolean;
  /** The lines before which metadata or comments stand, the same as last time. */
  readonly preambleLines: Uint32Array;
  preambleLineCount: number;
}

/** Predicts the next series from the order of the last exposition. */
export interface SeriesPredictor {
  /** Length of the guessed series' bytes where they stand at bytes[at…], else -1. */
  predict(bytes: Uint8Array, at: number): number;
  /**
   * The lines from bytes[at] on that are those expected, their numbers read, or undefined if it is none.
   *
   * @param exposition a number of its own for each reading of a body
   * @param withTimes whole numbers behind values are times in ms
   */
  matchLines?(exposition: number, bytes: Uint8Array, at: number, withTimes: boolean): KnownLines | undefined;
  /** Skips the first `count` lines of matchLines(). Returns where they end and, if they changed it, the type. */
  passLines?(count: number): ResumePoint;
}

/** Where a reader resumes behind known lines. */
export interface ResumePoint {
  readonly end: number;
  readonly type: MetricType | undefined;
}
