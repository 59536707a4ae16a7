import { invariant } from "@narthex/runtime";
import type { Retired } from "./retired.ts";

/** Blocks are measured in units of eight bytes. */
export const UNIT_BYTES = 8;
const SLAB_UNITS = 65_536;
const SLAB_BYTES = SLAB_UNITS * UNIT_BYTES;
/** Blocks up to this many units are reused by exact size, larger ones by the power of two above. */
const EXACT_UNITS = 256;
const LARGE_CLASSES = 9;

/** Reference of a block: slab number times 65,536 plus the unit within the slab. 0 is never given out. */
export type BlockRef = number;

/**
 * Memory for chunk bytes, label sets, symbols and postings: blocks in slabs of shared memory of 512 KiB. A block never
 * moves and never crosses a slab. Freed blocks are reused by size once no reader can see them.
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
  /** Numbers of slabs that held one oversized block. */
  readonly #emptySlabs: number[] = [];
  readonly #retired: Retired;

  constructor(retired: Retired) {
    this.#retired = retired;
  }

  /** Bytes taken from the system. */
  reservedBytes = 0;

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
      this.bytes[ref >>> 16] = new Uint8Array(0);
      this.words[ref >>> 16] = new Uint32Array(0);
      this.reservedBytes -= units * UNIT_BYTES;
      this.#emptySlabs.push(ref >>> 16);
      return;
    }
    const kind = classOf(units);
    this.words[ref >>> 16]![(ref & 0xffff) * 2] = this.#free[kind]!;
    this.#free[kind] = ref;
  }

  #addSlab(): void {
    const rest = SLAB_UNITS - this.#nextUnit;
    if (rest > 0 && rest <= EXACT_UNITS) this.#recycle(this.#current * SLAB_UNITS + this.#nextUnit, rest);
    this.#current = this.#mapSlab(SLAB_BYTES);
    this.#nextUnit = this.#current === 0 ? 1 : 0;
  }

  /** A block larger than a slab (a label value of half a megabyte) gets a slab of its own size. */
  #addOversized(units: number): BlockRef {
    if (this.#current < 0) this.#addSlab();
    return this.#mapSlab(units * UNIT_BYTES) * SLAB_UNITS;
  }

  #mapSlab(size: number): number {
    const slab = this.#emptySlabs.pop() ?? this.bytes.length;
    invariant(slab < 65_536, "the head's slabs fit their 32 GiB", { slab });
    const buffer = new SharedArrayBuffer(size);
    this.bytes[slab] = new Uint8Array(buffer);
    this.words[slab] = new Uint32Array(buffer);
    this.reservedBytes += size;
    return slab;
  }
}

/** Whole units of a size: exact when small or beyond a slab, a power of two between. */
function unitsOf(size: number): number {
  const units = Math.max(1, Math.ceil(size / UNIT_BYTES));
  if (units <= EXACT_UNITS) return units;
  return units <= SLAB_UNITS ? 2 ** Math.ceil(Math.log2(units)) : units;
}

const classOf = (units: number): number => (units <= EXACT_UNITS ? units : EXACT_UNITS + 23 - Math.clz32(units));
