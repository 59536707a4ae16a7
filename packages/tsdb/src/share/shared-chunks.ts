import type { BlockNumbers } from "../select/decoded-chunks.ts";
import { ChunkMemory, type ChunkMemoryHandles, MAX_CHUNK_READERS } from "../select/chunk-memory.ts";
import { DecodedChunks } from "../select/decoded-chunks.ts";

/** Reader number of the thread that created the memory. */
const OWN_READER = 0;

/** Memory for decoded chunks that all reading threads share, and the numbers of its readers. */
export class SharedChunks {
  /** The cache of decoded chunks, as this thread uses it. */
  readonly own: DecodedChunks;
  readonly #maxBytes: number;
  #memory: ChunkMemory;
  #readers = new Set<number>([OWN_READER]);

  constructor(maxBytes: number, numberOf: BlockNumbers) {
    this.#maxBytes = maxBytes;
    this.#memory = opened(maxBytes);
    this.own = new DecodedChunks({ buffer: this.#memory.buffer, reader: OWN_READER }, numberOf);
  }

  /**
   * Creates handles for one additional thread; undefined if there are too many threads. release() must be called when
   * the thread has ended.
   */
  share(): { readonly handles: ChunkMemoryHandles | undefined; release(): void } {
    const [memory, readers] = [this.#memory, this.#readers];
    let reader = OWN_READER;
    while (readers.has(reader)) reader++;
    if (reader >= MAX_CHUNK_READERS) return { handles: undefined, release: () => {} };
    readers.add(reader);
    return {
      handles: { buffer: memory.buffer, reader },
      release: () => {
        readers.delete(reader);
        if (memory.leave(reader) || memory !== this.#memory) return;
        // Replaces the memory for new threads, because a thread ended during a change and the old memory may be
        // inconsistent.
        this.#memory = opened(this.#maxBytes);
        this.#readers = new Set([OWN_READER]);
      },
    };
  }
}

const opened = (maxBytes: number): ChunkMemory =>
  new ChunkMemory({ buffer: ChunkMemory.create(maxBytes), reader: OWN_READER });
