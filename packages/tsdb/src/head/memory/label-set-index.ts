import type { BlockRef, ByteSlabs } from "./byte-slabs.ts";
import type { SeriesRow } from "./series-rows.ts";
import type { SharedColumn } from "./shared-column.ts";
import { insertHashed, mix, removeHashed } from "./symbols.ts";

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
  readonly #column: SharedColumn<typeof Uint32Array>;
  readonly #rows: LabelledRows;
  /** Rows; 0 is empty. */
  #table: Uint32Array;

  /** `column` holds the hash table, whose length is a power of two. */
  constructor(slabs: ByteSlabs, column: SharedColumn<typeof Uint32Array>, rows: LabelledRows) {
    this.#slabs = slabs;
    this.#column = column;
    this.#rows = rows;
    this.#table = column.whole();
  }

  /** A reader's view of what came since. */
  refresh(): void {
    this.#table = this.#column.whole();
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
    const mask = this.#table.length - 1;
    const hash = this.hash(count);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#table[slot]!;
      if (row === 0 || (this.#rows.at.hash[row] === hash && this.#isAtHand(row, count))) return row;
    }
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

  /** Leads to a row whose hash and block are set, and to which nothing leads yet; `count` rows are in the table before. */
  insert(row: SeriesRow, count: number): void {
    if ((count + 1) * 2 > this.#table.length) this.#rehash(this.#table.length * 2);
    insertHashed(this.#table, this.#rows.at.hash, row);
  }

  /** Leads to the row no more; its block stays. */
  remove(row: SeriesRow): void {
    removeHashed(this.#table, this.#rows.at.hash, row);
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

  #rehash(length: number): void {
    const old = this.#table.slice();
    this.#table = this.#column.view(length).fill(0);
    for (const row of old) if (row !== 0) insertHashed(this.#table, this.#rows.at.hash, row);
  }
}
