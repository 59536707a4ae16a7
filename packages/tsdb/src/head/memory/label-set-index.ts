import type { BlockRef, ByteSlabs } from "./byte-slabs.ts";
import { MAX_SERIES, type SeriesRow } from "./series-rows.ts";
import { HashTable } from "./hash-table.ts";
import type { SharedBuffers } from "./shared-column.ts";
import { mix } from "./symbols.ts";

/** A table of series whose rows are found by their label sets. */
export interface LabelledRows {
  /** The columns of the table. The object is replaced when the table grows. */
  readonly at: {
    readonly hash: ArrayLike<number>;
    /** Memory block with the words of the row's labels. */
    readonly labels: ArrayLike<number>;
  };
  /** Returns the number of 32-bit words of a row's labels. */
  wordCountOf(row: SeriesRow): number;
}

/**
 * Finds rows of a table by their label sets through a hash table. A label set is a sequence of 32-bit words, whose
 * meaning only the owner of the index knows; equal label sets have equal words. The words of each row are in a memory
 * block. To look up a label set, the owner writes its words to `words` and passes their number.
 */
export class LabelSetIndex {
  /** The words of the current label set. The array is replaced by reserve(). */
  words = new Uint32Array(256);
  /** View of the memory of `words` as bytes. */
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

  /** Recreates a reader's array views after the table has grown. */
  refresh(): void {
    this.#table.refresh();
  }

  /** Makes room for a label set of `count` words, and keeps the current words. */
  reserve(count: number): void {
    if (count <= this.words.length) return;
    const words = new Uint32Array(count * 2);
    words.set(this.words);
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
  }

  /** Returns the row of the current label set; 0 if there is no such row. */
  find(count: number): SeriesRow {
    return this.#table.find(this.#rows.at.hash, this.hash(count), (row) => this.#isAtHand(row, count));
  }

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

  /** Adds a row that is not in the index. The caller must have set the row's hash and memory block. */
  insert(row: SeriesRow): void {
    this.#table.insert(this.#rows.at.hash, row);
  }

  /** Removes a row from the index, but keeps its block. */
  remove(row: SeriesRow): void {
    this.#table.remove(this.#rows.at.hash, row);
  }

  /** Frees the memory block of a row that has no readers any more. */
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
