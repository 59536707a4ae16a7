import type { SeriesRef } from "@narthex/storage";

const PAGE_BITS = 12;
const PAGE_SIZE = 1 << PAGE_BITS;

/** Largest possible reference of a series. */
export const MAX_REF = 2 ** 32 - 1;

/** One page of the table that maps references to rows. */
interface RefPage {
  readonly rows: Uint32Array;
  live: number;
}

/** Maps the references of series to their rows, and assigns references to new series. */
export class SeriesReferences {
  #pages: (RefPage | undefined)[] = [];
  #last = 0;
  /** Largest reference that a new series can get. */
  #end = MAX_REF;
  /**
   * One bit per page of references. The bit is set if a file or a series has used a reference of this page since the
   * start.
   */
  readonly #usedPages = new Uint32Array(2 ** (32 - PAGE_BITS) / 32);

  /** Returns the row of a series reference; 0 if no series in the table has it. */
  rowOf(ref: SeriesRef): number {
    const page = this.#pages[ref >>> PAGE_BITS];
    return page === undefined ? 0 : page.rows[ref & (PAGE_SIZE - 1)]!;
  }

  /** Number of references that cannot be given to new series any more. */
  get spent(): number {
    return MAX_REF - this.#end + this.#last;
  }

  /** Whether more than half of all possible references are used up, so that references must be reused. */
  get mustReuse(): boolean {
    return this.spent > MAX_REF / 2;
  }

  /** The largest reference that was given to a series or reserved. */
  get last(): SeriesRef {
    return this.#last;
  }

  get next(): SeriesRef {
    return this.#last + 1;
  }

  /**
   * Reserves the reference `ref` and all smaller references, because files may contain samples with these references.
   */
  reserve(ref: SeriesRef): void {
    if (ref > MAX_REF) return;
    this.#last = Math.max(this.#last, ref);
    const page = ref >>> PAGE_BITS;
    this.#usedPages[page >>> 5]! |= 1 << (page & 31);
  }

  /** Assigns a reference to a series. reserve() must have been called before. */
  set(ref: SeriesRef, row: number): void {
    const page = (this.#pages[ref >>> PAGE_BITS] ??= { rows: new Uint32Array(PAGE_SIZE), live: 0 });
    page.rows[ref & (PAGE_SIZE - 1)] = row;
    page.live++;
  }

  delete(ref: SeriesRef): void {
    const page = this.#pages[ref >>> PAGE_BITS]!;
    page.rows[ref & (PAGE_SIZE - 1)] = 0;
    if (--page.live === 0) this.#pages[ref >>> PAGE_BITS] = undefined;
  }

  /**
   * Makes unused references available: new series get references from the longest range of unused references, if it is
   * longer than the current range. Call after all files have been read. Returns the number of available references.
   */
  reuse(): number {
    const { start, end } = longestRun(this.#usedPages);
    if ((end - start) * PAGE_SIZE <= MAX_REF - this.#last) return MAX_REF - this.#last;
    this.#last = Math.max(0, start * PAGE_SIZE - 1);
    this.#end = end * PAGE_SIZE - 1;
    return this.#end - this.#last;
  }
}

/** Returns the longest run of zero bits, [start, end). */
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
