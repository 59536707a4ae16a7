import { type ByteMap, Uint32List } from "@narthex/bytes";
import { SampleColumns } from "@narthex/storage";
import type { Steps } from "@narthex/runtime";
import type { BlockSeriesSource, EncodedChunk } from "../block/block-source.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import type { Files } from "../files.ts";
import { dropTimesOf, readOutOfOrder } from "../head/out-of-order/out-of-order-columns.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import { readInOrder } from "../head/query/read-in-order.ts";
import { type DeletedInterval, dropDeleted } from "../chunk/deleted-interval.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { ChunkBatch } from "./chunk-batch.ts";
import { type HeadSource, type RankedSeries, rankSeries, type Selection } from "./ranked-series.ts";

/**
 * Number of series whose labels or chunks are read from the head in one read. A read must be short enough to fit
 * between two commits.
 */
const PER_READ = 64;

const NONE: readonly DeletedInterval[] = [];

/** Selects the samples of a head that are written to a block. */
export interface HeadRange extends Selection {
  /** Folder of the head's chunk files. */
  readonly chunksDir: string;
}

type Place = { -readonly [K in keyof EncodedChunk]: EncodedChunk[K] };

/**
 * Source of a block with the samples of a head from `minTime` to `maxTime`, both included. Chunks within the range are
 * copied unchanged. Chunks that cross an end of the range or have deleted samples are encoded again. The head's memory
 * must be pinned, and the head must not be truncated while the block is written; appends may continue.
 */
export class HeadBlock implements BlockSeriesSource {
  readonly symbols: ByteMap;
  readonly symbolsSorted = true;
  labels = new Uint32Array(64);
  labelCount = 0;
  readonly chunk: Place = { minTime: 0, maxTime: 0, encoding: 0, bytes: new Uint8Array(0), start: 0, end: 0 };
  readonly #head: HeadSource;
  readonly #outOfOrder: boolean;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #ranked: RankedSeries;
  readonly #gathered: ChunkBatch;
  /** Labels of the series that the last read fetched. `#labelsEnd` has the end of each series' labels. */
  readonly #labelsRead = new Uint32List(PER_READ * 16);
  readonly #labelsEnd = new Uint32Array(PER_READ);
  #at = -1;
  /** Number of the first series whose chunks are in the current batch. */
  #gatheredFrom = 0;
  #nextChunk = 0;
  #endChunk = 0;
  #deleted: readonly DeletedInterval[] = NONE;
  readonly #encoder = new ChunkEncoder();
  #encoded = 0;
  readonly #columns = new SampleColumns();

  private constructor(head: HeadSource, files: Files, range: HeadRange, ranked: RankedSeries) {
    this.#head = head;
    this.#outOfOrder = range.outOfOrder === true;
    this.#minTime = range.minTime;
    this.#maxTime = range.maxTime;
    this.#gathered = new ChunkBatch(range.chunksDir, files);
    this.#ranked = ranked;
    this.symbols = ranked.symbols;
  }

  /** Sorts the head's series by labels, and creates the source of the block. */
  static *open(head: HeadSource, files: Files, range: HeadRange): Steps<HeadBlock> {
    return new HeadBlock(head, files, range, yield* rankSeries(head, range));
  }

  get seriesCount(): number {
    return this.#ranked.rows.length;
  }

  next(): boolean {
    const { rows } = this.#ranked;
    const i = ++this.#at;
    if (i >= rows.length) return false;
    this.#showLabels(i);
    const gathered = this.#gathered;
    if (i >= this.#gatheredFrom + gathered.series) this.#gather(i);
    const place = i - this.#gatheredFrom;
    this.#nextChunk = place === 0 ? 0 : gathered.seriesEnd[place - 1]!;
    this.#endChunk = gathered.seriesEnd[place]!;
    this.#deleted = gathered.deleted.size === 0 ? NONE : (gathered.deleted.get(place) ?? NONE);
    this.#encoder.reset();
    this.#encoded = 0;
    return true;
  }

  #showLabels(i: number): void {
    const { pairs } = this.#ranked;
    const place = i % PER_READ;
    if (place === 0) this.#readLabels(i);
    const from = place === 0 ? 0 : this.#labelsEnd[place - 1]!;
    this.labelCount = this.#labelsEnd[place]! - from;
    if (this.labels.length < this.labelCount * 2) this.labels = new Uint32Array(this.labelCount * 4);
    for (let k = 0; k < this.labelCount; k++) {
      const pair = this.#labelsRead.values[from + k]!;
      this.labels[k * 2] = pairs[pair * 2]!;
      this.labels[k * 2 + 1] = pairs[pair * 2 + 1]!;
    }
  }

  /**
   * Reads the labels of up to PER_READ series, beginning with series number `from`. The labels are numbers of the
   * head's label pairs.
   */
  #readLabels(from: number): void {
    const { rows } = this.#ranked;
    const labels = this.#labelsRead;
    const to = Math.min(from + PER_READ, rows.length);
    this.#head.readOptimistically(() => {
      const { series } = this.#head.memory;
      labels.length = 0;
      for (let i = from; i < to; i++) {
        const row = rows[i]!;
        for (let k = 0; k < series.at.labelCount[row]!; k++) labels.push(series.pairAt(row, k));
        this.#labelsEnd[i - from] = labels.length;
      }
    });
  }

  nextChunk(): boolean {
    for (;;) {
      if (this.#encoded < this.#encoder.count) {
        this.#showEncoded(this.#encoded++);
        return true;
      }
      if (this.#nextChunk === this.#endChunk) return false;
      const i = this.#nextChunk++;
      if (this.#isWhole(i)) {
        this.#show(i);
        return true;
      }
      this.#encodeRest(i);
    }
  }

  /** Adds the chunks of the series from number `from` on to the batch, until it is full. */
  #gather(from: number): void {
    const { rows } = this.#ranked;
    const gathered = this.#gathered;
    gathered.reset();
    this.#gatheredFrom = from;
    for (let i = from; i < rows.length && !gathered.isFull; i += PER_READ) {
      const before = gathered.mark();
      const end = Math.min(rows.length, i + PER_READ);
      this.#head.readOptimistically(() => {
        gathered.backTo(before);
        for (let k = i; k < end; k++) this.#note(rows[k]!);
      });
    }
    gathered.load(this.#head.memory.chunks);
  }

  #note(row: SeriesRow): void {
    const { series, tombstones } = this.#head.memory;
    if (this.#outOfOrder) this.#noteOutOfOrder(row);
    else {
      this.#noteClosed(row);
      this.#noteOpen(row);
    }
    this.#gathered.endSeries(tombstones.size === 0 ? undefined : tombstones.intervalsOf(series.at.ref[row]!));
  }

  /**
   * Adds the out-of-order samples of a series to the batch. Their chunks can overlap, so they are merged and encoded
   * again. If an in-order sample has the same timestamp, the out-of-order sample is dropped, because the in-order
   * sample arrived first. That in-order sample may be written to a later block.
   */
  #noteOutOfOrder(row: SeriesRow): void {
    const { chunks, series } = this.#head.memory;
    const { at } = series;
    const columns = new SampleColumns();
    const sealed = { open: 0, full: at.outOfOrder[row]!, end: at.outOfOrderEnd[row]! };
    readOutOfOrder(chunks, sealed, this.#minTime, this.#maxTime, columns);
    if (columns.count > 0) {
      const inOrder = new SampleColumns();
      readInOrder(this.#head.memory, row, this.#minTime, this.#maxTime, inOrder);
      dropTimesOf(inOrder, columns);
    }
    const encoder = new ChunkEncoder();
    encoder.encode(columns);
    const { bytes, start, end, encoding, minTime, maxTime } = encoder;
    for (let i = 0; i < encoder.count; i++) {
      this.#gathered.copy(bytes, start[i]!, end[i]! - start[i]!, encoding[i]!, minTime[i]!, maxTime[i]!);
    }
  }

  #noteClosed(row: SeriesRow): void {
    const { chunks, series } = this.#head.memory;
    for (let id = series.at.firstChunk[row]!; id !== 0; id = chunks.next[id]!) {
      if (chunks.minTime[id]! > this.#maxTime) break;
      if (chunks.maxTime[id]! >= this.#minTime) this.#gathered.note(id, chunks);
    }
  }

  /** Copies the open chunk of a series, because appends to it continue while the block is written. */
  #noteOpen(row: SeriesRow): void {
    const { series, slabs } = this.#head.memory;
    const { at } = series;
    const block = at.openBlock[row]!;
    if (block === 0 || at.openCount[row] === 0) return;
    const minTime = at.openMinTime[row]!;
    const maxTime = at.lastTime[row]!;
    if (minTime > this.#maxTime || maxTime < this.#minTime) return;
    const size = (at.openBits[row]! + 7) >>> 3;
    const start = (block & 0xffff) * 8;
    this.#gathered.copy(slabs.bytes[block >>> 16]!, start, size, at.openEncoding[row]!, minTime, maxTime);
  }

  #isWhole(i: number): boolean {
    const minTime = this.#gathered.minTime[i]!;
    const maxTime = this.#gathered.maxTime[i]!;
    if (minTime < this.#minTime || maxTime > this.#maxTime) return false;
    return !this.#deleted.some((interval) => interval.minTime <= maxTime && interval.maxTime >= minTime);
  }

  #show(i: number): void {
    const { chunk } = this;
    const { bytes, start, size, minTime, maxTime, encoding } = this.#gathered;
    chunk.minTime = minTime[i]!;
    chunk.maxTime = maxTime[i]!;
    chunk.encoding = encoding[i]!;
    chunk.bytes = bytes;
    chunk.start = start[i]!;
    chunk.end = start[i]! + size[i]!;
  }

  #showEncoded(i: number): void {
    const { chunk } = this;
    const { bytes, minTime, maxTime, encoding, start, end } = this.#encoder;
    chunk.minTime = minTime[i]!;
    chunk.maxTime = maxTime[i]!;
    chunk.encoding = encoding[i]!;
    chunk.bytes = bytes;
    chunk.start = start[i]!;
    chunk.end = end[i]!;
  }

  #encodeRest(i: number): void {
    const columns = this.#columns;
    columns.reset();
    const { bytes, start: starts, size, encoding } = this.#gathered;
    const start = starts[i]!;
    const chunk = { bytes, start, end: start + size[i]!, encoding: encoding[i]! };
    decodeChunk(chunk, this.#minTime, this.#maxTime, columns);
    if (this.#deleted.length > 0) dropDeleted(columns, this.#deleted);
    this.#encoder.reset();
    this.#encoded = 0;
    this.#encoder.encode(columns);
  }
}
