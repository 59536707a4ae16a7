import { invariant } from "@narthex/runtime";
import type { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { SharedBuffers } from "./shared-column.ts";

/** Number of bytes of a unit, in which positions and sizes of blocks are counted. */
export const UNIT_BYTES = 8;
const SLAB_BITS = 16;
const SLAB_UNITS = 1 << SLAB_BITS;
export const SLAB_BYTES = SLAB_UNITS * UNIT_BYTES;
/**
 * Binary logarithm of the size of a granule in units; a granule has 32 bytes. Used blocks and free pieces consist of
 * whole granules.
 */
const GRANULE_BITS = 2;
const GRANULE_UNITS = 1 << GRANULE_BITS;
const GRANULE_BYTES = GRANULE_UNITS * UNIT_BYTES;
export const MAX_SLABS = 65_536;
const LARGE_BITS = 12;
/**
 * Order (binary logarithm of the size in units) from which a free piece contains whole pages that can be returned to
 * the system: 2^10 units are 8 KiB.
 */
const RELEASE_BITS = 10;
const PAGE_BYTES = 4096;
/**
 * Number of slabs (512 KiB each) by which the buffer grows. The growth takes only address space; a page takes memory
 * when it is first written.
 */
const SLABS_PER_GROWTH = 16;

/**
 * Reference of a memory block: slab number times 65,536, plus the number of its first unit in the slab. 0 is never
 * used.
 */
export type BlockRef = number;

/**
 * Memory allocator for chunk bytes, label sets, symbols and postings. Its blocks are in slabs of 512 KiB of one shared
 * buffer. A block never moves and never crosses the end of a slab. Free memory is managed as by a buddy allocator: it
 * consists of aligned pieces of 2^k units, and two free halves are joined to one piece. A block takes only the granules
 * that it needs; the remainder of its piece stays free. Freed blocks are reused only after no reader can see them.
 */
export class ByteSlabs {
  /** Views of the slabs as bytes, by slab number. */
  readonly bytes: Uint8Array[] = [];
  /** Views of the slabs as 32-bit words, by slab number. */
  readonly words: Uint32Array[] = [];
  /** Views of the slabs for access to words at any byte, by slab number. */
  readonly views: DataView[] = [];
  /** Total size of the memory blocks in use, bytes. */
  usedBytes = 0;
  /**
   * First free piece of each order k (2^k units). The pieces of an order are a linked list: the first two words of a
   * piece are the next and the previous piece.
   */
  readonly #free = new Uint32Array(SLAB_BITS + 1);
  /**
   * Start of free pieces, by slab and granule: k + 1 if a free piece of 2^k units starts there, otherwise 0. Only the
   * writer has this table.
   */
  readonly #pieces: Uint8Array[] = [];
  /** Number of slabs that have been used. */
  #mapped = 0;
  readonly #reclaimer: EpochReclaimer;
  readonly #buffer: SharedArrayBuffer;

  constructor(reclaimer: EpochReclaimer, buffers: SharedBuffers = new SharedBuffers()) {
    this.#reclaimer = reclaimer;
    this.#buffer = buffers.buffer("slabs", 0, MAX_SLABS * SLAB_BYTES);
    this.refresh();
  }

  /** Total size in bytes of the slabs that have been used. */
  reservedBytes = 0;
  #emptySlabs = 0;
  /**
   * Number of units in large free pieces, which have at least 32 KiB. 32 KiB is also the size of the largest block of a
   * postings list.
   */
  #largeUnits = 0;
  /** Position of the next packed block. `#packedUnits` is the number of units that remain after this position. */
  #packedAt: BlockRef = 0;
  #packedUnits = 0;

  /** Number of slabs that have been used. */
  get mapped(): number {
    return this.#mapped;
  }

  /** Number of slabs in use, minus the number of slabs that the large free pieces would fill. */
  get takenSlabs(): number {
    return this.#mapped - this.#largeUnits / SLAB_UNITS;
  }

  /** Returns whether a block of `size` bytes fits while at most `slabs` slabs are used. */
  fits(size: number, slabs: number): boolean {
    const units = unitsOf(size);
    if (units > SLAB_UNITS) return this.#mapped + slabsOf(units) <= slabs;
    return this.#mapped < slabs || this.#orderFrom(32 - Math.clz32(units - 1)) <= SLAB_BITS;
  }

  /** Number of free bytes in slabs that also contain used blocks. */
  get scatteredBytes(): number {
    return this.reservedBytes - this.#emptySlabs * SLAB_BYTES - this.usedBytes;
  }

  /** Creates views of slabs that another thread has added. */
  refresh(): void {
    const slabs = this.#buffer.byteLength / SLAB_BYTES;
    while (this.bytes.length < slabs) this.#addViews();
  }

  /** Returns the 32-bit words of a slab, even if another thread has added it since refresh(). */
  wordsOf(slab: number): Uint32Array {
    if (slab >= this.words.length) this.refresh();
    return this.words[slab]!;
  }

  /** Returns the data view of a slab, even if another thread has added it since refresh(). */
  viewOf(slab: number): DataView {
    if (slab >= this.views.length) this.refresh();
    return this.views[slab]!;
  }

  /** Returns the bytes of a slab, even if another thread has added it since refresh(). */
  bytesOf(slab: number): Uint8Array {
    if (slab >= this.bytes.length) this.refresh();
    return this.bytes[slab]!;
  }

  /** Returns the first `size` bytes of a block, which may be larger than a slab. */
  view(ref: BlockRef, size: number): Uint8Array {
    return new Uint8Array(this.#buffer, (ref >>> 16) * SLAB_BYTES + (ref & 0xffff) * UNIT_BYTES, size);
  }

  /** Allocates a block of at least `size` bytes. Its content is undefined. */
  allocate(size: number): BlockRef {
    const units = unitsOf(size);
    this.usedBytes += units * UNIT_BYTES;
    if (units > SLAB_UNITS) return this.#addOversized(units);
    const wanted = 32 - Math.clz32(units - 1);
    let order = this.#orderFrom(wanted);
    while (order > SLAB_BITS) {
      this.#addSlab();
      order = this.#orderFrom(wanted);
    }
    const ref = this.#free[order]!;
    this.#unlink(ref, order);
    this.#freeRange(ref + units, (1 << order) - units);
    return ref;
  }

  /**
   * Allocates a block like allocate(), but puts consecutive blocks next to each other in separate slabs. Used to move
   * many blocks; the caller must call endPacked() at the end.
   */
  allocatePacked(size: number): BlockRef {
    const units = unitsOf(size);
    if (units > SLAB_UNITS) return this.allocate(size);
    if (units > this.#packedUnits) this.#beginPacked();
    const ref = this.#packedAt;
    this.#packedAt += units;
    this.#packedUnits -= units;
    this.usedBytes += units * UNIT_BYTES;
    return ref;
  }

  endPacked(): void {
    this.#freeRange(this.#packedAt, this.#packedUnits);
    this.#packedUnits = 0;
  }

  #beginPacked(): void {
    this.endPacked();
    while (this.#free[SLAB_BITS] === 0) this.#addSlab();
    this.#packedAt = this.#free[SLAB_BITS]!;
    this.#packedUnits = SLAB_UNITS;
    this.#unlink(this.#packedAt, SLAB_BITS);
  }

  forEachFreePages(visit: (pages: Uint8Array) => void, from = 0, to = this.#mapped): void {
    for (let slab = from; slab < Math.min(to, this.#mapped); slab++) {
      const pieces = this.#pieces[slab]!;
      for (let granule = 0; granule < pieces.length; granule += 1 << (RELEASE_BITS - GRANULE_BITS)) {
        const order = pieces[granule]! - 1;
        if (order < RELEASE_BITS) continue;
        // Skips the first page of a free piece, because it contains the links of the free list.
        const start = slab * SLAB_BYTES + granule * GRANULE_BYTES + PAGE_BYTES;
        visit(new Uint8Array(this.#buffer, start, (UNIT_BYTES << order) - PAGE_BYTES));
      }
    }
  }

  /** Returns the smallest order, not below `order`, that has a free piece. */
  #orderFrom(order: number): number {
    while (order <= SLAB_BITS && this.#free[order] === 0) order++;
    return order;
  }

  /** Frees a block. `size` must be the size with which it was allocated. */
  free(ref: BlockRef, size: number): void {
    const units = unitsOf(size);
    this.usedBytes -= units * UNIT_BYTES;
    this.#reclaimer.retire(this.#recycle, ref, units);
  }

  /** Makes the memory of a block available for reuse. No reader may be able to see the block. */
  recycle(ref: BlockRef, size: number): void {
    const units = unitsOf(size);
    this.usedBytes -= units * UNIT_BYTES;
    this.#recycle(ref, units);
  }

  readonly #recycle = (ref: BlockRef, units: number): void => {
    if (units <= SLAB_UNITS) {
      this.#freeRange(ref, units);
      return;
    }
    for (let slab = ref >>> 16; slab < (ref >>> 16) + slabsOf(units); slab++) {
      this.#setViews(slab, SLAB_BYTES);
      this.#freeRange(slab * SLAB_UNITS, SLAB_UNITS);
    }
  };

  /** Frees a range of units in one slab, as aligned pieces of 2^k units. */
  #freeRange(ref: BlockRef, units: number): void {
    let at = ref & 0xffff;
    const base = ref - at;
    for (let left = units; left > 0;) {
      const aligned = at === 0 ? SLAB_BITS : 31 - Math.clz32(at & -at);
      const order = Math.min(aligned, 31 - Math.clz32(left));
      this.#freePiece(base, at, order);
      at += 1 << order;
      left -= 1 << order;
    }
  }

  #freePiece(base: number, at: number, order: number): void {
    const pieces = this.#pieces[base >>> 16]!;
    while (order < SLAB_BITS) {
      const buddy = at ^ (1 << order);
      if (pieces[buddy >>> GRANULE_BITS] !== order + 1) break;
      this.#unlink(base + buddy, order);
      at &= ~(1 << order);
      order++;
    }
    const ref = base + at;
    const words = this.words[ref >>> 16]!;
    const next = this.#free[order]!;
    words[at * 2] = next;
    words[at * 2 + 1] = 0;
    if (next !== 0) this.words[next >>> 16]![(next & 0xffff) * 2 + 1] = ref;
    this.#free[order] = ref;
    pieces[at >>> GRANULE_BITS] = order + 1;
    if (order >= LARGE_BITS) this.#largeUnits += 1 << order;
    if (order === SLAB_BITS) this.#emptySlabs++;
  }

  /** Removes a free piece from the linked list of its order. */
  #unlink(ref: BlockRef, order: number): void {
    const at = ref & 0xffff;
    const words = this.words[ref >>> 16]!;
    const next = words[at * 2]!;
    const previous = words[at * 2 + 1]!;
    if (previous === 0) this.#free[order] = next;
    else this.words[previous >>> 16]![(previous & 0xffff) * 2] = next;
    if (next !== 0) this.words[next >>> 16]![(next & 0xffff) * 2 + 1] = previous;
    this.#pieces[ref >>> 16]![at >>> GRANULE_BITS] = 0;
    if (order >= LARGE_BITS) this.#largeUnits -= 1 << order;
    if (order === SLAB_BITS) this.#emptySlabs--;
  }

  #addSlab(): void {
    const slab = this.#mapSlabs(1);
    if (slab === 0) this.#freeRange(GRANULE_UNITS, SLAB_UNITS - GRANULE_UNITS);
    else this.#freeRange(slab * SLAB_UNITS, SLAB_UNITS);
  }

  /** Adds consecutive slabs for a block that is larger than a slab, such as a label value of half a megabyte. */
  #addOversized(units: number): BlockRef {
    if (this.#mapped === 0) this.#addSlab();
    const slab = this.#mapSlabs(slabsOf(units));
    this.#setViews(slab, units * UNIT_BYTES);
    return slab * SLAB_UNITS;
  }

  #mapSlabs(count: number): number {
    const slab = this.#mapped;
    this.#mapped += count;
    invariant(this.#mapped <= MAX_SLABS, "the slabs are within the limit of 32 GiB", { slabs: this.#mapped });
    const needed = this.#mapped * SLAB_BYTES;
    if (needed > this.#buffer.byteLength) {
      this.#buffer.grow(Math.min(MAX_SLABS, this.#mapped + SLABS_PER_GROWTH) * SLAB_BYTES);
      this.refresh();
    }
    for (let i = slab; i < this.#mapped; i++) this.#pieces[i] = new Uint8Array(SLAB_UNITS >>> GRANULE_BITS);
    this.reservedBytes += count * SLAB_BYTES;
    return slab;
  }

  #addViews(): void {
    this.#setViews(this.bytes.length, SLAB_BYTES);
  }

  #setViews(slab: number, size: number): void {
    this.bytes[slab] = new Uint8Array(this.#buffer, slab * SLAB_BYTES, size);
    this.words[slab] = new Uint32Array(this.#buffer, slab * SLAB_BYTES, size / 4);
    this.views[slab] = new DataView(this.#buffer, slab * SLAB_BYTES, size);
  }
}

const slabsOf = (units: number): number => Math.ceil(units / SLAB_UNITS);

/** Returns the number of units for a size in bytes, rounded up to whole granules. */
const unitsOf = (size: number): number => Math.max(1, Math.ceil(size / GRANULE_BYTES)) * GRANULE_UNITS;
