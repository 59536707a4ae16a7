import type { EncodedChunk } from "../../block/block-source.ts";
import type { ByteSlabs } from "./byte-slabs.ts";
import type { ChunkFileReader } from "../chunk-files/chunk-file-reader.ts";
import { type ChunkEntry, entryBytesBefore } from "../chunk-files/head-chunk-file.ts";
import type { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { grownLength, type SharedBuffers } from "./shared-column.ts";

export const MAX_CHUNKS = 2 ** 28;

/** Number of a closed chunk; 0 means none. */
export type ChunkId = number;

/**
 * The head's closed chunks as columns in shared memory. The chunks of each series are a linked list in order of time.
 */
export class ChunkTable {
  readonly #slabs: ByteSlabs;
  readonly #reclaimer: EpochReclaimer;
  readonly #columns;
  #capacity = 1024;
  block!: Uint32Array;
  /** Size of the chunk in bytes, including the header with the number of samples. */
  size!: Uint32Array;
  encoding!: Uint8Array;
  minTime!: Float64Array;
  maxTime!: Float64Array;
  /** Id of the next newer chunk of the series. */
  next!: Uint32Array;
  /** Id of the next older chunk of the series. For the first chunk of a series the value is meaningless. */
  previous!: Uint32Array;
  /** Number of the chunk file (chunks_head) that contains the chunk; 0 while the chunk is in memory. */
  #file!: Uint32Array;
  /** Position of the chunk's bytes in its chunk file. */
  #offset!: Uint32Array;
  /** Reader of the chunk files. Each thread has its own. */
  reader: ChunkFileReader | undefined;
  #end = 1;
  #free: ChunkId = 0;
  count = 0;
  /** Number of removed chunks whose memory waits until no reader can see them. */
  #leaving = 0;
  /** Number of chunks that are not in a chunk file yet. `bytesInMemory` is their total size. */
  inMemory = 0;
  bytesInMemory = 0;
  /**
   * Rows of series that have in-order chunks only in memory, not in a chunk file. The list may contain rows of removed
   * series.
   */
  unstored: number[] = [];

  constructor(slabs: ByteSlabs, reclaimer: EpochReclaimer, buffers: SharedBuffers) {
    this.#slabs = slabs;
    this.#reclaimer = reclaimer;
    this.#columns = {
      block: buffers.column("chunks.block", Uint32Array, 1024, MAX_CHUNKS),
      size: buffers.column("chunks.size", Uint32Array, 1024, MAX_CHUNKS),
      encoding: buffers.column("chunks.encoding", Uint8Array, 1024, MAX_CHUNKS),
      minTime: buffers.column("chunks.minTime", Float64Array, 1024, MAX_CHUNKS),
      maxTime: buffers.column("chunks.maxTime", Float64Array, 1024, MAX_CHUNKS),
      next: buffers.column("chunks.next", Uint32Array, 1024, MAX_CHUNKS),
      previous: buffers.column("chunks.previous", Uint32Array, 1024, MAX_CHUNKS),
      file: buffers.column("chunks.file", Uint32Array, 1024, MAX_CHUNKS),
      offset: buffers.column("chunks.offset", Uint32Array, 1024, MAX_CHUNKS),
    };
    this.refresh();
  }

  /** Recreates a reader's array views after the columns have grown. */
  refresh(): void {
    this.block = this.#columns.block.whole();
    this.size = this.#columns.size.whole();
    this.encoding = this.#columns.encoding.whole();
    this.minTime = this.#columns.minTime.whole();
    this.maxTime = this.#columns.maxTime.whole();
    this.next = this.#columns.next.whole();
    this.previous = this.#columns.previous.whole();
    this.#file = this.#columns.file.whole();
    this.#offset = this.#columns.offset.whole();
  }

  /** Number of chunk ids in use, including the ids of removed chunks that readers may still see. */
  get taken(): number {
    return this.count + this.#leaving;
  }

  /** Adds a chunk. Copies the bytes of the open chunk from its slab into a block of the exact size. */
  add(
    bytes: Uint8Array,
    start: number,
    size: number,
    encoding: number,
    minTime: number,
    maxTime: number,
    previous: ChunkId,
  ): ChunkId {
    const block = this.#slabs.allocate(size);
    this.#slabs.view(block, size).set(bytes.subarray(start, start + size));
    const id = this.#add(size, encoding, minTime, maxTime, previous);
    this.block[id] = block;
    this.#file[id] = 0;
    this.bytesInMemory += size;
    this.inMemory++;
    return id;
  }

  /**
   * Adds a series to `unstored` when it gets its first chunk that is not in a file. `last` is the previous chunk of the
   * series.
   */
  noteUnstored(row: number, last: ChunkId): void {
    if (last === 0 || this.fileOf(last) !== 0) this.unstored.push(row);
  }

  /** Adds a chunk that is already in a chunk file. */
  addStored({ file, offset, size, encoding, minTime, maxTime }: ChunkEntry, previous: ChunkId): ChunkId {
    const id = this.#add(size, encoding, minTime, maxTime, previous);
    this.#offset[id] = offset;
    this.#file[id] = file;
    return id;
  }

  #add(size: number, encoding: number, minTime: number, maxTime: number, previous: ChunkId): ChunkId {
    const id = this.#free === 0 ? this.#extend() : this.#free;
    if (id === this.#free) this.#free = this.next[id]!;
    this.size[id] = size;
    this.encoding[id] = encoding;
    this.minTime[id] = minTime;
    this.maxTime[id] = maxTime;
    this.next[id] = 0;
    this.previous[id] = previous;
    if (previous !== 0) this.next[previous] = id;
    this.count++;
    return id;
  }

  /** Returns the reference of the chunk's entry in its chunk file: file × 2^32 + offset. */
  entryOf(id: ChunkId): number {
    return this.#file[id]! * 2 ** 32 + this.#offset[id]! - entryBytesBefore(this.size[id]!);
  }

  /** Records that a chunk is in a chunk file now, and frees its memory. */
  store(id: ChunkId, file: number, offset: number): void {
    this.#offset[id] = offset;
    // Sets the file number last. A reader that sees the file number must also see the offset. A reader that still sees
    // file number 0 reads the chunk's old memory, which is unchanged.
    Atomics.store(this.#file, id, file);
    this.#slabs.free(this.block[id]!, this.size[id]!);
    this.bytesInMemory -= this.size[id]!;
    this.inMemory--;
  }

  /**
   * Moves a chunk whose file cannot be read back into memory, with the given bytes. Changes the location last, so that
   * a reader that sees the new location also sees all other fields.
   */
  restore(id: ChunkId, { bytes, start, end, encoding, minTime, maxTime }: EncodedChunk): void {
    const size = end - start;
    const block = this.#slabs.allocate(size);
    this.#slabs.view(block, size).set(bytes.subarray(start, end));
    this.block[id] = block;
    this.size[id] = size;
    this.encoding[id] = encoding;
    this.minTime[id] = minTime;
    this.maxTime[id] = maxTime;
    this.bytesInMemory += size;
    this.inMemory++;
    Atomics.store(this.#file, id, 0);
  }

  /** Returns the number of the file that contains the chunk; 0 if the chunk is in memory. */
  fileOf(id: ChunkId): number {
    return Atomics.load(this.#file, id);
  }

  /** Returns the position of the chunk's bytes in its file. */
  offsetOf(id: ChunkId): number {
    return this.#offset[id]!;
  }

  /**
   * Calls `use` with the bytes of a chunk, [start, end). The bytes are valid only while the head's memory is pinned.
   * Throws the system's error if the chunk file cannot be read.
   */
  withBytes<T>(id: ChunkId, use: (bytes: Uint8Array, start: number, end: number) => T): T {
    const file = this.fileOf(id);
    const size = this.size[id]!;
    if (file !== 0) return use(this.reader!.read(file, this.#offset[id]!, size), 0, size);
    const block = this.block[id]!;
    const start = (block & 0xffff) * 8;
    return use(this.#slabs.bytes[block >>> 16]!, start, start + size);
  }

  /** Removes a chunk and frees its memory. The caller must have removed the chunk from the list of its series. */
  remove(id: ChunkId): void {
    if (this.#file[id] === 0) {
      this.#slabs.free(this.block[id]!, this.size[id]!);
      this.bytesInMemory -= this.size[id]!;
      this.inMemory--;
    }
    this.count--;
    this.#leaving++;
    this.#reclaimer.retire(this.#recycle, id, 0);
  }

  readonly #recycle = (id: ChunkId): void => {
    this.#leaving--;
    this.next[id] = this.#free;
    this.#free = id;
  };

  #extend(): ChunkId {
    if (this.#end >= this.#capacity) {
      this.#capacity = grownLength(this.#capacity, MAX_CHUNKS);
      for (const column of Object.values(this.#columns)) column.view(this.#capacity);
      this.refresh();
    }
    return this.#end++;
  }
}
