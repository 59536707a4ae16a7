import type { XorWindows } from "../../chunk/xor-append.ts";
import type { BlockRef } from "./byte-slabs.ts";
import type { ChunkId } from "./chunk-table.ts";
import { grownLength, type SharedBuffers, type SharedColumn } from "./shared-column.ts";

export const MAX_SERIES = 2 ** 25;

/**
 * Number of a series' row in the head's table. Unlike a reference, a row number is reused after the series was removed
 * and no reader can reach the row. 0 means no row.
 */
export type SeriesRow = number;

const COLUMNS = {
  /** Reference of the series; 0 in a free row. */
  ref: Uint32Array,
  /** Memory block with the ids of the series' label pairs, in the order of the labels. */
  labels: Uint32Array,
  labelCount: Uint16Array,
  hash: Uint32Array,
  /** Number of samples of the open chunk that readers may read. */
  openCount: Uint16Array,
  /** Memory block of the open chunk; 0 if the series has no open chunk. */
  openBlock: Uint32Array,
  /** Size of the open chunk's memory block, bytes. */
  openSize: Uint32Array,
  /** Number of written bits of the open chunk. */
  openBits: Uint32Array,
  /**
   * Encoding of the open chunk. Without an open chunk: the encoding of histograms if the newest sample is a histogram,
   * otherwise 0.
   */
  openEncoding: Uint8Array,
  leading: Uint8Array,
  trailing: Uint8Array,
  openMinTime: Float64Array,
  /** Time in ms from which a sample begins a new chunk. */
  nextAt: Float64Array,
  /** Time of the newest sample, ms; -Infinity before the first. */
  lastTime: Float64Array,
  /** Value of the newest sample. */
  lastValue: Float64Array,
  lastDelta: Float64Array,
  /** Oldest closed chunk; 0 if the series has no closed chunks. `lastChunk` is the newest. */
  firstChunk: Uint32Array,
  lastChunk: Uint32Array,
  /**
   * Full chunk of out-of-order samples that was created last; 0 if no chunk is full. Older full chunks are linked by
   * `previous`.
   */
  outOfOrder: Uint32Array,
  /**
   * First chunk in the `outOfOrder` list whose samples are already in a block. All older chunks in the list are in
   * blocks, too.
   */
  outOfOrderEnd: Uint32Array,
  /** Newest out-of-order chunk that is not full. Older chunks that are not full are linked by `previous`. */
  outOfOrderOpen: Uint32Array,
  /**
   * Time of the oldest out-of-order sample, ms. `outOfOrderMax` is the time of the newest out-of-order sample. If the
   * series has no out-of-order samples, both times are meaningless.
   */
  outOfOrderMin: Float64Array,
  outOfOrderMax: Float64Array,
  /**
   * Id of the transaction that appended to the series last. `writerIndex` is the index of the series' newest sample in
   * the transaction's buffer.
   */
  writer: Uint32Array,
  writerIndex: Uint32Array,
  /** Position of the row's newest entry in the undo log; the entry may be obsolete. */
  undo: Uint32Array,
} as const;

type ColumnName = keyof typeof COLUMNS;
type Columns = { [K in ColumnName]: SharedColumn<(typeof COLUMNS)[K]> };
/**
 * Array views of the columns. The newest value is available only as two words for each row, low and high, because a
 * number could lose the bits of a NaN.
 */
type Views = { -readonly [K in Exclude<ColumnName, "lastValue">]: InstanceType<(typeof COLUMNS)[K]> } & {
  lastValueWords: Uint32Array;
};

export type RowColumns = { readonly [K in keyof Views]: ArrayLike<number> };

/** Columns with the state of the XOR encoder of each open chunk. Only the encoder uses them. */
export interface XorColumns extends XorWindows {
  readonly lastDelta: Float64Array;
}

/**
 * The rows of all series, as columns in shared memory. Only this class writes to the columns, so that the rules about
 * their values are in one place. A row with an open chunk has its memory block, size, encoding, first time and end. A
 * row without an open chunk has no block and no open samples. `firstChunk` and `lastChunk` are both set or both 0.
 * HeadMemory.beforeChange() must be called before a write to a row that snapshots see.
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

  /** The columns of the table. The object is replaced when the table grows. */
  get at(): RowColumns {
    return this.#at;
  }

  get xor(): XorColumns {
    return this.#at;
  }

  /** Recreates a reader's array views after the columns have grown. */
  refresh(): void {
    this.#at = viewsOf(this.#columns);
  }

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
    // Clears values of an earlier series in the row. They remain while the removed chunks of that series are still
    // being read.
    if (at.outOfOrder[row] !== 0) at.outOfOrder[row] = 0;
    if (at.outOfOrderEnd[row] !== 0) at.outOfOrderEnd[row] = 0;
  }

  /** Makes the row visible to readers. The caller must have set all its fields. */
  publish(row: SeriesRow, ref: number): void {
    Atomics.store(this.#at.ref, row, ref);
  }

  /** Marks the series of a row as removed. Readers that started earlier still find its labels. */
  withdraw(row: SeriesRow): void {
    this.#at.ref[row] = 0;
  }

  /** Clears the labels of a row that has no readers. */
  clearLabels(row: SeriesRow): void {
    this.#at.labelCount[row] = 0;
  }

  /** Begins an empty open chunk for samples from `time` until `end`. */
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

  /** Records a float as the series' newest sample. `bits` and `count` are the new size of the open chunk. */
  addFloat(row: SeriesRow, bits: number, count: number, time: number, high: number, low: number): void {
    const at = this.#at;
    at.openBits[row] = bits;
    at.openCount[row] = count;
    at.lastTime[row] = time;
    at.lastValueWords[row * 2] = low;
    at.lastValueWords[row * 2 + 1] = high;
  }

  /** Records a histogram as the series' newest sample. The histogram itself is kept by the series' encoder object. */
  addHistogram(row: SeriesRow, bits: number, count: number, time: number): void {
    const at = this.#at;
    at.openBits[row] = bits;
    at.openCount[row] = count;
    at.lastTime[row] = time;
  }

  /** Sets the end of the open chunk: samples from `time` on begin a new chunk. */
  endOpenChunkAt(row: SeriesRow, time: number): void {
    this.#at.nextAt[row] = time;
  }

  /** Moves the open chunk to another memory block. The caller must free the previous block. */
  moveOpenChunk(row: SeriesRow, block: BlockRef, size: number): void {
    this.#at.openBlock[row] = block;
    this.#at.openSize[row] = size;
  }

  /**
   * Moves the open chunk to another memory block, in which it was encoded again. The caller must free the previous
   * block.
   */
  rewriteOpenChunk(row: SeriesRow, block: BlockRef, size: number): void {
    this.moveOpenChunk(row, block, size);
    this.#at.openBits[row] = 0;
  }

  clearOpenChunk(row: SeriesRow): void {
    this.#at.openBlock[row] = 0;
    this.#at.openCount[row] = 0;
  }

  /**
   * Records that the newest sample is a histogram in a closed chunk of this encoding. The histogram itself is kept by
   * the series' encoder object.
   */
  resumeHistograms(row: SeriesRow, encoding: number): void {
    this.#at.openEncoding[row] = encoding;
  }

  /** Records that the encoder of the series no longer keeps its newest histogram. */
  endHistograms(row: SeriesRow): void {
    this.#at.openEncoding[row] = 0;
  }

  /**
   * Appends a linked list of closed chunks, from `first` to `last`. Their `previous` and `next` must be set in the
   * chunk table.
   */
  appendChunks(row: SeriesRow, first: ChunkId, last: ChunkId): void {
    const at = this.#at;
    if (at.firstChunk[row] === 0) at.firstChunk[row] = first;
    at.lastChunk[row] = last;
  }

  /** Appends chunks that were read from files at a start. The newest sample, at `time`, is in the last chunk. */
  resumeChunks(row: SeriesRow, first: ChunkId, last: ChunkId, time: number): void {
    this.appendChunks(row, first, last);
    this.#at.lastTime[row] = time;
  }

  /** Sets the value of the newest sample, which is in a closed chunk. */
  resumeValue(row: SeriesRow, high: number, low: number): void {
    this.#at.lastValueWords[row * 2] = low;
    this.#at.lastValueWords[row * 2 + 1] = high;
  }

  /** Inserts a closed chunk between the chunks `before` and `after`, each of which may be 0 for none. */
  insertChunk(row: SeriesRow, chunk: ChunkId, before: ChunkId, after: ChunkId): void {
    if (before === 0) this.#at.firstChunk[row] = chunk;
    if (after === 0) this.#at.lastChunk[row] = chunk;
  }

  /** Removes the oldest closed chunk. `next` is the chunk after it, or 0. */
  dropFirstChunk(row: SeriesRow, next: ChunkId): void {
    this.#at.firstChunk[row] = next;
    if (next === 0) this.#at.lastChunk[row] = 0;
  }

  /** Sets the newest out-of-order chunk that is not full yet, or 0. */
  setOutOfOrderOpen(row: SeriesRow, newest: ChunkId): void {
    this.#at.outOfOrderOpen[row] = newest;
  }

  /**
   * Sets the newest full chunk of out-of-order samples. If it equals `outOfOrderEnd`, the series has no full chunk that
   * is not in a block.
   */
  setOutOfOrderFull(row: SeriesRow, newest: ChunkId): void {
    this.#at.outOfOrder[row] = newest;
  }

  /**
   * Marks the open out-of-order chunks as full. The list of these chunks must already link to the earlier full chunks.
   */
  closeOutOfOrder(row: SeriesRow): void {
    this.#at.outOfOrder[row] = this.#at.outOfOrderOpen[row]!;
    this.#at.outOfOrderOpen[row] = 0;
  }

  /** Records that the given full out-of-order chunk, and all older full out-of-order chunks, are in a block. */
  endOutOfOrderAt(row: SeriesRow, chunk: ChunkId): void {
    this.#at.outOfOrderEnd[row] = chunk;
  }

  /**
   * Unlinks the out-of-order chunks that are in a block from the row and from newer chunks. The chunks must have no
   * readers.
   */
  unlinkOutOfOrderEnd(row: SeriesRow): void {
    const at = this.#at;
    if (at.outOfOrder[row] === at.outOfOrderEnd[row]) at.outOfOrder[row] = 0;
    at.outOfOrderEnd[row] = 0;
  }

  /**
   * Extends the time range of out-of-order samples. `isFirst` is true if the series has no other out-of-order samples.
   */
  widenOutOfOrder(row: SeriesRow, from: number, to: number, isFirst: boolean): void {
    const at = this.#at;
    at.outOfOrderMin[row] = isFirst ? from : Math.min(at.outOfOrderMin[row]!, from);
    at.outOfOrderMax[row] = isFirst ? to : Math.max(at.outOfOrderMax[row]!, to);
  }

  /**
   * Records that a transaction has appended to the series. `index` is the position of its newest sample in the
   * transaction's buffer; 0 for none.
   */
  setWriter(row: SeriesRow, transaction: number, index: number): void {
    this.#at.writer[row] = transaction;
    this.#at.writerIndex[row] = index;
  }

  /** Returns the position of the row's newest entry in the undo log. For reading threads. */
  undoOf(row: SeriesRow): number {
    return Atomics.load(this.#at.undo, row);
  }

  /**
   * Sets the position of the row's newest entry in the undo log. Uses an atomic exchange, because it is a barrier for
   * earlier and later changes of the row. An atomic store would be a barrier only for earlier changes.
   */
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
    lastValueWords: new Uint32Array(lastValue.buffer, 0, lastValue.length * 2),
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
