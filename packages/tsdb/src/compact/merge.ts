import type { ByteMap } from "@narthex/bytes";
import { SampleColumns } from "@narthex/storage";
import type { Steps } from "@narthex/runtime";
import type { BlockSeriesSource, EncodedChunk } from "../block/block-source.ts";
import type { DeletedInterval } from "../block/block-tombstones.ts";
import type { Block, ChunkBytes } from "../block/block.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { ENCODING_COLUMNS } from "../columnar/frame.ts";
import { dropDeleted } from "../chunk/deleted-interval.ts";
import { BlockCursor } from "./block-cursor.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { mergeColumns } from "./merge-columns.ts";
import { type MergedSymbols, mergeSymbols } from "./merged-symbols.ts";

/** A chunk of one of the merged blocks. Its samples have not been read yet. */
interface Piece {
  readonly cursor: BlockCursor;
  readonly index: number;
  readonly minTime: number;
  readonly maxTime: number;
}

interface Place extends EncodedChunk {
  minTime: number;
  maxTime: number;
  encoding: number;
  bytes: Uint8Array;
  start: number;
  end: number;
}

const EMPTY = new Uint8Array(0);

/**
 * Merges the series of several blocks into the source of a new block. Chunks that do not overlap are copied unchanged.
 * Equal chunks are copied once. Other overlapping chunks, and chunks with deleted samples, are decoded and encoded
 * again. If two blocks have a sample with the same time, the first block's sample is used. The memory contains the
 * symbols, and the overlapping chunks of one series.
 */
export class MergedBlocks implements BlockSeriesSource {
  readonly symbols: ByteMap;
  readonly symbolsSorted = true;
  labels = new Uint32Array(64);
  labelCount = 0;
  readonly chunk: Place = { minTime: 0, maxTime: 0, encoding: 0, bytes: EMPTY, start: 0, end: 0 };
  /** Cursors of the blocks that still have series to merge, in the order of the blocks. */
  #standing: BlockCursor[];
  /** Cursors of the blocks that contain the current series. The next call of next() advances these cursors. */
  #current: BlockCursor[] = [];
  #pieces: Piece[] = [];
  #nextPiece = 0;
  /** Encoder of merged chunks. `#encoded` counts the chunks that nextChunk() has returned. */
  readonly #encoder = new ChunkEncoder();
  #encoded = 0;
  readonly #columns: SampleColumns[] = [];
  readonly #merged = new SampleColumns();

  private constructor(blocks: readonly Block[], { symbols, numbers }: MergedSymbols) {
    this.symbols = symbols;
    this.#current = blocks.map((block, i) => new BlockCursor(block, numbers[i]!));
    this.#standing = [...this.#current];
  }

  /** Merges the symbols of the blocks, and creates the source. */
  static *open(blocks: readonly Block[]): Steps<MergedBlocks> {
    return new MergedBlocks(blocks, yield* mergeSymbols(blocks));
  }

  next(): boolean {
    for (const cursor of this.#current) {
      if (!cursor.next()) this.#standing = this.#standing.filter((other) => other !== cursor);
    }
    this.#current = [];
    for (const cursor of this.#standing) {
      const order = this.#current.length === 0 ? -1 : cursor.compare(this.#current[0]!);
      if (order < 0) this.#current = [cursor];
      else if (order === 0) this.#current.push(cursor);
    }
    const [first] = this.#current;
    if (first === undefined) return false;
    this.labels = first.labels;
    this.labelCount = first.entry.labelCount;
    this.#gather();
    return true;
  }

  nextChunk(): boolean {
    for (;;) {
      if (this.#encoded < this.#encoder.count) {
        this.#showEncoded(this.#encoded++);
        return true;
      }
      const run = this.#nextRun();
      if (run.length === 0) return false;
      const [only] = run;
      if (run.length === 1 && only !== undefined && !isTouched(only) && this.#show(only)) return true;
      if (this.#areEqual(run)) {
        this.#show(only!);
        return true;
      }
      this.#encodeRun(run);
    }
  }

  /**
   * Collects the chunks of the current series from all blocks, oldest first. Chunks that are deleted completely are
   * left out.
   */
  #gather(): void {
    this.#pieces = [];
    this.#nextPiece = 0;
    this.#encoder.reset();
    this.#encoded = 0;
    for (const cursor of this.#current) {
      const { chunkCount, chunkMinTime, chunkMaxTime } = cursor.entry;
      for (let index = 0; index < chunkCount; index++) {
        const piece = { cursor, index, minTime: chunkMinTime[index]!, maxTime: chunkMaxTime[index]! };
        if (!cursor.deleted.some((interval) => covers(interval, piece))) this.#pieces.push(piece);
      }
    }
    this.#pieces.sort((a, b) => a.minTime - b.minTime);
  }

  /** Returns the next group of chunks that overlap each other. The group is usually a single chunk. */
  #nextRun(): readonly Piece[] {
    const from = this.#nextPiece;
    let maxTime = -Infinity;
    for (; this.#nextPiece < this.#pieces.length; this.#nextPiece++) {
      const piece = this.#pieces[this.#nextPiece]!;
      if (this.#nextPiece > from && piece.minTime > maxTime) break;
      maxTime = Math.max(maxTime, piece.maxTime);
    }
    return this.#pieces.slice(from, this.#nextPiece);
  }

  #read({ cursor, index }: Piece): ChunkBytes {
    const into: ChunkBytes = { bytes: EMPTY, start: 0, end: 0, encoding: 0 };
    cursor.chunks.read(cursor.entry.chunkRef[index]!, into);
    return into;
  }

  /**
   * Sets the fields of the current chunk to this chunk, unchanged. Returns false if the chunk is columnar and must be
   * encoded.
   */
  #show(piece: Piece): boolean {
    const { bytes, start, end, encoding } = this.#read(piece);
    if (encoding === ENCODING_COLUMNS) return false;
    Object.assign(this.chunk, { minTime: piece.minTime, maxTime: piece.maxTime, encoding, bytes, start, end });
    return true;
  }

  #showEncoded(i: number): void {
    const { bytes, minTime, maxTime, encoding, start, end } = this.#encoder;
    Object.assign(this.chunk, {
      minTime: minTime[i]!,
      maxTime: maxTime[i]!,
      encoding: encoding[i]!,
      bytes,
      start: start[i]!,
      end: end[i]!,
    });
  }

  /**
   * Returns whether all chunks of a group have equal bytes. This is the case, for example, after a snapshot or a
   * backfill.
   */
  #areEqual(run: readonly Piece[]): boolean {
    const [first, ...others] = run;
    if (first === undefined || others.length === 0 || run.some(isTouched)) return false;
    if (others.some(({ minTime, maxTime }) => minTime !== first.minTime || maxTime !== first.maxTime)) return false;
    // The comparison needs one cursor per chunk, because a block's cursor reads only one chunk at a time. Two chunks of
    // the same block therefore count as different, and are decoded and merged.
    if (new Set(run.map(({ cursor }) => cursor)).size < run.length) return false;
    const one = this.#read(first);
    if (one.encoding === ENCODING_COLUMNS) return false;
    return others.every((piece) => {
      const other = this.#read(piece);
      return (
        other.encoding === one.encoding &&
        Buffer.compare(one.bytes.subarray(one.start, one.end), other.bytes.subarray(other.start, other.end)) === 0
      );
    });
  }

  #encodeRun(run: readonly Piece[]): void {
    this.#encoder.reset();
    this.#encoded = 0;
    const parts: SampleColumns[] = [];
    for (const cursor of this.#current) {
      let maxTime = Infinity;
      const from = parts.length;
      for (const piece of run) {
        if (piece.cursor !== cursor) continue;
        // Puts all chunks of a block into one part. In an invalid block, a chunk may overlap the previous chunk. Such a
        // chunk begins another part.
        if (piece.minTime <= maxTime) parts.push(this.#emptyColumns(parts.length));
        decodeChunk(this.#read(piece), -Infinity, Infinity, parts.at(-1)!);
        maxTime = piece.maxTime;
      }
      if (cursor.deleted.length > 0) for (const part of parts.slice(from)) dropDeleted(part, cursor.deleted);
    }
    this.#encoder.encode(parts.length === 1 ? parts[0]! : mergeColumns(parts, this.#merged));
  }

  #emptyColumns(index: number): SampleColumns {
    const columns = (this.#columns[index] ??= new SampleColumns());
    columns.reset();
    return columns;
  }
}

const covers = (interval: DeletedInterval, { minTime, maxTime }: Piece): boolean =>
  interval.minTime <= minTime && interval.maxTime >= maxTime;

/** Returns whether some of the chunk's samples are deleted. */
const isTouched = ({ cursor, minTime, maxTime }: Piece): boolean =>
  cursor.deleted.some((interval) => interval.minTime <= maxTime && interval.maxTime >= minTime);
