import type { ChunkRun } from "@narthex/storage";
import type { Frame } from "../columnar/frame.ts";
import type { ChunkRef, SeriesEntry } from "./series-entry.ts";
import type { BlockMeta } from "./meta.ts";
import type { BlockTombstones } from "./block-tombstones.ts";

/** Location of a chunk's data: bytes[start, end), valid until the reader that filled it reads again. */
export interface ChunkBytes {
  bytes: Uint8Array;
  start: number;
  end: number;
  encoding: number;
  /** CRC-32C of the encoding and the data, if a reader of a block has checked it. */
  checksum?: number;
  /** For a chunk in columns: its frame, and its number in the frame. */
  frame?: Frame;
  place?: number;
}

/** Reads chunks of one block with its own read-ahead: fast if the series are read in order. */
export interface ChunkReader {
  /** Fills `into` with a chunk after checking its checksum. Throws BlockError. */
  read(ref: ChunkRef, into: ChunkBytes): void;
  /**
   * Reads refs[from, to) as far as each chunk directly follows the one before and is in the same read; at least one.
   * Returns the index after the last one. Returns `from` if the block has columns instead of encoded chunks.
   */
  readRun(refs: ArrayLike<ChunkRef>, from: number, to: number, into: ChunkRun): number;
}

/**
 * An open block. Reads its files by positioned reads through a bounded cache, so that any thread can open the same
 * folder. All methods throw BlockError if a file is damaged or cannot be read.
 */
export interface Block {
  readonly dir: string;
  readonly meta: BlockMeta;
  /** Bytes of all its files. */
  readonly sizeBytes: number;
  readonly tombstones: BlockTombstones;
  /** Whether its samples are in our columns instead of Prometheus' chunks. */
  readonly isColumnar: boolean;
  /** References of the series with a label, rising. References rise in the order of labels. */
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
  /** Reads a series: its labels as symbol numbers, and its chunks. */
  series(ref: number, into: SeriesEntry): void;
  /** The text of a symbol number. */
  symbol(id: number): string;
  /** A symbol as UTF-8: a view that is valid until the next call of any method. */
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
  /** Writes new tombstones, and their number into meta.json. Readers that are running keep the old ones. */
  replaceTombstones(tombstones: BlockTombstones): Promise<void>;
  /** Keeps the block readable until the returned function is called. */
  retain(): () => void;
  /** Refuses new readers, and closes the files after the last one is done. */
  close(): void;
  /**
   * Does the same as close(), then renames the folder and removes it; `erase` does the slow part. Resolves when it is
   * gone.
   */
  remove(erase?: (path: string) => unknown): Promise<void>;
}
