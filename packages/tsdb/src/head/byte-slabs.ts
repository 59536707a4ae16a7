import { invariant } from "@narthex/runtime";
import type { Retired } from "./retired.ts";
import { SharedBuffers } from "./shared-column.ts";

/** Blocks are measured in units of eight bytes. */
export const UNIT_BYTES = 8;
const SLAB_UNITS = 65_536;
const SLAB_BYTES = SLAB_UNITS * UNIT_BYTES;
/** Blocks up to this many units are reused by exact size, larger ones by the power of two above. */
const EXACT_UNITS = 256;
const LARGE_CLASSES = 9;
const MAX_SLABS = 65_536;
/** Slabs by which the buffer grows: address space only, pages are taken when they are written to. */
const SLABS_PER_GROWTH = 16;

/** Reference of a block: slab number times 65,536 plus the unit within the slab. 0 is never given out. */
export type BlockRef = number;

/**
 * Memory for chunk bytes, label sets, symbols and postings: blocks in slabs of 512 KiB of one shared buffer. A block
 * never moves and never crosses a slab. Freed blocks are reused by size once no reader can see them.
 */
export class ByteSlabs {
  /** Byte views, by slab number. */
  readonly bytes: Uint8Array[] = [];
  /** The same memory as 32-bit words. */
  readonly words: Uint32Array[] = [];
  /** Bytes in blocks that are in use. */
  usedBytes = 0;
  /** Head of the list of free blocks per size class; a free block holds the next one in its first word. */
  readonly #free = new Uint32Array(EXACT_UNITS + 1 + LARGE_CLASSES);
  /** The slab that new blocks are cut from, and the next unit in it. */
  #current = -1;
  #nextUnit = SLAB_UNITS;
  /** Slabs given out so far. */
  #mapped = 0;
  /** Numbers of slabs that held an oversized block. */
  readonly #emptySlabs: number[] = [];
  readonly #retired: Retired;
  readonly #buffer: SharedArrayBuffer;

  constructor(retired: Retired, buffers: SharedBuffers = new SharedBuffers()) {
    this.#retired = retired;
    this.#buffer = buffers.buffer("slabs", 0, MAX_SLABS * SLAB_BYTES);
    this.refresh();
  }

  /** Bytes of slabs in use. */
  reservedBytes = 0;

  /** A reader's views of slabs that came since. */
  refresh(): void {
    const slabs = this.#buffer.byteLength / SLAB_BYTES;
    while (this.bytes.length < slabs) this.#addViews();
  }

  /** The first `size` bytes of a block, which may be larger than a slab. */
  view(ref: BlockRef, size: number): Uint8Array {
    return new Uint8Array(this.#buffer, (ref >>> 16) * SLAB_BYTES + (ref & 0xffff) * UNIT_BYTES, size);
  }

  /** A block of at least `size` bytes with undefined content. */
  allocate(size: number): BlockRef {
    const units = unitsOf(size);
    this.usedBytes += units * UNIT_BYTES;
    if (units > SLAB_UNITS) return this.#addOversized(units);
    const kind = classOf(units);
    const ref = this.#free[kind]!;
    if (ref !== 0) {
      this.#free[kind] = this.words[ref >>> 16]![(ref & 0xffff) * 2]!;
      return ref;
    }
    if (this.#nextUnit + units > SLAB_UNITS) this.#addSlab();
    const made = this.#current * SLAB_UNITS + this.#nextUnit;
    this.#nextUnit += units;
    return made;
  }

  /** Gives a block back; `size` as it was allocated. */
  free(ref: BlockRef, size: number): void {
    const units = unitsOf(size);
    this.usedBytes -= units * UNIT_BYTES;
    this.#retired.retire(this.#recycleBlock, ref, units);
  }

  readonly #recycleBlock = (ref: BlockRef, units: number): void => this.#recycle(ref, units);

  #recycle(ref: BlockRef, units: number): void {
    if (units > SLAB_UNITS) {
      this.reservedBytes -= slabsOf(units) * SLAB_BYTES;
      for (let slab = ref >>> 16; slab < (ref >>> 16) + slabsOf(units); slab++) {
        this.#setViews(slab, SLAB_BYTES);
        this.#emptySlabs.push(slab);
      }
      return;
    }
    const kind = classOf(units);
    this.words[ref >>> 16]![(ref & 0xffff) * 2] = this.#free[kind]!;
    this.#free[kind] = ref;
  }

  #addSlab(): void {
    const rest = SLAB_UNITS - this.#nextUnit;
    if (rest > 0 && rest <= EXACT_UNITS) this.#recycle(this.#current * SLAB_UNITS + this.#nextUnit, rest);
    this.#current = this.#emptySlabs.pop() ?? this.#mapSlabs(1);
    this.#nextUnit = this.#current === 0 ? 1 : 0;
    this.reservedBytes += SLAB_BYTES;
  }

  /** A block larger than a slab (a label value of half a megabyte) gets slabs of its own, one after the other. */
  #addOversized(units: number): BlockRef {
    if (this.#current < 0) this.#addSlab();
    const slab = this.#mapSlabs(slabsOf(units));
    this.#setViews(slab, units * UNIT_BYTES);
    this.reservedBytes += slabsOf(units) * SLAB_BYTES;
    return slab * SLAB_UNITS;
  }

  #mapSlabs(count: number): number {
    const slab = this.#mapped;
    this.#mapped += count;
    invariant(this.#mapped <= MAX_SLABS, "the head's slabs fit their 32 GiB", { slabs: this.#mapped });
    const needed = this.#mapped * SLAB_BYTES;
    if (needed > this.#buffer.byteLength) {
      this.#buffer.grow(Math.min(MAX_SLABS, this.#mapped + SLABS_PER_GROWTH) * SLAB_BYTES);
      this.refresh();
    }
    return slab;
  }

  #addViews(): void {
    this.#setViews(this.bytes.length, SLAB_BYTES);
  }

  #setViews(slab: number, size: number): void {
    this.bytes[slab] = new Uint8Array(this.#buffer, slab * SLAB_BYTES, size);
    this.words[slab] = new Uint32Array(this.#buffer, slab * SLAB_BYTES, size / 4);
  }
}

const slabsOf = (units: number): number => Math.ceil(units / SLAB_UNITS);

/** Whole units of a size: exact when small or beyond a slab, a power of two between. */
function unitsOf(size: number): number {
  const units = Math.max(1, Math.ceil(size / UNIT_BYTES));
  if (units <= EXACT_UNITS) return units;
  return units <= SLAB_UNITS ? 2 ** Math.ceil(Math.log2(units)) : units;
}

const classOf = (units: number): number => (units <= EXACT_UNITS ? units : EXACT_UNITS + 23 - Math.clz32(units));
