import type { FloatHistogram } from "@narthex/model";
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

/** One of the ENTRY_* numbers. */
export type EntryKind = 0 | 1 | 2 | 3 | 4 | 5;

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
  /** The series is the one the predictor named: its bytes need no look-up. */
  readonly predicted: boolean;
  readonly value: number;
  /** ms since 1970, NaN where the line has none. */
  readonly timestamp: number;
  /** When the counter began, ms since 1970; 0 or absent where the exposition does not say. */
  readonly startTimestamp?: number;
  /** name, value, name, value … as exposed, `__name__` first; empty values and repeated names included. */
  labels(): string[];
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
  /** The type that the last TYPE entry announced. */
  readonly type: MetricType;
}

/** Guesses which series comes next, from the order of the last exposition. */
export interface SeriesPredictor {
  /** Length of the guessed series' bytes where they stand at bytes[at…], else -1. */
  predict(bytes: Uint8Array, at: number): number;
}
