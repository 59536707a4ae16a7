import type { ChunkRun } from "@narthex/storage";
import type { Frame } from "../columnar/frame.ts";
import type { ChunkRef, SeriesEntry } from "./series-entry.ts";
import type { BlockMeta } from "./meta.ts";
import type { BlockTombstones } from "./block-tombstones.ts";

/**
 * Location of a chunk's data, bytes[start, end). The location is valid until the next read of the reader that filled
 * it.
 */
export interface ChunkBytes {
  bytes: Uint8Array;
  start: number;
  end: number;
  encoding: number;
  /** CRC-32C of the encoding and the data. Set if a reader of a block has checked it. */
  checksum?: number;
  /** The frame, and the chunk's number in the frame; set if the block is columnar. */
  frame?: Frame;
  place?: number;
}

/** Reads chunks of one block with its own read-ahead buffer. Reading the series in order is fast. */
export interface ChunkReader {
  /** Checks the checksum of a chunk and fills `into` with its location. Throws BlockError. */
  read(ref: ChunkRef, into: ChunkBytes): void;
  /**
   * Reads one or more of the chunks refs[from, to), as long as each directly follows the previous one and fits in one
   * read. Returns the index after the last chunk that was read. Returns `from` if the block is columnar.
   */
  readRun(refs: ArrayLike<ChunkRef>, from: number, to: number, into: ChunkRun): number;
}

/**
 * An open block. It reads its files by positioned reads through a bounded cache, so that several threads can open the
 * same folder. All methods throw BlockError if a file is damaged or cannot be read.
 */
export interface Block {
  readonly dir: string;
  readonly meta: BlockMeta;
  /** Total size of the block's files, bytes. */
  readonly sizeBytes: number;
  readonly tombstones: BlockTombstones;
  /** Whether the samples are in Narthex's columns instead of Prometheus' chunks. */
  readonly isColumnar: boolean;
  /** References of the series with a label, rising. The order of references is the order of the series' labels. */
  postings(name: string, value: string): Uint32Array;
  /** References of all series, rising. */
  allPostings(): Uint32Array;
  /**
   * Calls `visit` with the series of each value of a label that `keep` accepts. Only values that begin with `prefix`
   * are read and passed to `keep`.
   */
  forEachPostings(
    name: string,
    keep: (value: string) => boolean,
    visit: (list: Uint32Array) => void,
    prefix?: string,
  ): void;
  /** Reads the labels of a series, as symbol numbers, and its chunks into `into`. */
  series(ref: number, into: SeriesEntry): void;
  /** The text of a symbol number. */
  symbol(id: number): string;
  /** The text of a symbol as UTF-8. The view is valid until the next call of any method. */
  symbolBytes(id: number): Uint8Array;
  readonly symbolCount: number;
  /** The numbers of all symbols, in the order of their texts. */
  symbolIds(): Uint32Array;
  /** All label names, sorted. */
  labelNames(): readonly string[];
  /** All values of a label, sorted. */
  labelValues(name: string): readonly string[];
  labelValueCount(name: string): number;
  chunkReader(): ChunkReader;
  /** Writes new tombstones, and updates their number in meta.json. Reads in progress keep the old tombstones. */
  replaceTombstones(tombstones: BlockTombstones): Promise<void>;
  /** Keeps the block readable until the returned function is called. */
  retain(): () => void;
  /** Refuses new readers, and closes the files when the last reader has finished. */
  close(): void;
  /**
   * Closes the block as close() does, then renames the folder and removes it with `erase`, the slow part. Resolves when
   * the folder is gone.
   */
  remove(erase?: (path: string) => unknown): Promise<void>;
}
