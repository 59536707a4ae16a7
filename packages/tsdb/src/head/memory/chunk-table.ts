import type { EncodedChunk } from "../../block/block-source.ts";
import type { ByteSlabs } from "./byte-slabs.ts";
import type { ChunkFileReader } from "../chunk-files/chunk-file-reader.ts";
import { type ChunkEntry, entryBytesBefore } from "../chunk-files/head-chunk-file.ts";
import type { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { grownLength, type SharedBuffers } from "./shared-column.ts";

export const MAX_CHUNKS = 2 ** 28;

/** Number of a closed chunk; 0 means none. */
export type ChunkId = number;

/** Closed chunks as a struct of arrays in shared memory; each series' chunks are a list in order of time. */
export class ChunkTable {
  readonly #slabs: ByteSlabs;
  readonly #reclaimer: EpochReclaimer;
  readonly #columns;
  #capacity = 1024;
  block!: Uint32Array;
  /** Size in bytes, including the header with the count. */
  size!: Uint32Array;
  encoding!: Uint8Array;
  minTime!: Float64Array;
  maxTime!: Float64Array;
  /** The next newer chunk of the series. */
  next!: Uint32Array;
  /** The next older chunk; for the first chunk of a series the value is meaningless. */
  previous!: Uint32Array;
  /** File of chunks_head with the chunk; 0 while it is in memory. */
  #file!: Uint32Array;
  /** Start of its bytes in the file. */
  #offset!: Uint32Array;
  /** Reads chunks from files; each thread has its own. */
  reader: ChunkFileReader | undefined;
  #end = 1;
  #free: ChunkId = 0;
  count = 0;
  /** Removed chunks that readers may still see. */
  #leaving = 0;
  /** Number and bytes of chunks that no file has yet. */
  inMemory = 0;
  bytesInMemory = 0;
  /** Rows of series with in-order chunks that no file has yet. They may include rows of removed series. */
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

  /** Renews a reader's views. */
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

  /** Number of ids in use, including removed chunks that readers may still see. */
  get taken(): number {
    return this.count + this.#leaving;
  }

  /** Adds a chunk and copies its bytes from a slab (the open chunk) into a block of their size. */
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

  /** Puts a series on the list when it gets its first unstored chunk, which follows its chunk `last`. */
  noteUnstored(row: number, last: ChunkId): void {
    if (last === 0 || this.fileOf(last) !== 0) this.unstored.push(row);
  }

  /** Adds a chunk that a file has. */
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

  /** Position of a stored chunk's entry: file × 2^32 + offset. */
  entryOf(id: ChunkId): number {
    return this.#file[id]! * 2 ** 32 + this.#offset[id]! - entryBytesBefore(this.size[id]!);
  }

  /** Records that a file has the chunk, and frees its memory. */
  store(id: ChunkId, file: number, offset: number): void {
    this.#offset[id] = offset;
    // A reader that sees the file must see the offset, too; one that does not finds the unchanged memory.
    Atomics.store(this.#file, id, file);
    this.#slabs.free(this.block[id]!, this.size[id]!);
    this.bytesInMemory -= this.size[id]!;
    this.inMemory--;
  }

  /** Moves a chunk whose file cannot be read back into memory, with these bytes. The new place is published last. */
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

  /** File with the chunk; 0 if it is in memory. */
  fileOf(id: ChunkId): number {
    return Atomics.load(this.#file, id);
  }

  /** Start of the chunk's bytes in its file. */
  offsetOf(id: ChunkId): number {
    return this.#offset[id]!;
  }

  /**
   * Calls `use` with the bytes of a chunk, which are in [start, end) and valid as long as the caller's pin. Throws the
   * system's error if its file cannot be read.
   */
  withBytes<T>(id: ChunkId, use: (bytes: Uint8Array, start: number, end: number) => T): T {
    const file = this.fileOf(id);
    const size = this.size[id]!;
    if (file !== 0) return use(this.reader!.read(file, this.#offset[id]!, size), 0, size);
    const block = this.block[id]!;
    const start = (block & 0xffff) * 8;
    return use(this.#slabs.bytes[block >>> 16]!, start, start + size);
  }

  /** Frees a chunk's memory; the caller has removed it from its list. */
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
