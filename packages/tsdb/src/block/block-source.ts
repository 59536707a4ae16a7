import type { ByteMap } from "@narthex/bytes";

/** One encoded chunk, as a range of memory. The memory is overwritten when the source moves to the next chunk. */
export interface EncodedChunk {
  /** Times of the first and the last sample, ms. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Prometheus' number of the chunk encoding (see chunk/xor.ts). */
  readonly encoding: number;
  /** The data of the chunk, bytes[start, end), without its length, encoding and checksum. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Cursor over the series from which a block is written, sorted by labels (compareLabels). Its fields describe the
 * current series and the current chunk, so that objects need not be allocated for each series.
 */
export interface BlockSeriesSource {
  /**
   * Label names and values as UTF-8, each with a number (its symbol). More texts may be added while the cursor moves
   * on.
   */
  readonly symbols: ByteMap;
  /** Whether the numbers of `symbols` are in byte order, and all symbols are known from the start. */
  readonly symbolsSorted?: boolean | undefined;
  /** Moves to the next series; returns false at the end. A series without chunks is not written to the block. */
  next(): boolean;
  /**
   * Labels of the current series, sorted by name: names and values in turn, as symbol numbers. The first 2 × labelCount
   * entries are valid.
   */
  readonly labels: Uint32Array;
  readonly labelCount: number;
  /**
   * Moves to the next chunk of the current series; returns false at the end. Chunks are in order of time and do not
   * overlap.
   */
  nextChunk(): boolean;
  readonly chunk: EncodedChunk;
}
