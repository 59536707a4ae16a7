import type { XorWindows } from "../../chunk/xor-append.ts";
import type { BlockRef } from "./byte-slabs.ts";
import type { ChunkId } from "./chunk-table.ts";
import { grownLength, type SharedBuffers, type SharedColumn } from "./shared-column.ts";

export const MAX_SERIES = 2 ** 25;

/** Row number of a series; reused when the series is gone and no reader can reach it, unlike its reference. 0 is no row. */
export type SeriesRow = number;

const COLUMNS = {
  /** Reference, 0 in a free row. */
  ref: Uint32Array,
  /** Block of pair ids, in label order. */
  labels: Uint32Array,
  labelCount: Uint16Array,
  hash: Uint32Array,
  /** Number of the open chunk's samples that readers may see. */
  openCount: Uint16Array,
  /** Block of the open chunk; 0 when none. */
  openBlock: Uint32Array,
  /** Room of that block in bytes. */
  openSize: Uint32Array,
  /** Bits written of the open chunk. */
  openBits: Uint32Array,
  /** Encoding of the open chunk; without one that of histograms where the newest sample is one. */
  openEncoding: Uint8Array,
  leading: Uint8Array,
  trailing: Uint8Array,
  openMinTime: Float64Array,
  /** Time from which on a sample begins a new chunk. */
  nextAt: Float64Array,
  /** Newest sample; -Infinity before the first. */
  lastTime: Float64Array,
  /** Its value. */
  lastValue: Float64Array,
  lastDelta: Float64Array,
  /** Oldest and newest closed chunk; 0 when none. */
  firstChunk: Uint32Array,
  lastChunk: Uint32Array,
  /** Newest-made full chunk of out-of-order samples, then along `previous` to the oldest-made; 0 when none. */
  outOfOrder: Uint32Array,
  /** Full chunks from this one on belong to a block already. */
  outOfOrderEnd: Uint32Array,
  /** Chunks of the out-of-order samples that do not fill a chunk yet, likewise. */
  outOfOrderOpen: Uint32Array,
  /** Times of all of them; meaningless when there are none. */
  outOfOrderMin: Float64Array,
  outOfOrderMax: Float64Array,
  /** Transaction that appended to the series last, and the place of that sample in its buffer. */
  writer: Uint32Array,
  writerIndex: Uint32Array,
  /** Position of the row's newest entry in the undo log; may be of long ago. */
  undo: Uint32Array,
} as const;

type ColumnName = keyof typeof COLUMNS;
type Columns = { [K in ColumnName]: SharedColumn<(typeof COLUMNS)[K]> };
/** Of the newest value there are the words alone, low and high of each row: a number could lose the bits of a NaN. */
type Views = { -readonly [K in Exclude<ColumnName, "lastValue">]: InstanceType<(typeof COLUMNS)[K]> } & {
  lastWords: Uint32Array;
};

/** The columns as all others see them. */
export type RowColumns = { readonly [K in keyof Views]: ArrayLike<number> };

/** What the encoder of XOR chunks knows of each open one; nothing else depends on it. */
export interface XorColumns extends XorWindows {
  readonly lastDelta: Float64Array;
}

/**
 * The rows of all series: a struct of arrays in shared memory, and all that writes to it, so that what must hold between
 * the columns of a row can be read here. A row with an open chunk has its block, room, encoding, first time and end; a row
 * without one has neither block nor samples in it. `firstChunk` and `lastChunk` are both set or both 0. Within a change,
 * HeadMemory.beforeChange() comes before what is written of a row that snapshots see.
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

  /** A reader's views of what came since. */
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

  /** The row is a new series', without samples. */
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
    // Of a series that had the row before, where its dropped chunks are still being read.
    if (at.outOfOrder[row] !== 0) at.outOfOrder[row] = 0;
    if (at.outOfOrderEnd[row] !== 0) at.outOfOrderEnd[row] = 0;
  }

  /** From here on readers find the row: it must be whole. */
  publish(row: SeriesRow, ref: number): void {
    Atomics.store(this.#at.ref, row, ref);
  }

  /** The series is gone; readers from before still find its labels. */
  withdraw(row: SeriesRow): void {
    this.#at.ref[row] = 0;
  }

  /** Nobody reads the row any more. */
  clearLabels(row: SeriesRow): void {
    this.#at.labelCount[row] = 0;
  }

  /** An empty chunk is open: samples from `time` on go into it, up to `end`. */
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

  /** A float is the newest sample of the open chunk, which has so many bits and samples now. */
  addFloat(row: SeriesRow, bits: number, count: number, time: number, high: number, low: number): void {
    const at = this.#at;
    at.openBits[row] = bits;
    at.openCount[row] = count;
    at.lastTime[row] = time;
    at.lastWords[row * 2] = low;
    at.lastWords[row * 2 + 1] = high;
  }

  /** The same of a histogram, which its encoder keeps. */
  addHistogram(row: SeriesRow, bits: number, count: number, time: number): void {
    const at = this.#at;
    at.openBits[row] = bits;
    at.openCount[row] = count;
    at.lastTime[row] = time;
  }

  /** The first sample from `time` on does not belong into the open chunk any more. */
  endOpenChunkAt(row: SeriesRow, time: number): void {
    this.#at.nextAt[row] = time;
  }

  /** The open chunk's bytes lie in another block. The one before is the caller's to free. */
  moveOpenChunk(row: SeriesRow, block: BlockRef, size: number): void {
    this.#at.openBlock[row] = block;
    this.#at.openSize[row] = size;
  }

  /** The open chunk is to be written anew, into another block. The one before is the caller's to free. */
  rewriteOpenChunk(row: SeriesRow, block: BlockRef, size: number): void {
    this.moveOpenChunk(row, block, size);
    this.#at.openBits[row] = 0;
  }

  /** No chunk is open. */
  clearOpenChunk(row: SeriesRow): void {
    this.#at.openBlock[row] = 0;
    this.#at.openCount[row] = 0;
  }

  /** The newest sample is a histogram, which its encoder keeps, in a closed chunk of this encoding. */
  resumeHistograms(row: SeriesRow, encoding: number): void {
    this.#at.openEncoding[row] = encoding;
  }

  /** No encoder of histograms keeps the newest sample any more. */
  endHistograms(row: SeriesRow): void {
    this.#at.openEncoding[row] = 0;
  }

  /** Closed chunks, from `first` to `last`, come behind those that are there; `previous` and `next` are the chunk table's. */
  appendChunks(row: SeriesRow, first: ChunkId, last: ChunkId): void {
    const at = this.#at;
    if (at.firstChunk[row] === 0) at.firstChunk[row] = first;
    at.lastChunk[row] = last;
  }

  /** The same of chunks that were read at the start: the newest sample, at `time`, is in the last. */
  resumeChunks(row: SeriesRow, first: ChunkId, last: ChunkId, time: number): void {
    this.appendChunks(row, first, last);
    this.#at.lastTime[row] = time;
  }

  /** The value of the newest sample, which lies in a closed chunk. */
  resumeValue(row: SeriesRow, high: number, low: number): void {
    this.#at.lastWords[row * 2] = low;
    this.#at.lastWords[row * 2 + 1] = high;
  }

  /** A closed chunk comes between two others, of which either may be 0: none. */
  insertChunk(row: SeriesRow, chunk: ChunkId, before: ChunkId, after: ChunkId): void {
    if (before === 0) this.#at.firstChunk[row] = chunk;
    if (after === 0) this.#at.lastChunk[row] = chunk;
  }

  /** The oldest closed chunk is gone; `next` follows it, 0 none. */
  dropFirstChunk(row: SeriesRow, next: ChunkId): void {
    this.#at.firstChunk[row] = next;
    if (next === 0) this.#at.lastChunk[row] = 0;
  }

  /** The newest chunk of the out-of-order samples that do not fill one yet; 0 none. */
  setOutOfOrderOpen(row: SeriesRow, newest: ChunkId): void {
    this.#at.outOfOrderOpen[row] = newest;
  }

  /** The newest full chunk of out-of-order samples; as `outOfOrderEnd` none. */
  setOutOfOrderFull(row: SeriesRow, newest: ChunkId): void {
    this.#at.outOfOrder[row] = newest;
  }

  /** The unfilled chunks of out-of-order samples count as full. Before them, along `previous`, come those that did before. */
  closeOutOfOrder(row: SeriesRow): void {
    this.#at.outOfOrder[row] = this.#at.outOfOrderOpen[row]!;
    this.#at.outOfOrderOpen[row] = 0;
  }

  /** Full chunks of out-of-order samples from this one on belong to a block. */
  endOutOfOrderAt(row: SeriesRow, chunk: ChunkId): void {
    this.#at.outOfOrderEnd[row] = chunk;
  }

  /** Nobody reads those chunks any more: they are not linked to from here, or from chunks that came since. */
  unlinkOutOfOrderEnd(row: SeriesRow): void {
    const at = this.#at;
    if (at.outOfOrder[row] === at.outOfOrderEnd[row]) at.outOfOrder[row] = 0;
    at.outOfOrderEnd[row] = 0;
  }

  /** Out-of-order samples of these times come; `isFirst`: there are no others. */
  widenOutOfOrder(row: SeriesRow, from: number, to: number, isFirst: boolean): void {
    const at = this.#at;
    at.outOfOrderMin[row] = isFirst ? from : Math.min(at.outOfOrderMin[row]!, from);
    at.outOfOrderMax[row] = isFirst ? to : Math.max(at.outOfOrderMax[row]!, to);
  }

  /** A transaction has appended to the series: number `index` of its buffer, 0 where that is not its newest sample. */
  setWriter(row: SeriesRow, transaction: number, index: number): void {
    this.#at.writer[row] = transaction;
    this.#at.writerIndex[row] = index;
  }

  /** Position of the row's newest entry in the undo log, for another thread. */
  undoOf(row: SeriesRow): number {
    return Atomics.load(this.#at.undo, row);
  }

  /** An exchange is a barrier to the changes of the row that follow; a store is one only to what went before. */
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
