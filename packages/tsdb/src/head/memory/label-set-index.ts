import type { BlockRef, ByteSlabs } from "./byte-slabs.ts";
import { MAX_SERIES, type SeriesRow } from "./series-rows.ts";
import { HashTable } from "./hash-table.ts";
import type { SharedBuffers } from "./shared-column.ts";
import { mix } from "./symbols.ts";

/** Rows that are found by their label sets. */
export interface LabelledRows {
  /** Replaced when the table grows. */
  readonly at: {
    readonly hash: ArrayLike<number>;
    /** Block of the words. */
    readonly labels: ArrayLike<number>;
  };
  /** How many words a row's labels take. */
  wordCountOf(row: SeriesRow): number;
}

/**
 * Rows by their label sets, which are words: what these mean is the owner's business, but that equal label sets have equal
 * words. They lie in blocks of slabs; open addressing leads from their hash to the row. The label set at hand is in
 * `words`, of as many as its owner says.
 */
export class LabelSetIndex {
  /** The label set at hand. Replaced by reserve(). */
  words = new Uint32Array(256);
  /** The same memory as bytes. */
  bytes = new Uint8Array(this.words.buffer);
  readonly #slabs: ByteSlabs;
  readonly #rows: LabelledRows;
  readonly #table: HashTable;

  /** `name` is that of the hash table among the buffers. */
  constructor(slabs: ByteSlabs, name: string, buffers: SharedBuffers, rows: LabelledRows) {
    this.#slabs = slabs;
    this.#rows = rows;
    this.#table = new HashTable(name, buffers, MAX_SERIES);
  }

  /** A reader's view of what came since. */
  refresh(): void {
    this.#table.refresh();
  }

  /** Makes room for a label set of so many words; what is at hand stays. */
  reserve(count: number): void {
    if (count <= this.words.length) return;
    const words = new Uint32Array(count * 2);
    words.set(this.words);
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
  }

  /** Row of the label set at hand, 0 when there is none. */
  find(count: number): SeriesRow {
    return this.#table.find(this.#rows.at.hash, this.hash(count), (row) => this.#isAtHand(row, count));
  }

  /** Hash of the label set at hand. */
  hash(count: number): number {
    let hash = count;
    for (let i = 0; i < count; i++) hash = mix(Math.imul(hash, 31) ^ this.words[i]!);
    return hash;
  }

  /** A new block with the label set at hand. */
  store(count: number): BlockRef {
    const block = this.#slabs.allocate(count * 4);
    const words = this.#slabs.words[block >>> 16]!;
    const from = (block & 0xffff) * 2;
    for (let i = 0; i < count; i++) words[from + i] = this.words[i]!;
    return block;
  }

  /** Adds a row, which the index must not have. Its hash and block must be set. */
  insert(row: SeriesRow): void {
    this.#table.insert(this.#rows.at.hash, row);
  }

  /** Leads to the row no more; its block stays. */
  remove(row: SeriesRow): void {
    this.#table.remove(this.#rows.at.hash, row);
  }

  /** Gives a row's block back, which nobody reads any more. */
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
