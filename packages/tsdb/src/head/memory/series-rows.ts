import type { XorWindows } from "../../chunk/xor-append.ts";
import type { BlockRef } from "./byte-slabs.ts";
import type { ChunkId } from "./chunk-table.ts";
import { grownLength, type SharedBuffers, type SharedColumn } from "./shared-column.ts";

export const MAX_SERIES = 2 ** 25;

/**
 * Row number of a series. In contrast to its reference, it is reused when the series is gone and no reader can reach
 * it. 0 means no row.
 */
export type SeriesRow = number;

const COLUMNS = {
  /** Reference; 0 in a free row. */
  ref: Uint32Array,
  /** Block with the pair ids, in label order. */
  labels: Uint32Array,
  labelCount: Uint16Array,
  hash: Uint32Array,
  /** Number of samples of the open chunk that readers may see. */
  openCount: Uint16Array,
  /** Block of the open chunk; 0 if none exists. */
  openBlock: Uint32Array,
  /** Size of that block, bytes. */
  openSize: Uint32Array,
  /** Number of written bits of the open chunk. */
  openBits: Uint32Array,
  /** Encoding of the open chunk. Without one, that of histograms if the newest sample is a histogram, otherwise 0. */
  openEncoding: Uint8Array,
  leading: Uint8Array,
  trailing: Uint8Array,
  openMinTime: Float64Array,
  /** A sample from this time on begins a new chunk. */
  nextAt: Float64Array,
  /** Time of the newest sample; -Infinity before the first. */
  lastTime: Float64Array,
  /** Its value. */
  lastValue: Float64Array,
  lastDelta: Float64Array,
  /** Oldest and newest closed chunk; 0 if none exists. */
  firstChunk: Uint32Array,
  lastChunk: Uint32Array,
  /**
   * The most recently made full chunk of out-of-order samples, the head of a list along `previous`; 0 if none exists.
   */
  outOfOrder: Uint32Array,
  /** Full chunks from this one on are already in a block. */
  outOfOrderEnd: Uint32Array,
  /** Head of the list of out-of-order chunks that are not full yet. */
  outOfOrderOpen: Uint32Array,
  /** Time range of all of them; meaningless without any. */
  outOfOrderMin: Float64Array,
  outOfOrderMax: Float64Array,
  /** Transaction that appended to the series last, and the index of that sample in its buffer. */
  writer: Uint32Array,
  writerIndex: Uint32Array,
  /** Position of the row's newest entry in the undo log; the entry may be obsolete. */
  undo: Uint32Array,
} as const;

type ColumnName = keyof typeof COLUMNS;
type Columns = { [K in ColumnName]: SharedColumn<(typeof COLUMNS)[K]> };
/** The newest value is only available as words, low and high for each row: a number could lose the bits of a NaN. */
type Views = { -readonly [K in Exclude<ColumnName, "lastValue">]: InstanceType<(typeof COLUMNS)[K]> } & {
  lastWords: Uint32Array;
};

/** The columns, read-only. */
export type RowColumns = { readonly [K in keyof Views]: ArrayLike<number> };

/** State of the encoder of XOR chunks for each open chunk; only the encoder uses it. */
export interface XorColumns extends XorWindows {
  readonly lastDelta: Float64Array;
}

/**
 * The rows of all series: a struct of arrays in shared memory, and all code that writes to it, so that the invariants
 * between columns are in one place. A row with an open chunk has its block, size, encoding, first time and end; a row
 * without one has neither a block nor samples in it. `firstChunk` and `lastChunk` are both set or both 0. Within a
 * change, HeadMemory.beforeChange() must be called before a write to a row that snapshots see.
 */
export class SeriesRows {
  readonly #columns: Columns;
  #at: Views;
  #capacity = 1024;

  constructor(buffers: SharedBuffers) {
    this.#columns = Object.fromEntries(
      Object.entries(COLUMNS).map(([name, kind]) => [name, buffers.column(`series.${name}`, kind, 1024, MAX_SERIES)]),
    ) as Columns;
    this.#at = viewsOf(this.#columns);
  }

  /** Replaced when the table grows. */
  get at(): RowColumns {
    return this.#at;
  }

  get xor(): XorColumns {
    return this.#at;
  }

  /** Renews a reader's views. */
  refresh(): void {
    this.#at = viewsOf(this.#columns);
  }

  /** Makes room for a row. */
  reserve(row: SeriesRow): void {
    if (row < this.#capacity) return;
    this.#capacity = grownLength(this.#capacity, MAX_SERIES);
    for (const column of Object.values(this.#columns)) column.view(this.#capacity);
    this.refresh();
  }

  /** Initialises the row of a new series, without samples. */
  begin(row: SeriesRow, hash: number, labels: BlockRef, labelCount: number): void {
    const at = this.#at;
    at.hash[row] = hash;
    at.labelCount[row] = labelCount;
    at.labels[row] = labels;
    at.openCount[row] = 0;
    at.openBlock[row] = 0;
    at.lastTime[row] = -Infinity;
    at.firstChunk[row] = 0;
    at.lastChunk[row] = 0;
    at.writer[row] = 0;
    // These may be left from an earlier series of the row whose dropped chunks are still being read.
    if (at.outOfOrder[row] !== 0) at.outOfOrder[row] = 0;
    if (at.outOfOrderEnd[row] !== 0) at.outOfOrderEnd[row] = 0;
  }

  /** Makes the row visible to readers; it must be complete. */
  publish(row: SeriesRow, ref: number): void {
    Atomics.store(this.#at.ref, row, ref);
  }

  /** Marks the series as removed; earlier readers still find its labels. */
  withdraw(row: SeriesRow): void {
    this.#at.ref[row] = 0;
  }

  /** Clears the labels of a row without readers. */
  clearLabels(row: SeriesRow): void {
    this.#at.labelCount[row] = 0;
  }

  /** Begins an empty open chunk for samples from `time` to `end`. */
  beginOpenChunk(
    row: SeriesRow,
    { block, size, encoding }: { readonly block: BlockRef; readonly size: number; readonly encoding: number },
    time: number,
    end: number,
  ): void {
    const at = this.#at;
    at.openBlock[row] = block;
    at.openSize[row] = size;
    at.openEncoding[row] = encoding;
    at.openBits[row] = 0;
    at.openCount[row] = 0;
    at.openMinTime[row] = time;
    at.nextAt[row] = end;
  }

  /** Records a float as the newest sample of the open chunk, which now has this number of bits and samples. */
  addFloat(row: SeriesRow, bits: number, count: number, time: number, high: number, low: number): void {
    const at = this.#at;
    at.openBits[row] = bits;
    at.openCount[row] = count;
    at.lastTime[row] = time;
    at.lastWords[row * 2] = low;
    at.lastWords[row * 2 + 1] = high;
  }

  /** Records a histogram as the newest sample; its encoder keeps the value. */
  addHistogram(row: SeriesRow, bits: number, count: number, time: number): void {
    const at = this.#at;
    at.openBits[row] = bits;
    at.openCount[row] = count;
    at.lastTime[row] = time;
  }

  /** Ends the open chunk: samples from `time` on begin a new one. */
  endOpenChunkAt(row: SeriesRow, time: number): void {
    this.#at.nextAt[row] = time;
  }

  /** Moves the open chunk to another block. The caller frees the previous one. */
  moveOpenChunk(row: SeriesRow, block: BlockRef, size: number): void {
    this.#at.openBlock[row] = block;
    this.#at.openSize[row] = size;
  }

  /** Moves the open chunk to another block in which it is encoded again. The caller frees the previous one. */
  rewriteOpenChunk(row: SeriesRow, block: BlockRef, size: number): void {
    this.moveOpenChunk(row, block, size);
    this.#at.openBits[row] = 0;
  }

  /** Removes the open chunk. */
  clearOpenChunk(row: SeriesRow): void {
    this.#at.openBlock[row] = 0;
    this.#at.openCount[row] = 0;
  }

  /** Records that the newest sample is a histogram, kept by its encoder, in a closed chunk of this encoding. */
  resumeHistograms(row: SeriesRow, encoding: number): void {
    this.#at.openEncoding[row] = encoding;
  }

  /** Records that no encoder of histograms keeps the newest sample any more. */
  endHistograms(row: SeriesRow): void {
    this.#at.openEncoding[row] = 0;
  }

  /** Appends closed chunks, from `first` to `last`; the chunk table has their `previous` and `next`. */
  appendChunks(row: SeriesRow, first: ChunkId, last: ChunkId): void {
    const at = this.#at;
    if (at.firstChunk[row] === 0) at.firstChunk[row] = first;
    at.lastChunk[row] = last;
  }

  /** Appends chunks that were read at the start; the newest sample, at `time`, is in the last one. */
  resumeChunks(row: SeriesRow, first: ChunkId, last: ChunkId, time: number): void {
    this.appendChunks(row, first, last);
    this.#at.lastTime[row] = time;
  }

  /** Sets the value of the newest sample, which is in a closed chunk. */
  resumeValue(row: SeriesRow, high: number, low: number): void {
    this.#at.lastWords[row * 2] = low;
    this.#at.lastWords[row * 2 + 1] = high;
  }

  /** Inserts a closed chunk between two others; 0 means that there is none. */
  insertChunk(row: SeriesRow, chunk: ChunkId, before: ChunkId, after: ChunkId): void {
    if (before === 0) this.#at.firstChunk[row] = chunk;
    if (after === 0) this.#at.lastChunk[row] = chunk;
  }

  /** Removes the oldest closed chunk; `next` follows it, 0 if none exists. */
  dropFirstChunk(row: SeriesRow, next: ChunkId): void {
    this.#at.firstChunk[row] = next;
    if (next === 0) this.#at.lastChunk[row] = 0;
  }

  /** Sets the newest out-of-order chunk that is not full yet; 0 for none. */
  setOutOfOrderOpen(row: SeriesRow, newest: ChunkId): void {
    this.#at.outOfOrderOpen[row] = newest;
  }

  /** Sets the newest full chunk of out-of-order samples; the value of `outOfOrderEnd` means none. */
  setOutOfOrderFull(row: SeriesRow, newest: ChunkId): void {
    this.#at.outOfOrder[row] = newest;
  }

  /** Makes the unfilled out-of-order chunks full ones. The earlier full ones follow along `previous`. */
  closeOutOfOrder(row: SeriesRow): void {
    this.#at.outOfOrder[row] = this.#at.outOfOrderOpen[row]!;
    this.#at.outOfOrderOpen[row] = 0;
  }

  /** Records that full out-of-order chunks from this one on are in a block. */
  endOutOfOrderAt(row: SeriesRow, chunk: ChunkId): void {
    this.#at.outOfOrderEnd[row] = chunk;
  }

  /** Unlinks those chunks, which have no readers any more, from the row and from later chunks. */
  unlinkOutOfOrderEnd(row: SeriesRow): void {
    const at = this.#at;
    if (at.outOfOrder[row] === at.outOfOrderEnd[row]) at.outOfOrder[row] = 0;
    at.outOfOrderEnd[row] = 0;
  }

  /** Extends the time range of out-of-order samples; `isFirst` if there are no others. */
  widenOutOfOrder(row: SeriesRow, from: number, to: number, isFirst: boolean): void {
    const at = this.#at;
    at.outOfOrderMin[row] = isFirst ? from : Math.min(at.outOfOrderMin[row]!, from);
    at.outOfOrderMax[row] = isFirst ? to : Math.max(at.outOfOrderMax[row]!, to);
  }

  /**
   * Records that a transaction has appended to the series: number `index` of its buffer, 0 if its newest sample is not
   * there.
   */
  setWriter(row: SeriesRow, transaction: number, index: number): void {
    this.#at.writer[row] = transaction;
    this.#at.writerIndex[row] = index;
  }

  /** Returns the position of the row's newest entry in the undo log, for another thread. */
  undoOf(row: SeriesRow): number {
    return Atomics.load(this.#at.undo, row);
  }

  /** An exchange is a barrier also for the later changes of the row; a store is one only for earlier changes. */
  setUndo(row: SeriesRow, position: number): void {
    Atomics.exchange(this.#at.undo, row, position);
  }
}

function viewsOf(columns: Columns): Views {
  const lastValue = columns.lastValue.whole();
  return {
    ref: columns.ref.whole(),
    labels: columns.labels.whole(),
    labelCount: columns.labelCount.whole(),
    hash: columns.hash.whole(),
    openCount: columns.openCount.whole(),
    openBlock: columns.openBlock.whole(),
    openSize: columns.openSize.whole(),
    openBits: columns.openBits.whole(),
    openEncoding: columns.openEncoding.whole(),
    leading: columns.leading.whole(),
    trailing: columns.trailing.whole(),
    openMinTime: columns.openMinTime.whole(),
    nextAt: columns.nextAt.whole(),
    lastTime: columns.lastTime.whole(),
    lastWords: new Uint32Array(lastValue.buffer, 0, lastValue.length * 2),
    lastDelta: columns.lastDelta.whole(),
    firstChunk: columns.firstChunk.whole(),
    lastChunk: columns.lastChunk.whole(),
    outOfOrder: columns.outOfOrder.whole(),
    outOfOrderEnd: columns.outOfOrderEnd.whole(),
    outOfOrderOpen: columns.outOfOrderOpen.whole(),
    outOfOrderMin: columns.outOfOrderMin.whole(),
    outOfOrderMax: columns.outOfOrderMax.whole(),
    writer: columns.writer.whole(),
    writerIndex: columns.writerIndex.whole(),
    undo: columns.undo.whole(),
  };
}
