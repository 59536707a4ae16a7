/** A place in the log: an entry of the record that begins at `offset` of a segment. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
  /** Samples, histograms and exemplars are counted from 0 in their record. */
  readonly entry: number;
}

/** Negative if `a` is before `b`. */
export const comparePositions = (a: LogPosition, b: LogPosition): number =>
  a.segment - b.segment || a.offset - b.offset || a.entry - b.entry;
