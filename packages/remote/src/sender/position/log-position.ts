/** A position in the write-ahead log: an entry of the record that begins at `offset` of a segment. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
  /** Number of the entry in its record, from 0. An entry is a sample, a histogram or an exemplar. */
  readonly entry: number;
}

/** Compares two positions. The result is negative if `a` is before `b`. */
export const comparePositions = (a: LogPosition, b: LogPosition): number =>
  a.segment - b.segment || a.offset - b.offset || a.entry - b.entry;
