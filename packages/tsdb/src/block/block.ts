import type { ChunkRun } from "@narthex/storage";
import type { Frame } from "../columnar/frame.ts";
import type { ChunkRef, SeriesEntry } from "./series-entry.ts";
import type { BlockMeta } from "./meta.ts";
import type { BlockTombstones } from "./block-tombstones.ts";

/** Where a chunk's data lies: bytes[start, end), good until the reader that filled it reads again. */
export interface ChunkBytes {
  bytes: Uint8Array;
  start: number;
  end: number;
  encoding: number;
  /** CRC-32C of the encoding and the data, where a reader of a block has checked it. */
  checksum?: number;
  /** Of a chunk that lies in columns: their frame, and its number there. */
  frame?: Frame;
  place?: number;
}

/** Reads chunks of one block, with a read-ahead of its own: series in order are read fast. */
export interface ChunkReader {
  /** Fills `into` with a chunk, its checksum checked. Throws BlockError. */
  read(ref: ChunkRef, into: ChunkBytes): void;
  /**
   * The same of refs[from, to), as long as each lies right behind the one before and nothing else has to be read for it: at
   * least one. Answers the number behind the last; `from` where the block holds no encoded chunks, but columns.
   */
  readRun(refs: ArrayLike<ChunkRef>, from: number, to: number, into: ChunkRun): number;
}

/**
 * An open block. It reads its files by positioned reads through a bounded cache, so that any thread can open the same
 * folder. All methods throw BlockError where a file is damaged or cannot be read.
 */
export interface Block {
  readonly dir: string;
  readonly meta: BlockMeta;
  /** Bytes of all its files. */
  readonly sizeBytes: number;
  readonly tombstones: BlockTombstones;
  /** Its samples lie in columns of ours instead of Prometheus' chunks. */
  readonly isColumnar: boolean;
  /** References of the series with a label, rising; rising references are in the order of labels. */
  postings(name: string, value: string): Uint32Array;
  /** References of all series, rising. */
  allPostings(): Uint32Array;
  /**
   * Calls `visit` with the series of each value of a label that `keep` accepts. Only values that begin with `prefix`
   * are read and asked for.
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
  /** A symbol as UTF-8: a view that is good until the next call of any method. */
  symbolBytes(id: number): Uint8Array;
  readonly symbolCount: number;
  /** The numbers of all symbols, in the order of their texts. */
  symbolIds(): Uint32Array;
  /** Sorted, all of them. */
  labelNames(): readonly string[];
  /** Sorted values of a label, all of them. */
  labelValues(name: string): readonly string[];
  labelValueCount(name: string): number;
  chunkReader(): ChunkReader;
  /** Writes other tombstones, and their number into meta.json. Readers that are at work keep the old ones. */
  replaceTombstones(tombstones: BlockTombstones): Promise<void>;
  /** Keeps the block readable until the returned function is called. */
  retain(): () => void;
  /** No new readers; the files are closed once the last one is done. */
  close(): void;
  /**
   * As close(), and then the folder is renamed and removed, by `erase` where that takes long. Resolves when it is gone.
   */
  remove(erase?: (path: string) => unknown): Promise<void>;
}
