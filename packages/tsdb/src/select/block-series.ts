import {
  ChunkRun,
  type DecodedBytes,
  type EncodedChunks,
  SampleAggregates,
  SampleColumns,
  type SampleSpans,
} from "@narthex/storage";
import type { ChunkBytes, ChunkReader } from "../block/block.ts";
import type { ChunkRef } from "../block/series-entry.ts";
import { BlockError } from "../block/block-error.ts";
import { CHUNKS_FOLDER } from "../block/chunk-segments.ts";
import { COLUMNS_FOLDER, frameOfRef } from "../block/column-segments.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { type DeletedInterval, dropDeleted } from "../chunk/deleted-interval.ts";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { ENCODING_COLUMNS } from "../columnar/frame.ts";
import { dropDeletedRows } from "../downsample/deleted-rows.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import type { BlockSelection } from "./block-selection.ts";
import { appendColumns } from "./merge-runs.ts";
import { UNREAD } from "./selection-chunks.ts";
import type { DecodedChunks } from "./decoded-chunks.ts";

/** Encodings of chunks that contain floats without start timestamps. */
const FLOAT_ENCODINGS: ReadonlySet<number> = new Set([ENCODING_XOR, ENCODING_COLUMNS]);

/** Reads the samples of a block's selected series. The block must stay open. */
export class BlockSeries {
  readonly #selection: BlockSelection;
  readonly #reader: ChunkReader;
  readonly #decoded: DecodedChunks;
  readonly #bytes: DecodedBytes;
  /** Number by which the cache of decoded chunks identifies the block. */
  readonly #number: number;
  /** Samples of decoded chunks that are not in the cache. The samples must be kept as long as spans refer to them. */
  readonly #lent = new SampleColumns(0);
  #encoder: ChunkEncoder | undefined;
  #run: ChunkRun | undefined;
  readonly #chunk: ChunkBytes = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0, checksum: 0 };

  /** @param bytes counts the decoded bytes, except chunks that are in `decoded` */
  constructor(selection: BlockSelection, decoded: DecodedChunks, bytes: DecodedBytes) {
    this.#bytes = bytes;
    this.#selection = selection;
    this.#reader = selection.block.chunkReader();
    this.#decoded = decoded;
    this.#number = decoded.numberOf(selection.block);
  }

  /** Appends the samples with from ≤ t ≤ to of the series number `index` to `into`. Throws BlockError. */
  append(index: number, from: number, to: number, into: SampleColumns): void {
    const { block, chunks, deleted } = this.#selection;
    if (deleted?.[index] !== undefined && block.meta.downsampled !== undefined) {
      this.#appendLeft(index, from, to, deleted[index], into);
      return;
    }
    const first = into.count;
    const end = chunks.end(index);
    for (let i = chunks.start(index); i < end; i++) {
      if (chunks.maxTime[i]! < from) continue;
      if (chunks.minTime[i]! > to) break;
      const slot = this.#slotOf(i);
      if (slot >= 0) this.#decoded.read(slot, from, to, into);
      else if (chunks.minTime[i]! >= from && chunks.maxTime[i]! <= to) this.#appendWhole(i, into);
      else this.#appendPart(i, from, to, into);
    }
    const intervals = deleted?.[index];
    if (intervals !== undefined) dropDeleted(into, intervals, first);
  }

  /**
   * Appends samples as append() does, from a downsampled block with deletions. Leaves out rows of aggregates that
   * include a deleted sample.
   */
  #appendLeft(index: number, from: number, to: number, deleted: readonly DeletedInterval[], into: SampleColumns): void {
    const { chunks } = this.#selection;
    const rows = new SampleAggregates();
    for (let i = chunks.start(index); i < chunks.end(index); i++) {
      if (chunks.maxTime[i]! < from || chunks.minTime[i]! > to) continue;
      rows.reset();
      if (this.#readRows(chunks.ref[i]!, from, to, rows)) {
        dropDeletedRows(rows, deleted, 0);
        appendColumns(rows.lastSamples(), into);
      } else {
        const first = into.count;
        this.#decode(chunks.ref[i]!, from, to, into);
        dropDeleted(into, deleted, first);
      }
    }
  }

  /**
   * Adds the samples of series `index` as spans, without copying. Returns false if some samples cannot be represented
   * as spans. Throws BlockError.
   */
  addSpans(index: number, from: number, to: number, into: SampleSpans): boolean {
    const { chunks, deleted } = this.#selection;
    if (deleted?.[index] !== undefined) return false;
    this.#lent.reset();
    const end = chunks.end(index);
    for (let i = chunks.start(index); i < end; i++) {
      if (chunks.maxTime[i]! < from) continue;
      if (chunks.minTime[i]! > to) break;
      let slot = this.#slotOf(i);
      const before = this.#lent.count;
      if (slot < 0) slot = this.#appendWhole(i, this.#lent);
      const isAdded =
        slot >= 0
          ? this.#decoded.addSpans(slot, from, to, into)
          : FLOAT_ENCODINGS.has(this.#chunk.encoding) && into.addColumns(this.#lent, before, from, to);
      if (!isAdded) return false;
    }
    return true;
  }

  /**
   * Adds the rows of aggregates of series `index` of a downsampled block that end within the range. Returns false if
   * the series has native histograms. Throws BlockError.
   */
  appendAggregates(index: number, from: number, to: number, into: SampleAggregates): boolean {
    const { chunks, deleted } = this.#selection;
    const first = into.rows;
    const end = chunks.end(index);
    for (let i = chunks.start(index); i < end; i++) {
      if (chunks.maxTime[i]! < from) continue;
      if (chunks.minTime[i]! > to) break;
      if (!this.#readRows(chunks.ref[i]!, from, to, into)) return false;
    }
    const intervals = deleted?.[index];
    if (intervals !== undefined) dropDeletedRows(into, intervals, first);
    return true;
  }

  /** Adds the rows of a chunk of aggregates. Returns false if the chunk is in Prometheus' encoding. */
  #readRows(ref: ChunkRef, from: number, to: number, into: SampleAggregates): boolean {
    this.#reader.read(ref, this.#chunk);
    if (this.#chunk.encoding !== ENCODING_COLUMNS) return false;
    this.#bytes.count += this.#chunk.end - this.#chunk.start;
    try {
      this.#chunk.frame!.readAggregates(this.#chunk.place!, from, to, into);
    } catch (cause) {
      throw this.#damage(ref, cause);
    }
    return true;
  }

  /**
   * Adds the samples of series `index` as encoded chunks. Chunks within the range are unchanged; parts of other chunks
   * are encoded again. Throws BlockError.
   */
  addChunks(index: number, from: number, to: number, into: EncodedChunks): void {
    const { chunks, deleted } = this.#selection;
    const intervals = deleted?.[index];
    const end = chunks.end(index);
    const isWhole = (i: number): boolean => {
      const [minTime, maxTime] = [chunks.minTime[i]!, chunks.maxTime[i]!];
      if (minTime < from || maxTime > to) return false;
      return intervals?.some((interval) => interval.minTime <= maxTime && interval.maxTime >= minTime) !== true;
    };
    for (let i = chunks.start(index); i < end;) {
      if (chunks.minTime[i]! > to) break;
      let stop = i;
      while (stop < end && isWhole(stop)) stop++;
      if (stop > i) i = this.#addRun(i, stop, into);
      else {
        if (chunks.maxTime[i]! >= from) this.#addPart(chunks.ref[i]!, from, to, intervals, into);
        i++;
      }
    }
  }

  /**
   * Adds as many of the chunks [from, to) as one read fetches, without changing them. Returns the number of the chunk
   * after the last added chunk.
   */
  #addRun(from: number, to: number, into: EncodedChunks): number {
    const { chunks } = this.#selection;
    const run = (this.#run ??= new ChunkRun());
    for (let i = from; i < to;) {
      const next = this.#reader.readRun(chunks.ref, i, to, run);
      if (next === i) {
        this.#addPart(chunks.ref[i++]!, -Infinity, Infinity, undefined, into);
        continue;
      }
      into.addRun(run, chunks.minTime, chunks.maxTime, i);
      i = next;
    }
    return to;
  }

  /** Adds the part of a chunk that is within the range, encoded again. */
  #addPart(
    ref: ChunkRef,
    from: number,
    to: number,
    intervals: readonly DeletedInterval[] | undefined,
    into: EncodedChunks,
  ): void {
    this.#lent.reset();
    this.#decode(ref, from, to, this.#lent);
    if (intervals !== undefined) dropDeleted(this.#lent, intervals);
    // A part of an encoded chunk always fits into one chunk, so its encoder has no sample limit. The samples of a
    // columnar chunk may need several chunks of 120 samples.
    const encoder = (this.#encoder ??= new ChunkEncoder(this.#selection.block.isColumnar ? undefined : Infinity));
    encoder.reset();
    encoder.encode(this.#lent);
    into.addAll(encoder);
  }

  #slotOf(chunk: number): number {
    const { hints, ref } = this.#selection.chunks;
    const slot = this.#decoded.find(this.#number, ref[chunk]!, hints[chunk]!);
    if (slot >= 0) hints[chunk] = slot;
    return slot;
  }

  /**
   * Adds the samples of a chunk with from ≤ t ≤ to. From the second read on, the chunk is decoded completely and
   * cached, because queries at a single time often read the same chunk again. Columnar chunks are always decoded
   * completely.
   */
  #appendPart(chunk: number, from: number, to: number, into: SampleColumns): void {
    const { hints, ref } = this.#selection.chunks;
    const before = into.count;
    const isFirst = hints[chunk] === UNREAD;
    hints[chunk] = -1;
    this.#read(ref[chunk]!);
    const { encoding } = this.#chunk;
    if (encoding !== ENCODING_COLUMNS && (isFirst || !FLOAT_ENCODINGS.has(encoding))) {
      this.#decodeRead(ref[chunk]!, from, to, into);
      return;
    }
    this.#decodeRead(ref[chunk]!, -Infinity, Infinity, into);
    if (!isFirst) hints[chunk] = this.#decoded.keep(this.#number, ref[chunk]!, into, before);
    keepWithin(into, before, from, to);
  }

  /**
   * Adds all samples of a chunk to `into`. Returns the cache slot that now contains the chunk; -1 if the chunk is not
   * cached.
   */
  #appendWhole(chunk: number, into: SampleColumns): number {
    const { hints, ref } = this.#selection.chunks;
    const before = into.count;
    const isFirst = hints[chunk] === UNREAD;
    hints[chunk] = -1;
    this.#decode(ref[chunk]!, -Infinity, Infinity, into);
    // Caches a chunk only at its second read, because caching takes nearly as much time as decoding.
    if (isFirst || !FLOAT_ENCODINGS.has(this.#chunk.encoding)) return -1;
    const slot = this.#decoded.keep(this.#number, ref[chunk]!, into, before);
    hints[chunk] = slot;
    return slot;
  }

  #decode(ref: number, from: number, to: number, into: SampleColumns): void {
    this.#read(ref);
    this.#decodeRead(ref, from, to, into);
  }

  #read(ref: number): void {
    this.#reader.read(ref, this.#chunk);
    this.#bytes.count += this.#chunk.end - this.#chunk.start;
  }

  /** Adds the samples of the chunk that #read() has found. */
  #decodeRead(ref: number, from: number, to: number, into: SampleColumns): void {
    try {
      decodeChunk(this.#chunk, from, to, into);
    } catch (cause) {
      throw this.#damage(ref, cause);
    }
  }

  #damage(ref: number, cause: unknown): BlockError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const { dir, isColumnar } = this.#selection.block;
    const file = `${dir}/${isColumnar ? COLUMNS_FOLDER : CHUNKS_FOLDER}`;
    const offset = isColumnar ? frameOfRef(ref).offset : ref % 2 ** 32;
    return new BlockError(file, offset, `a chunk cannot be decoded: ${reason}`, cause);
  }
}

/** Removes samples that are not in from ≤ t ≤ to from the float columns, from index `first` on. */
function keepWithin(columns: SampleColumns, first: number, from: number, to: number): void {
  const { timestamps, valueWords, count } = columns;
  let start = first;
  let end = count;
  while (start < end && timestamps[start]! < from) start++;
  while (end > start && timestamps[end - 1]! > to) end--;
  if (start > first) {
    timestamps.copyWithin(first, start, end);
    valueWords.copyWithin(first * 2, start * 2, end * 2);
  }
  columns.truncate(first + end - start);
}
