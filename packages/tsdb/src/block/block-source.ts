import type { ByteMap } from "@narthex/bytes";

/** One encoded chunk, as a place in somebody's memory: good until the owner moves on. */
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
 * The series of a block to be, one after the other, sorted by labels (compareLabels). A cursor: what its fields show
 * belongs to the series, and the chunk, that it stands at. Nothing per series is on the JavaScript heap.
 */
export interface BlockSeriesSource {
  /** Texts of label names and values as UTF-8, numbered; it may grow while the source moves on. */
  readonly symbols: ByteMap;
  /** The texts are numbered in their byte order, and all of them are there from the start. */
  readonly symbolsSorted?: boolean | undefined;
  /** Moves to the next series. A series without chunks is left out of the block. */
  next(): boolean;
  /** Name, value, name, value … as numbers of `symbols`, sorted by name; the first 2 × labelCount entries count. */
  readonly labels: Uint32Array;
  readonly labelCount: number;
  /** Moves to the next chunk of the series: in order of time, not overlapping. */
  nextChunk(): boolean;
  readonly chunk: EncodedChunk;
}
