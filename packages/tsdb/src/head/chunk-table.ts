import type { BlockRef, ByteSlabs } from "./byte-slabs.ts";
import type { Retired } from "./retired.ts";
import { grownLength, SharedColumn } from "./shared-column.ts";

const MAX_CHUNKS = 2 ** 28;

/** Number of a closed chunk; 0 is none. */
export type ChunkId = number;

/** Closed chunks as a struct of arrays in shared memory; each series' chunks form a list in time order. */
export class ChunkTable {
  readonly #slabs: ByteSlabs;
  readonly #retired: Retired;
  readonly #columns = {
    block: new SharedColumn(Uint32Array, 1024, MAX_CHUNKS),
    size: new SharedColumn(Uint32Array, 1024, MAX_CHUNKS),
    encoding: new SharedColumn(Uint8Array, 1024, MAX_CHUNKS),
    minTime: new SharedColumn(Float64Array, 1024, MAX_CHUNKS),
    maxTime: new SharedColumn(Float64Array, 1024, MAX_CHUNKS),
    next: new SharedColumn(Uint32Array, 1024, MAX_CHUNKS),
    previous: new SharedColumn(Uint32Array, 1024, MAX_CHUNKS),
  };
  #capacity = 1024;
  block = this.#columns.block.view(1024);
  /** Bytes, the count header included. */
  size = this.#columns.size.view(1024);
  encoding = this.#columns.encoding.view(1024);
  minTime = this.#columns.minTime.view(1024);
  maxTime = this.#columns.maxTime.view(1024);
  /** The next newer chunk of the series. */
  next = this.#columns.next.view(1024);
  /** The next older one; of a series' first chunk it means nothing. */
  previous = this.#columns.previous.view(1024);
  #end = 1;
  #free: ChunkId = 0;
  count = 0;

  constructor(slabs: ByteSlabs, retired: Retired) {
    this.#slabs = slabs;
    this.#retired = retired;
  }

  /** A chunk whose bytes are copied from a slab (the open chunk) into a block of their own size. */
  add(
    bytes: Uint8Array,
    start: number,
    size: number,
    encoding: number,
    minTime: number,
    maxTime: number,
    previous: ChunkId,
  ): ChunkId {
    const id = this.#free === 0 ? this.#extend() : this.#free;
    if (id === this.#free) this.#free = this.next[id]!;
    const block = this.#slabs.allocate(size);
    this.#slabs.bytes[block >>> 16]!.set(bytes.subarray(start, start + size), (block & 0xffff) * 8);
    this.block[id] = block;
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

  /** Gives a chunk's memory back; the caller has taken it out of its list. */
  remove(id: ChunkId): void {
    this.#slabs.free(this.block[id]!, this.size[id]!);
    this.#retired.retire(this.#recycle, id, 0);
    this.count--;
  }

  readonly #recycle = (id: ChunkId): void => {
    this.next[id] = this.#free;
    this.#free = id;
  };

  /** Slab and byte offset of a block, for decoders. */
  bytesOf(block: BlockRef): Uint8Array {
    return this.#slabs.bytes[block >>> 16]!;
  }

  #extend(): ChunkId {
    if (this.#end >= this.#capacity) {
      this.#capacity = grownLength(this.#capacity, MAX_CHUNKS);
      this.block = this.#columns.block.view(this.#capacity);
      this.size = this.#columns.size.view(this.#capacity);
      this.encoding = this.#columns.encoding.view(this.#capacity);
      this.minTime = this.#columns.minTime.view(this.#capacity);
      this.maxTime = this.#columns.maxTime.view(this.#capacity);
      this.next = this.#columns.next.view(this.#capacity);
      this.previous = this.#columns.previous.view(this.#capacity);
    }
    return this.#end++;
  }
}
