import type { BlockRef, ByteSlabs } from "./byte-slabs.ts";
import { MAX_SERIES, type SeriesRow } from "./series-rows.ts";
import { HashTable } from "./hash-table.ts";
import type { SharedBuffers } from "./shared-column.ts";
import { mix } from "./symbols.ts";

/** Rows that can be found by their label sets. */
export interface LabelledRows {
  /** Replaced when the table grows. */
  readonly at: {
    readonly hash: ArrayLike<number>;
    /** Block of the words. */
    readonly labels: ArrayLike<number>;
  };
  /** Number of words of a row's labels. */
  wordCountOf(row: SeriesRow): number;
}

/**
 * Finds rows by their label sets. A label set is a sequence of words whose meaning only the owner knows; equal label
 * sets have equal words. They are in blocks of the slabs, and a hash table leads to the row. The current label set is
 * in `words`; its owner passes the count.
 */
export class LabelSetIndex {
  /** The current label set. Replaced by reserve(). */
  words = new Uint32Array(256);
  /** The same memory as bytes. */
  bytes = new Uint8Array(this.words.buffer);
  readonly #slabs: ByteSlabs;
  readonly #rows: LabelledRows;
  readonly #table: HashTable;

  /** @param name name of the hash table's buffers */
  constructor(slabs: ByteSlabs, name: string, buffers: SharedBuffers, rows: LabelledRows) {
    this.#slabs = slabs;
    this.#rows = rows;
    this.#table = new HashTable(name, buffers, MAX_SERIES);
  }

  /** Renews a reader's view. */
  refresh(): void {
    this.#table.refresh();
  }

  /** Makes room for a label set of this number of words and keeps the current words. */
  reserve(count: number): void {
    if (count <= this.words.length) return;
    const words = new Uint32Array(count * 2);
    words.set(this.words);
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
  }

  /** Returns the row of the current label set; 0 if none exists. */
  find(count: number): SeriesRow {
    return this.#table.find(this.#rows.at.hash, this.hash(count), (row) => this.#isAtHand(row, count));
  }

  /** Returns the hash of the current label set. */
  hash(count: number): number {
    let hash = count;
    for (let i = 0; i < count; i++) hash = mix(Math.imul(hash, 31) ^ this.words[i]!);
    return hash;
  }

  /** Stores the current label set in a new block. */
  store(count: number): BlockRef {
    const block = this.#slabs.allocate(count * 4);
    const words = this.#slabs.words[block >>> 16]!;
    const from = (block & 0xffff) * 2;
    for (let i = 0; i < count; i++) words[from + i] = this.words[i]!;
    return block;
  }

  /** Adds a row, which must not be in the index. Its hash and block must be set. */
  insert(row: SeriesRow): void {
    this.#table.insert(this.#rows.at.hash, row);
  }

  /** Removes the row from the index; its block stays. */
  remove(row: SeriesRow): void {
    this.#table.remove(this.#rows.at.hash, row);
  }

  /** Frees a row's block, which has no readers any more. */
  recycle(row: SeriesRow): void {
    this.#slabs.recycle(this.#rows.at.labels[row]!, this.#rows.wordCountOf(row) * 4);
  }

  #isAtHand(row: SeriesRow, count: number): boolean {
    if (this.#rows.wordCountOf(row) !== count) return false;
    const block = this.#rows.at.labels[row]!;
    const words = this.#slabs.words[block >>> 16]!;
    const from = (block & 0xffff) * 2;
    for (let i = 0; i < count; i++) if (words[from + i] !== this.words[i]) return false;
    return true;
  }
}
