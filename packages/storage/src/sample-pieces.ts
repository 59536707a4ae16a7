import type { SampleColumns } from "./sample-columns.ts";

/**
 * Float samples of one series as runs in the memory of whoever keeps them, for readers who look at few of many samples:
 * nothing is copied. Oldest first, times rise through all pieces, no value is NaN (so that none is a stale marker). Good
 * until the next read from the same storage.
 */
export class SamplePieces {
  /** Pieces there are. */
  count = 0;
  /** Samples in the pieces before each, and behind the last piece in all. */
  before = new Int32Array(INITIAL + 1);
  /** Time of the first and of the last sample of each, ms. */
  first = new Float64Array(INITIAL);
  last = new Float64Array(INITIAL);
  /** Distance of the times, ms; 0 where `times[i]` has them, from slot `timesAt[i]` on, as distances from `origin[i]`. */
  step = new Float64Array(INITIAL);
  origin = new Float64Array(INITIAL);
  readonly times: (Int32Array | undefined)[] = [];
  timesAt = new Int32Array(INITIAL);
  /** Values are `base[i]` + `words[i]`, where there are such, else `doubles[i]`; in either from slot `at[i]` on. */
  base = new Float64Array(INITIAL);
  readonly words: (Int32Array | Int16Array | undefined)[] = [];
  readonly doubles: (Float64Array | undefined)[] = [];
  at = new Int32Array(INITIAL);
  /** 0 where no value of a piece is less than the one before it in the same piece; 1 where one may be. */
  falls = new Uint8Array(INITIAL);

  /** Samples of all pieces. */
  get samples(): number {
    return this.before[this.count]!;
  }

  reset(): void {
    this.count = 0;
  }

  /** The number of a further piece of so many samples, whose columns the caller fills. */
  open(samples: number): number {
    const piece = this.count++;
    if (piece === this.first.length) this.#grow();
    this.before[piece + 1] = this.before[piece]! + samples;
    return piece;
  }

  /** Adds the slots of `columns` from `from` on whose time is within [minTime, maxTime]. False where they are no such samples. */
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
    const piece = this.open(end - from);
    this.first[piece] = this.origin[piece] = origin;
    this.last[piece] = timestamps[end - 1]!;
    this.step[piece] = step;
    this.times[piece] =
      step === 0 ? Int32Array.from(timestamps.subarray(from, end), (time) => time - origin) : undefined;
    this.timesAt[piece] = 0;
    this.words[piece] = undefined;
    this.doubles[piece] = values;
    this.at[piece] = from;
    this.falls[piece] = falls;
    return true;
  }

  /** Does a piece begin behind the end of the one before? */
  risesAt(piece: number): boolean {
    return piece === 0 || piece >= this.count || this.first[piece]! > this.last[piece - 1]!;
  }

  /** Time of sample `index` of a piece. */
  timeAt(piece: number, index: number): number {
    const times = this.times[piece];
    if (times === undefined) return this.first[piece]! + index * this.step[piece]!;
    return this.origin[piece]! + times[this.timesAt[piece]! + index]!;
  }

  /** Value of sample `index` of a piece. */
  valueAt(piece: number, index: number): number {
    const words = this.words[piece];
    const slot = this.at[piece]! + index;
    return words === undefined ? this.doubles[piece]![slot]! : this.base[piece]! + words[slot]!;
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

const INITIAL = 64;
/** Times of a piece are at most so far apart, ms. */
const MOST_DISTANCE = 2 ** 31 - 1;

/** The distance of all of `count` times from slot `from` on, 0 where it is not always the same. */
export function regularStep(times: Float64Array, from: number, count: number): number {
  const start = times[from]!;
  const step = count > 1 ? times[from + 1]! - start : 1;
  for (let i = 2; i < count; i++) if (times[from + i] !== start + i * step) return 0;
  return step;
}
