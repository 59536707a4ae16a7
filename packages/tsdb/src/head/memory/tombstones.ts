import type { SampleColumns, SeriesRef } from "@narthex/storage";
import { Seqlock } from "../concurrency/seqlock.ts";
import type { SharedBuffers, SharedColumn } from "./shared-column.ts";

const MAX_INTERVALS = 2 ** 26;
const COUNT = 0;
const CHANGES = 1;

/** Times of a series that were deleted, both ends included. */
export interface DeletedInterval {
  readonly minTime: number;
  readonly maxTime: number;
}

/**
 * Deleted intervals of the head's series; they are applied when samples are read. They lie in shared memory as a plain
 * list of (reference, from, to); each thread keeps its own map of it, made anew when the list has changed.
 */
export class Tombstones {
  readonly #lock: Seqlock;
  readonly #column: SharedColumn<typeof Float64Array>;
  readonly #state: Int32Array;
  #bySeries = new Map<SeriesRef, readonly DeletedInterval[]>();
  #seen = 0;

  constructor(buffers: SharedBuffers) {
    this.#lock = new Seqlock("tombstones.version", buffers, () => {});
    this.#column = buffers.column("tombstones", Float64Array, 3 * 64, 3 * MAX_INTERVALS);
    this.#state = buffers.words("tombstones.state", 2);
  }

  /** Number of series with deleted intervals. */
  get size(): number {
    return this.#bySeries.size;
  }

  add(ref: SeriesRef, interval: DeletedInterval): void {
    const known = this.#bySeries.get(ref) ?? [];
    const merged = addInterval(known, interval);
    this.#bySeries.set(ref, merged);
    if (merged.length > known.length) this.#append(ref, interval);
    else this.#publish();
  }

  intervalsOf(ref: SeriesRef): readonly DeletedInterval[] | undefined {
    return this.#bySeries.get(ref);
  }

  /** All of them, by series. */
  entries(): IterableIterator<[SeriesRef, readonly DeletedInterval[]]> {
    return this.#bySeries.entries();
  }

  /** Forgets what lies before a time altogether. */
  truncate(minTime: number): void {
    if (this.#bySeries.size === 0) return;
    for (const [ref, intervals] of this.#bySeries) {
      const kept = intervals.filter((interval) => interval.maxTime >= minTime);
      if (kept.length === 0) this.#bySeries.delete(ref);
      else this.#bySeries.set(ref, kept);
    }
    this.#publish();
  }

  /** A reader takes views of what the writer has changed. */
  refresh(): void {
    if (Atomics.load(this.#state, CHANGES) === this.#seen) return;
    this.#lock.read(() => {
      this.#seen = Atomics.load(this.#state, CHANGES);
      this.#bySeries = new Map();
      const list = this.#column.whole();
      for (let i = 0; i < this.#state[COUNT]! * 3; i += 3) {
        const known = this.#bySeries.get(list[i]!) ?? [];
        this.#bySeries.set(list[i]!, [...known, { minTime: list[i + 1]!, maxTime: list[i + 2]! }]);
      }
    });
  }

  #append(ref: SeriesRef, interval: DeletedInterval): void {
    this.#lock.begin();
    this.#put(ref, interval);
    Atomics.add(this.#state, CHANGES, 1);
    this.#lock.end();
  }

  #put(ref: SeriesRef, { minTime, maxTime }: DeletedInterval): void {
    const at = this.#state[COUNT]! * 3;
    if ((at + 3) * 8 > this.#column.buffer.byteLength) this.#column.view(at * 2);
    this.#column.whole().set([ref, minTime, maxTime], at);
    this.#state[COUNT]!++;
  }

  #publish(): void {
    this.#lock.begin();
    this.#state[COUNT] = 0;
    for (const [ref, intervals] of this.#bySeries) for (const interval of intervals) this.#put(ref, interval);
    Atomics.add(this.#state, CHANGES, 1);
    this.#lock.end();
  }
}

/** Adds an interval to ordered ones, joining what touches. */
export function addInterval(
  intervals: readonly DeletedInterval[],
  { minTime, maxTime }: DeletedInterval,
): readonly DeletedInterval[] {
  const before = intervals.filter((known) => known.maxTime < minTime - 1);
  const after = intervals.filter((known) => known.minTime > maxTime + 1);
  const joined = intervals.slice(before.length, intervals.length - after.length);
  const from = Math.min(minTime, joined[0]?.minTime ?? Infinity);
  const to = Math.max(maxTime, joined.at(-1)?.maxTime ?? -Infinity);
  return [...before, { minTime: from, maxTime: to }, ...after];
}

/** Takes deleted samples out of columns, from slot `first` on. */
export function dropDeleted(columns: SampleColumns, intervals: readonly DeletedInterval[], first = 0): void {
  const { timestamps, valueWords: words, histograms, startTimestamps, count } = columns;
  let kept = first;
  for (let i = first; i < count; i++) {
    const time = timestamps[i]!;
    if (intervals.some(({ minTime, maxTime }) => time >= minTime && time <= maxTime)) continue;
    timestamps[kept] = time;
    words[kept * 2] = words[i * 2]!;
    words[kept * 2 + 1] = words[i * 2 + 1]!;
    if (histograms !== undefined) histograms[kept] = histograms[i];
    if (startTimestamps !== undefined) startTimestamps[kept] = startTimestamps[i]!;
    kept++;
  }
  columns.truncate(kept);
}
