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
  #nextUnit = SLAB_UNITS;
  readonly #retired: Retired;

  constructor(retired: Retired) {
    this.#retired = retired;
  }

  /** Bytes taken from the system. */
  get reservedBytes(): number {
    return this.bytes.length * SLAB_BYTES;
  }

  /** A block of at least `size` bytes with undefined content. */
  allocate(size: number): BlockRef {
    const units = unitsOf(size);
    this.usedBytes += units * UNIT_BYTES;
    const kind = classOf(units);
    const ref = this.#free[kind]!;
    if (ref !== 0) {
      this.#free[kind] = this.words[ref >>> 16]![(ref & 0xffff) * 2]!;
      return ref;
    }
    if (this.#nextUnit + units > SLAB_UNITS) this.#addSlab();
    const made = (this.bytes.length - 1) * SLAB_UNITS + this.#nextUnit;
    this.#nextUnit += units;
    return made >>> 0;
  }

  /** Gives a block back; `size` as it was allocated. */
  free(ref: BlockRef, size: number): void {
    const units = unitsOf(size);
    this.usedBytes -= units * UNIT_BYTES;
    this.#retired.retire(this.#recycleBlock, ref, units);
  }

  readonly #recycleBlock = (ref: BlockRef, units: number): void => this.#recycle(ref, units);

  #recycle(ref: BlockRef, units: number): void {
    const kind = classOf(units);
    this.words[ref >>> 16]![(ref & 0xffff) * 2] = this.#free[kind]!;
    this.#free[kind] = ref;
  }

  #addSlab(): void {
    const rest = SLAB_UNITS - this.#nextUnit;
    if (rest > 0 && rest <= EXACT_UNITS) this.#recycle((this.bytes.length - 1) * SLAB_UNITS + this.#nextUnit, rest);
    invariant(this.bytes.length < 65_536, "the head's slabs fit their 32 GiB", { slabs: this.bytes.length });
    const buffer = new SharedArrayBuffer(SLAB_BYTES);
    this.bytes.push(new Uint8Array(buffer));
    this.words.push(new Uint32Array(buffer));
    this.#nextUnit = this.bytes.length === 1 ? 1 : 0;
  }
}

/** Whole units of a size: exact when small, a power of two when large. */
function unitsOf(size: number): number {
  const units = Math.max(1, Math.ceil(size / UNIT_BYTES));
  if (units <= EXACT_UNITS) return units;
  const rounded = 2 ** Math.ceil(Math.log2(units));
  invariant(rounded <= SLAB_UNITS, "a block fits a slab", { size });
  return rounded;
}

const classOf = (units: number): number => (units <= EXACT_UNITS ? units : EXACT_UNITS + 23 - Math.clz32(units));
