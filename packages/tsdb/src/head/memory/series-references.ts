import type { SeriesRef } from "@narthex/storage";

const PAGE_BITS = 12;
const PAGE_SIZE = 1 << PAGE_BITS;

/** Largest reference. */
export const MAX_REF = 2 ** 32 - 1;

/** One page of the map from references to rows. */
interface RefPage {
  readonly rows: Uint32Array;
  live: number;
}

/** Rows by the references of their series, and which references are given to series to come. */
export class SeriesReferences {
  #pages: (RefPage | undefined)[] = [];
  #last = 0;
  /** No new series is given a larger reference. */
  #end = MAX_REF;
  /** A bit per page of references of which files or series have used one since the start. */
  readonly #usedPages = new Uint32Array(2 ** (32 - PAGE_BITS) / 32);

  /** Row of a reference, 0 when it names no series (any more). */
  rowOf(ref: SeriesRef): number {
    const page = this.#pages[ref >>> PAGE_BITS];
    return page === undefined ? 0 : page.rows[ref & (PAGE_SIZE - 1)]!;
  }

  /** References that cannot be given to a series any more. */
  get spent(): number {
    return MAX_REF - this.#end + this.#last;
  }

  /** Are most references spent? */
  get mustReuse(): boolean {
    return this.spent > MAX_REF / 2;
  }

  /** The newest reference that was given to a series, or reserved. */
  get last(): SeriesRef {
    return this.#last;
  }

  /** The reference of the next series that comes without one. */
  get next(): SeriesRef {
    return this.#last + 1;
  }

  /** This reference and smaller ones are not given to new series: files still hold samples under it. */
  reserve(ref: SeriesRef): void {
    if (ref > MAX_REF) return;
    this.#last = Math.max(this.#last, ref);
    const page = ref >>> PAGE_BITS;
    this.#usedPages[page >>> 5]! |= 1 << (page & 31);
  }

  /** Gives a series its reference; reserve() has been called. */
  set(ref: SeriesRef, row: number): void {
    const page = (this.#pages[ref >>> PAGE_BITS] ??= { rows: new Uint32Array(PAGE_SIZE), live: 0 });
    page.rows[ref & (PAGE_SIZE - 1)] = row;
    page.live++;
  }

  /** The reference leads to the series no more. */
  delete(ref: SeriesRef): void {
    const page = this.#pages[ref >>> PAGE_BITS]!;
    page.rows[ref & (PAGE_SIZE - 1)] = 0;
    if (--page.live === 0) this.#pages[ref >>> PAGE_BITS] = undefined;
  }

  /**
   * Begins again with references that no file names. To be called once all that is in files has been read. Returns how
   * many references there are then.
   */
  reuse(): number {
    const { start, end } = longestRun(this.#usedPages);
    if ((end - start) * PAGE_SIZE <= MAX_REF - this.#last) return MAX_REF - this.#last;
    this.#last = Math.max(0, start * PAGE_SIZE - 1);
    this.#end = end * PAGE_SIZE - 1;
    return this.#end - this.#last;
  }
}

/** The most zero bits in a row: [start, end). */
function longestRun(bits: Uint32Array): { start: number; end: number } {
  let longest = { start: 0, end: 0 };
  let start = 0;
  for (let i = 0; i <= bits.length * 32; i++) {
    if (i < bits.length * 32 && (bits[i >>> 5]! & (1 << (i & 31))) === 0) continue;
    if (i - start > longest.end - longest.start) longest = { start, end: i };
    start = i + 1;
  }
  return longest;
}
