import type { DeletedInterval } from "../block/block-tombstones.ts";
import type { SeriesEntry } from "../block/series-entry.ts";

/** Hint value for a chunk that this selection has not read yet. */
export const UNREAD = -2;

/** Chunks of the selected series in a range, as columns. */
export class SelectionChunks {
  minTime = new Float64Array(256);
  maxTime = new Float64Array(256);
  ref = new Float64Array(256);
  /**
   * Slot of each chunk in the cache of decoded chunks at its last read; -1 if it was not cached, UNREAD if it has not
   * been read. The chunk may have moved to another slot.
   */
  hints = new Int32Array(256).fill(UNREAD);
  #count = 0;
  /** Index after the last chunk of each series. */
  #ends = new Uint32Array(256);
  #series = 0;
  readonly #from: number;
  readonly #to: number;

  /** Creates columns that keep only chunks overlapping [from, to]. */
  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
  }

  /**
   * Adds a series with its chunks in the time range. If the series has no chunks in the range, or if all of them are
   * deleted, adds nothing and returns false.
   */
  add(entry: SeriesEntry, deleted: readonly DeletedInterval[] | undefined): boolean {
    const before = this.#count;
    this.#reserve(before + entry.chunkCount);
    for (let i = 0; i < entry.chunkCount; i++) {
      const minTime = entry.chunkMinTime[i]!;
      const maxTime = entry.chunkMaxTime[i]!;
      if (maxTime < this.#from || minTime > this.#to) continue;
      if (deleted?.some((interval) => interval.minTime <= minTime && interval.maxTime >= maxTime)) continue;
      this.minTime[this.#count] = minTime;
      this.maxTime[this.#count] = maxTime;
      this.ref[this.#count++] = entry.chunkRef[i]!;
    }
    if (this.#count === before) return false;
    if (this.#series === this.#ends.length) {
      const ends = new Uint32Array(this.#series * 2);
      ends.set(this.#ends);
      this.#ends = ends;
    }
    this.#ends[this.#series++] = this.#count;
    return true;
  }

  get count(): number {
    return this.#count;
  }

  /** Returns whether the series has a chunk that overlaps [from, to]. */
  reach(series: number, from: number, to: number): boolean {
    const end = this.end(series);
    for (let i = this.start(series); i < end; i++) if (this.maxTime[i]! >= from && this.minTime[i]! <= to) return true;
    return false;
  }

  /**
   * Returns the index of the series' first chunk. The chunks of a series have the indexes from start() to below end().
   */
  start(series: number): number {
    return series === 0 ? 0 : this.#ends[series - 1]!;
  }

  end(series: number): number {
    return this.#ends[series]!;
  }

  #reserve(count: number): void {
    if (count <= this.ref.length) return;
    const grown = (column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(count * 2);
      next.set(column.subarray(0, this.#count));
      return next;
    };
    this.minTime = grown(this.minTime);
    this.maxTime = grown(this.maxTime);
    this.ref = grown(this.ref);
    this.hints = new Int32Array(this.ref.length).fill(UNREAD);
  }
}
