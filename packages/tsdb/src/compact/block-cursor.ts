import type { DeletedInterval } from "../block/block-tombstones.ts";
import type { Block, ChunkReader } from "../block/block.ts";
import { SeriesEntry } from "../block/series-entry.ts";

/** Cursor over the series of one block that is merged, in the order of their labels. */
export class BlockCursor {
  readonly entry = new SeriesEntry();
  readonly chunks: ChunkReader;
  /** Labels of the current series, as symbol numbers that all merged blocks share. */
  labels = new Uint32Array(64);
  /** Time intervals of the current series that were deleted. */
  deleted: readonly DeletedInterval[] = [];
  readonly #block: Block;
  readonly #numbers: Uint32Array;
  readonly #refs: Uint32Array;
  #at = -1;

  constructor(block: Block, numbers: Uint32Array) {
    this.#block = block;
    this.#numbers = numbers;
    this.#refs = block.allPostings();
    this.chunks = block.chunkReader();
  }

  /** Moves to the next series; false after the last one. */
  next(): boolean {
    if (++this.#at >= this.#refs.length) return false;
    const ref = this.#refs[this.#at]!;
    this.#block.series(ref, this.entry);
    const count = this.entry.labelCount * 2;
    if (this.labels.length < count) this.labels = new Uint32Array(count * 2);
    for (let i = 0; i < count; i++) this.labels[i] = this.#numbers[this.entry.labels[i]!]!;
    this.deleted = this.#block.tombstones.get(ref) ?? [];
    return true;
  }

  /** Compares the labels of the current series with those of another cursor's current series. */
  compare(other: BlockCursor): number {
    const count = this.entry.labelCount * 2;
    const otherCount = other.entry.labelCount * 2;
    for (let i = 0; i < count && i < otherCount; i++) {
      const order = this.labels[i]! - other.labels[i]!;
      if (order !== 0) return order;
    }
    return count - otherCount;
  }
}
