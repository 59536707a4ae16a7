import { wordsOf } from "@narthex/model";

/**
 * Float samples of a transaction that are not committed yet, in columns. The object is reused for later transactions.
 */
export class PendingSamples {
  refs = new Uint32Array(1024);
  rows = new Uint32Array(1024);
  timestamps = new Float64Array(1024);
  values = new Float64Array(1024);
  words: Uint32Array = wordsOf(this.values);
  /** Start times of the samples' counters, ms. The column is created with the first known start time. */
  starts: Float64Array | undefined;
  count = 0;

  /**
   * Sets the start time of the newest sample's counter, ms; 0 if unknown. Must be called for every sample of the
   * transaction, or for none.
   */
  setStart(start: number): void {
    if (start === 0 && this.starts === undefined) return;
    this.starts ??= new Float64Array(this.refs.length);
    this.starts[this.count - 1] = start;
  }

  /** Makes room for `extra` more samples. */
  reserve(extra: number): void {
    if (this.count + extra <= this.refs.length) return;
    const size = Math.max(this.count + extra, this.refs.length * 2);
    const { refs, rows, timestamps, words } = this;
    this.refs = new Uint32Array(size);
    this.rows = new Uint32Array(size);
    this.timestamps = new Float64Array(size);
    this.values = new Float64Array(size);
    this.words = wordsOf(this.values);
    this.refs.set(refs);
    this.rows.set(rows);
    this.timestamps.set(timestamps);
    this.words.set(words);
    if (this.starts === undefined) return;
    const starts = new Float64Array(size);
    starts.set(this.starts);
    this.starts = starts;
  }

  push(ref: number, row: number, timestamp: number, high: number, low: number): void {
    this.set(this.count++, ref, row, timestamp, high, low);
  }

  /** Sets the sample at an index below the reserved size. */
  set(at: number, ref: number, row: number, timestamp: number, high: number, low: number): void {
    this.refs[at] = ref;
    this.rows[at] = row;
    this.timestamps[at] = timestamp;
    this.words[at * 2] = low;
    this.words[at * 2 + 1] = high;
  }
}
