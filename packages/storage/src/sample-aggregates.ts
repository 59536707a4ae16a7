import { isStaleAt, wordsOf, writeStale } from "@narthex/model";
import { SampleColumns } from "./sample-columns.ts";

/** Names of the columns of downsampled rows, in the order in which they are stored. */
export const AGGREGATE_COLUMNS = ["last", "count", "sum", "min", "max", "first", "length", "lost"] as const;

/**
 * Downsampled data of one series of floats whose original samples were deleted. Row i represents the `count[i]` samples
 * of a period: the last sample was at `time[i]`, the first sample `length[i]` ms earlier. A row with count 0 is a stale
 * marker.
 */
export class SampleAggregates {
  /** Time of the last sample of each row, ms, ascending. */
  time = new Float64Array(64);
  last = new Float64Array(64);
  count = new Float64Array(64);
  sum = new Float64Array(64);
  min = new Float64Array(64);
  max = new Float64Array(64);
  first = new Float64Array(64);
  length = new Float64Array(64);
  /** For each downsampled row, the sum of the values from which the counter fell at resets. */
  lost = new Float64Array(64);
  rows = 0;
  /** Length in ms of the longest period that a row represents; 0 if each row is a single sample. */
  resolutionMs = 0;

  /** Removes all rows. The memory is kept for reuse. */
  reset(): void {
    this.rows = 0;
    this.resolutionMs = 0;
  }

  /** Extends the arrays to `rows` downsampled rows in total. Existing rows are kept. */
  reserve(rows: number): void {
    if (rows <= this.time.length) return;
    const size = Math.max(rows, this.time.length * 2);
    for (const name of ["time", ...AGGREGATE_COLUMNS] as const) {
      const column = new Float64Array(size);
      column.set(this[name].subarray(0, this.rows));
      this[name] = column;
    }
  }

  lastSamples(): SampleColumns {
    const samples = new SampleColumns(this.rows);
    samples.timestamps.set(this.time.subarray(0, this.rows));
    samples.values.set(this.last.subarray(0, this.rows));
    samples.count = this.rows;
    return samples;
  }

  dropFirst(count: number): void {
    for (const name of ["time", ...AGGREGATE_COLUMNS] as const) this[name].copyWithin(0, count, this.rows);
    this.rows -= count;
  }

  firstTime(row: number): number {
    return this.time[row]! - this.length[row]!;
  }

  pushStale(time: number): void {
    this.reserve(this.rows + 1);
    const row = this.rows++;
    for (const name of AGGREGATE_COLUMNS) this[name][row] = 0;
    this.time[row] = time;
    writeStale(wordsOf(this.last), row);
  }

  /** Appends downsampled row `from` of another object. */
  pushFrom(source: SampleAggregates, from: number): void {
    this.reserve(this.rows + 1);
    const row = this.rows++;
    for (const name of ["time", ...AGGREGATE_COLUMNS] as const)
      this[name].set(source[name].subarray(from, from + 1), row);
  }

  move(from: number, to: number): void {
    for (const name of ["time", ...AGGREGATE_COLUMNS] as const) this[name].copyWithin(to, from, from + 1);
  }

  dropStale(): void {
    const { count, rows } = this;
    let kept = 0;
    for (let from = 0; from < rows;) {
      if (count[from] === 0) {
        from++;
        continue;
      }
      let to = from + 1;
      while (to < rows && count[to] !== 0) to++;
      // Moves the rows after a stale marker to lower indexes. Rows before the first stale marker stay at their indexes.
      // The counts of later rows are still correct, because only rows that were already read are overwritten.
      if (kept < from)
        for (const name of ["time", ...AGGREGATE_COLUMNS] as const) this[name].copyWithin(kept, from, to);
      kept += to - from;
      from = to;
    }
    this.rows = kept;
  }

  /** Appends float samples as downsampled rows of one sample each. A stale marker becomes a row with count 0. */
  pushSamples({ timestamps, values, valueWords }: SampleColumns, from: number, to: number): void {
    for (let i = from; i < to;) {
      let end = i;
      while (end < to && !isStaleAt(valueWords, end)) end++;
      this.#pushFloats(timestamps.subarray(i, end), values.subarray(i, end));
      if (end < to) this.pushStale(timestamps[end]!);
      i = end + 1;
    }
  }

  #pushFloats(times: Float64Array, values: Float64Array): void {
    const start = this.rows;
    this.reserve(start + times.length);
    this.rows += times.length;
    this.time.set(times, start);
    for (const column of [this.last, this.sum, this.min, this.max, this.first]) column.set(values, start);
    this.count.fill(1, start, this.rows);
    this.length.fill(0, start, this.rows);
    this.lost.fill(0, start, this.rows);
  }
}
