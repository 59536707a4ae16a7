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
  /** CRC-32C of the encoding and the data. Set only if the chunk reader has checked it. */
  checksum?: number;
  /**
   * The decompressed frame (group of chunks) that contains the chunk; `place` is the chunk's number in the frame. Set
   * only for columnar blocks.
   */
  frame?: Frame;
  place?: number;
}

/** Reads the chunks of one block through a read-ahead buffer of its own. Reading in the order of the series is fast. */
export interface ChunkReader {
  /** Reads one chunk, checks its checksum, and fills `into` with its location. Throws BlockError. */
  read(ref: ChunkRef, into: ChunkBytes): void;
  /**
   * Reads several chunks at once from the list refs[from, to). Stops at a chunk that does not directly follow the
   * previous chunk, or that does not fit into the read. Returns the index after the last chunk that was read. Returns
   * `from` if the block is columnar.
   */
  readRun(refs: ArrayLike<ChunkRef>, from: number, to: number, into: ChunkRun): number;
}

/**
 * An open, readable block. Parts of its files are read through a bounded cache, so several threads can open the same
 * folder. All methods throw BlockError if a file is damaged or cannot be read.
 */
export interface Block {
  readonly dir: string;
  readonly meta: BlockMeta;
  /** Total size of the block's files, bytes. */
  readonly sizeBytes: number;
  readonly tombstones: BlockTombstones;
  /** Whether the samples are stored in our columnar format instead of Prometheus' chunks. */
  readonly isColumnar: boolean;
  /**
   * Returns the references of the series with a label, ascending. The order of references is the order of the series'
   * labels.
   */
  postings(name: string, value: string): Uint32Array;
  /** Number of series that postings() returns. Does not read the list. */
  postingsCount(name: string, value: string): number;
  /** References of all series, ascending. */
  allPostings(): Uint32Array;
  /**
   * Calls `visit` with the series of each value of a label, if `keep` accepts the value. Only values that begin with
   * `prefix` are read and passed to `keep`.
   */
  forEachPostings(
    name: string,
    keep: (value: string) => boolean,
    visit: (list: Uint32Array) => void,
    prefix?: string,
  ): void;
  /** Reads a series into `into`: its labels as symbol numbers, and the times and references of its chunks. */
  series(ref: number, into: SeriesEntry): void;
  /** Reads the labels of a series as series() does, but not its chunks. */
  seriesLabels(ref: number, into: SeriesEntry): void;
  /** Returns the text (label name or value) that has this symbol number. */
  symbol(id: number): string;
  /** Returns the text of a symbol number as UTF-8. The view is valid until the next call of any method. */
  symbolBytes(id: number): Uint8Array;
  readonly symbolCount: number;
  /** The numbers of all symbols, in the order of their texts. */
  symbolIds(): Uint32Array;
  labelNames(): readonly string[];
  readonly labelNameCount: number;
  /** All values of a label, sorted. */
  labelValues(name: string): readonly string[];
  labelValueCount(name: string): number;
  chunkReader(): ChunkReader;
  /**
   * Replaces the block's tombstones on the disk, and their number in meta.json. Reads in progress use the old
   * tombstones.
   */
  replaceTombstones(tombstones: BlockTombstones): Promise<void>;
  /** Keeps the block readable until the returned function is called. */
  retain(): () => void;
  /** Refuses new readers. Closes the files when the last reader has finished. */
  close(): void;
  /**
   * Closes the block as close() does, renames its folder, and removes the folder with `erase`. Resolves when the folder
   * is gone.
   */
  remove(erase?: (path: string) => unknown): Promise<void>;
}
