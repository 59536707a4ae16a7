/** A slot: eight doubles that say what it is, then a quarter of a kibibyte of samples. */
export const HEAD_DOUBLES = 8;
export const SLOT_DOUBLES = 32;
export const SLOT_WORDS = 64;
export const SLOT_HALVES = 128;
const STRIDE = HEAD_DOUBLES + SLOT_DOUBLES;
const SLOT_BYTES = STRIDE * 8;
/** Slots taken from the system at a time: 320 KiB. */
const SLOTS_PER_SLAB = 1024;

/** The same memory in numbers of each size. */
export interface Slab {
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  readonly halves: Int16Array;
}

/**
 * Pieces of memory of one size, taken from the system as they are needed and never given back to it. What a slot is
 * stands before what it holds, so that both come from memory at once.
 */
export class Slots {
  /** How many there can be, and how many there were so far. */
  readonly most: number;
  end = 0;
  readonly #slabs: Slab[] = [];
  readonly #free: number[] = [];

  constructor(maxBytes: number) {
    this.most = Math.floor(maxBytes / SLOT_BYTES / SLOTS_PER_SLAB) * SLOTS_PER_SLAB;
  }

  /** How many can be taken before one has to be given. */
  get left(): number {
    return this.most - this.end + this.#free.length;
  }

  /** A slot; undefined when all are taken. */
  take(): number | undefined {
    if (this.#free.length === 0 && this.end < this.most) {
      const doubles = new Float64Array(SLOTS_PER_SLAB * STRIDE);
      this.#slabs.push({ doubles, words: new Int32Array(doubles.buffer), halves: new Int16Array(doubles.buffer) });
      for (let i = SLOTS_PER_SLAB - 1; i >= 0; i--) this.#free.push(this.end + i);
      this.end += SLOTS_PER_SLAB;
    }
    return this.#free.pop();
  }

  give(slot: number): void {
    this.#free.push(slot);
  }

  /** The memory a slot lies in. */
  slabOf(slot: number): Slab {
    return this.#slabs[Math.floor(slot / SLOTS_PER_SLAB)]!;
  }
}

/** Where in its memory a slot begins, in doubles. */
export const startOf = (slot: number): number => (slot % SLOTS_PER_SLAB) * STRIDE;
