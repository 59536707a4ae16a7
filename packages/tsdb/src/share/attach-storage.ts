import type { Queryable } from "@narthex/storage";
import { attachHead, type HeadHandles } from "../head/query/attached-head.ts";
import type { ChunkMemoryHandles } from "../select/chunk-memory.ts";
import { DecodedChunks } from "../select/decoded-chunks.ts";
import { mergedQueryable, type SelectionMemory } from "../select/merge.ts";
import { AttachedBlocks } from "./attached-blocks.ts";

/** Limits of the caches in a thread that only reads the database. */
export interface ReadMemory extends Pick<SelectionMemory, "selectionBytes"> {
  /** Size of the cache for pages of block files, bytes; default 32 MiB. */
  readonly pageBytes?: number;
}

/** Share of the page cache that downsampled blocks get. */
const DOWNSAMPLED_SHARE = 1 / 4;
const PAGE_BYTES = 32 * 1024 * 1024;

/**
 * Data with which a reading thread attaches to a storage. The data can be posted to a thread. Each thread needs its own
 * handles.
 */
export interface StorageHandles {
  readonly head: HeadHandles;
  readonly blocks: SharedArrayBuffer;
  /** Shared list of the downsampled blocks. */
  readonly downsampled: SharedArrayBuffer;
  /** Shared memory with decoded chunks; undefined if there are too many threads. */
  readonly chunks: ChunkMemoryHandles | undefined;
}

/** Handles for one additional reading thread. release() must be called when that thread has ended or has detached. */
export interface StorageShare {
  readonly handles: StorageHandles;
  release(): void;
}

/** A storage of another thread, whose shared memory and files this thread reads in place. */
export interface AttachedStorage {
  readonly queryable: Queryable;
  /** Closes the files. All queriers must be closed before. */
  close(): void;
}

/**
 * Attaches this thread to a storage whose handles another thread has posted. Reads the head in shared memory, and the
 * blocks through separate open files. A selection gets a warning for each block that cannot be opened.
 */
export function attachStorage(handles: StorageHandles, memory: ReadMemory = {}): AttachedStorage {
  const pageBytes = memory.pageBytes ?? PAGE_BYTES;
  const blocks = new AttachedBlocks(handles.blocks, pageBytes);
  const downsampled = new AttachedBlocks(handles.downsampled, pageBytes * DOWNSAMPLED_SHARE);
  const head = attachHead(handles.head);
  const decoded =
    handles.chunks === undefined
      ? DecodedChunks.ofOneThread(0)
      : new DecodedChunks(handles.chunks, (block) => blocks.numberOf(block) ?? downsampled.numberOf(block)!);
  return {
    queryable: mergedQueryable(
      head,
      () => blocks.current(),
      () => [...blocks.missing, ...downsampled.missing],
      { ...memory, decoded, downsampled: () => downsampled.current() },
    ),
    close() {
      blocks.close();
      downsampled.close();
      head.memory.chunks.reader?.close();
    },
  };
}
