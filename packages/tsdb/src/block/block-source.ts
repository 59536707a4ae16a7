import type { ByteMap } from "@narthex/bytes";

/** One encoded chunk, as a range of memory that the owner reuses when it moves on. */
export interface EncodedChunk {
  /** First and last sample, ms. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Prometheus' number of the encoding (chunk/xor.ts). */
  readonly encoding: number;
  /** The chunk without length, encoding and checksum: bytes[start, end). */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Cursor over the series of a new block, sorted by labels (compareLabels). Its fields show the current series and the
 * current chunk. Nothing per series is on the JavaScript heap.
 */
export interface BlockSeriesSource {
  /** Texts of label names and values as UTF-8, numbered. More may be added while the source moves on. */
  readonly symbols: ByteMap;
  /** Whether the texts are numbered in byte order and complete from the start. */
  readonly symbolsSorted?: boolean | undefined;
  /** Moves to the next series. A series without chunks is left out of the block. */
  next(): boolean;
  /** Name, value, name, value … as numbers of `symbols`, sorted by name; the first 2 × labelCount entries are valid. */
  readonly labels: Uint32Array;
  readonly labelCount: number;
  /** Moves to the next chunk of the series. Chunks are in order of time and do not overlap. */
  nextChunk(): boolean;
  readonly chunk: EncodedChunk;
}
