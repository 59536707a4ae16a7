import type { SampleColumns } from "./sample-columns.ts";

/**
 * Float samples of one series as spans of the memory that holds them, for readers who need few of many samples:
 * nothing is copied. Oldest first, times rise through all spans, no value is NaN (so that none is a stale marker). Good
 * until the next read from the same storage.
 */
export class SampleSpans {
  /** Number of spans. */
  count = 0;
  /** Samples in the spans before each, and behind the last span in all. */
  before = new Int32Array(INITIAL + 1);
  /** Time of the first and of the last sample of each, ms. */
  first = new Float64Array(INITIAL);
  last = new Float64Array(INITIAL);
  /**
   * Distance of the times, ms, or 0 if `times[i]` has them, from slot `timesAt[i]` on, as distances from `origin[i]`.
   */
  step = new Float64Array(INITIAL);
  origin = new Float64Array(INITIAL);
  readonly times: (Int32Array | undefined)[] = [];
  timesAt = new Int32Array(INITIAL);
  /** Values are `base[i]` + `words[i]`, where there are such, else `doubles[i]`; in either from slot `at[i]` on. */
  base = new Float64Array(INITIAL);
  readonly words: (Int32Array | Int16Array | undefined)[] = [];
  readonly doubles: (Float64Array | undefined)[] = [];
  at = new Int32Array(INITIAL);
  /** 0 if no value of a span is less than the one before it in the same span; 1 where one may be. */
  falls = new Uint8Array(INITIAL);

  /** Samples of all spans. */
  get samples(): number {
    return this.before[this.count]!;
  }

  reset(): void {
    this.count = 0;
  }

  /** The number of a further span of so many samples, whose columns the caller fills. */
  open(samples: number): number {
    const span = this.count++;
    if (span === this.first.length) this.#grow();
    this.before[span + 1] = this.before[span]! + samples;
    return span;
  }

  /**
   * Adds the slots of `columns` from `from` on whose time is within [minTime, maxTime]. False if they are no such
   * samples.
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
    if (timestamps[end - 1]! - origin > MOST_DISTANCE) return false;
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

  /** Does a span begin behind the end of the one before? */
  risesAt(span: number): boolean {
    return span === 0 || span >= this.count || this.first[span]! > this.last[span - 1]!;
  }

  /** Time of sample `index` of a span. */
  timeAt(span: number, index: number): number {
    const times = this.times[span];
    if (times === undefined) return this.first[span]! + index * this.step[span]!;
    return this.origin[span]! + times[this.timesAt[span]! + index]!;
  }

  /** Value of sample `index` of a span. */
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

/** Few, so that V8 keeps the columns on its heap: memory of their own is dear where a query has a few series. */
const INITIAL = 8;
/** Times of a span are at most so far apart, ms. */
const MOST_DISTANCE = 2 ** 31 - 1;

/** The distance of all of `count` times from slot `from` on, 0 if it is not always the same. */
export function regularStep(times: Float64Array, from: number, count: number): number {
  const start = times[from]!;
  const step = count > 1 ? times[from + 1]! - start : 1;
  for (let i = 2; i < count; i++) if (times[from + i] !== start + i * step) return 0;
  return step;
}
