import type { SampleColumns } from "./sample-columns.ts";

/**
 * Float samples of one series as spans (pieces of memory) in order of time, without a copy. Intended for readers that
 * need only a few of many samples. No sample is NaN, so there are no stale markers. Valid until the next read from the
 * storage.
 */
export class SampleSpans {
  /** Number of spans. */
  count = 0;
  /** For each span, the number of samples in earlier spans. The element after the last span is the total number. */
  before = new Int32Array(INITIAL + 1);
  /** Times of the first and of the last sample of each span, ms. */
  first = new Float64Array(INITIAL);
  last = new Float64Array(INITIAL);
  /**
   * Interval in ms between the samples of each span. If the interval is 0, the times are in `times[i]` from index
   * `timesAt[i]` on, relative to `origin[i]`.
   */
  step = new Float64Array(INITIAL);
  origin = new Float64Array(INITIAL);
  readonly times: (Int32Array | undefined)[] = [];
  timesAt = new Int32Array(INITIAL);
  /**
   * Values of each span of samples, from index `at[i]` on: `base[i]` + `words[i]` if the span has words, otherwise
   * `doubles[i]`.
   */
  base = new Float64Array(INITIAL);
  readonly words: (Int32Array | Int16Array | undefined)[] = [];
  readonly doubles: (Float64Array | undefined)[] = [];
  at = new Int32Array(INITIAL);
  /** For each span of samples, 0 if the values never fall; 1 if they may fall. */
  falls = new Uint8Array(INITIAL);

  /** Number of samples in all spans. */
  get samples(): number {
    return this.before[this.count]!;
  }

  reset(): void {
    this.count = 0;
  }

  /**
   * Adds a span for the given number of samples. Returns the span's index, with which the caller fills in its fields.
   */
  open(samples: number): number {
    const span = this.count++;
    if (span === this.first.length) this.#grow();
    this.before[span + 1] = this.before[span]! + samples;
    return span;
  }

  /**
   * Adds the samples of `columns` from index `from` on whose time is within [minTime, maxTime]. Returns false if spans
   * cannot represent these samples, for example because of histograms or NaN.
   */
  addColumns(columns: SampleColumns, from: number, minTime: number, maxTime: number): boolean {
    const { timestamps, values } = columns;
    if (columns.histograms !== undefined || columns.startTimestamps !== undefined) return false;
    let end = columns.count;
    while (from < end && timestamps[from]! < minTime) from++;
    while (from < end && timestamps[end - 1]! > maxTime) end--;
    if (from === end) return true;
    let falls = 0;
    let before = -Infinity;
    for (let i = from; i < end; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) return false;
      if (value < before) falls = 1;
      before = value;
    }
    const origin = timestamps[from]!;
    if (timestamps[end - 1]! - origin > MAX_DISTANCE) return false;
    const step = regularStep(timestamps, from, end - from);
    const span = this.open(end - from);
    this.first[span] = this.origin[span] = origin;
    this.last[span] = timestamps[end - 1]!;
    this.step[span] = step;
    this.times[span] =
      step === 0 ? Int32Array.from(timestamps.subarray(from, end), (time) => time - origin) : undefined;
    this.timesAt[span] = 0;
    this.words[span] = undefined;
    this.doubles[span] = values;
    this.at[span] = from;
    this.falls[span] = falls;
    return true;
  }

  /** Reports whether a span of samples begins after the end of the previous span. */
  risesAt(span: number): boolean {
    return span === 0 || span >= this.count || this.first[span]! > this.last[span - 1]!;
  }

  timeAt(span: number, index: number): number {
    const times = this.times[span];
    if (times === undefined) return this.first[span]! + index * this.step[span]!;
    return this.origin[span]! + times[this.timesAt[span]! + index]!;
  }

  valueAt(span: number, index: number): number {
    const words = this.words[span];
    const slot = this.at[span]! + index;
    return words === undefined ? this.doubles[span]![slot]! : this.base[span]! + words[slot]!;
  }

  #grow(): void {
    const size = this.first.length * 2;
    for (const name of ["first", "last", "step", "origin", "base"] as const) {
      const grown = new Float64Array(size);
      grown.set(this[name]);
      this[name] = grown;
    }
    for (const name of ["timesAt", "at"] as const) {
      const grown = new Int32Array(size);
      grown.set(this[name]);
      this[name] = grown;
    }
    const [before, falls] = [new Int32Array(size + 1), new Uint8Array(size)];
    before.set(this.before);
    falls.set(this.falls);
    this.before = before;
    this.falls = falls;
  }
}

/**
 * Initial number of spans. The number is small, so that V8 keeps the arrays on its heap. Separate memory is expensive
 * for queries with few series.
 */
const INITIAL = 8;
/** Maximum distance between the first and the last time of a span, ms. */
const MAX_DISTANCE = 2 ** 31 - 1;

/** Returns the interval between `count` consecutive times from index `from` on, or 0 if the interval varies. */
export function regularStep(times: Float64Array, from: number, count: number): number {
  const start = times[from]!;
  const step = count > 1 ? times[from + 1]! - start : 1;
  for (let i = 2; i < count; i++) if (times[from + i] !== start + i * step) return 0;
  return step;
}
