import type { ByteMap } from "@narthex/bytes";

/** One encoded chunk, as a range of memory. The source reuses the memory when it moves to the next chunk. */
export interface EncodedChunk {
  /** Times of the first and the last sample, ms. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Prometheus' number of the encoding (chunk/xor.ts). */
  readonly encoding: number;
  /** The data of the chunk, bytes[start, end), without its length, encoding and checksum. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Cursor over the series of a new block, sorted by labels (compareLabels). Its fields describe the current series and
 * the current chunk, so that no objects per series are on the JavaScript heap.
 */
export interface BlockSeriesSource {
  /** Texts of label names and values as UTF-8, numbered. More may be added while the source moves on. */
  readonly symbols: ByteMap;
  /** Whether `symbols` is numbered in byte order and complete from the start. */
  readonly symbolsSorted?: boolean | undefined;
  /** Moves to the next series; false at the end. A series without chunks does not get into the block. */
  next(): boolean;
  /** Names and values in turn, as numbers of `symbols`, sorted by name. The first 2 × labelCount entries are valid. */
  readonly labels: Uint32Array;
  readonly labelCount: number;
  /** Moves to the next chunk of the series; false at the end. Chunks are in order of time and do not overlap. */
  nextChunk(): boolean;
  readonly chunk: EncodedChunk;
}
