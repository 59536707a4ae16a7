import type { Queryable } from "@narthex/storage";
import { attachHead, type HeadHandles } from "../head/query/attached-head.ts";
import type { ChunkMemoryHandles } from "../select/chunk-memory.ts";
import { DecodedChunks } from "../select/decoded-chunks.ts";
import { mergedQueryable, type SelectionMemory } from "../select/merge.ts";
import { AttachedBlocks } from "./attached-blocks.ts";

/** How much memory a reading thread keeps for its next selections at most. */
export interface ReadMemory extends Pick<SelectionMemory, "selectionBytes"> {
  /** Pages of blocks, bytes; default 32 MiB. */
  readonly pageBytes?: number;
}

/** Of the pages' memory, for downsampled blocks beside the others. */
const DOWNSAMPLED_SHARE = 1 / 4;
const PAGE_BYTES = 32 * 1024 * 1024;

/** What a reading thread needs of a storage; can be posted to a worker as it is. One thread per handles. */
export interface StorageHandles {
  readonly head: HeadHandles;
  readonly blocks: SharedArrayBuffer;
  /** Those that are downsampled. */
  readonly downsampled: SharedArrayBuffer;
  /** Decoded chunks of all threads; absent where there are too many threads. */
  readonly chunks: ChunkMemoryHandles | undefined;
}

/** Handles for one more reading thread; release() is to be called when that thread has ended or has detached. */
export interface StorageShare {
  readonly handles: StorageHandles;
  release(): void;
}

/** A storage of another thread, read in place. */
export interface AttachedStorage {
  readonly queryable: Queryable;
  /** Closes the files. Queriers must be closed. */
  close(): void;
}

/**
 * Attaches to a storage whose handles another thread has posted: its head in shared memory, its blocks by files of this
 * thread's own. Selections warn of a block that cannot be opened.
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
