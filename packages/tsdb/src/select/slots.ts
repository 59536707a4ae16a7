/** What a slot holds: half a kibibyte. */
export const SLOT_DOUBLES = 64;
export const SLOT_WORDS = 128;
const SLOT_BYTES = 512;
/** Slots taken from the system at a time: half a mebibyte. */
const SLOTS_PER_SLAB = 1024;

/** Pieces of memory of one size, taken from the system as they are needed and never given back to it. */
export class Slots {
  /** How many there can be, and how many there were so far. */
  readonly most: number;
  end = 0;
  readonly #doubles: Float64Array[] = [];
  readonly #words: Int32Array[] = [];
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
      const doubles = new Float64Array(SLOTS_PER_SLAB * SLOT_DOUBLES);
      this.#doubles.push(doubles);
      this.#words.push(new Int32Array(doubles.buffer));
      for (let i = SLOTS_PER_SLAB - 1; i >= 0; i--) this.#free.push(this.end + i);
      this.end += SLOTS_PER_SLAB;
    }
    return this.#free.pop();
  }

  give(slot: number): void {
    this.#free.push(slot);
  }

  /** The memory a slot lies in, and where in it the slot begins: as doubles, as words. */
  doublesOf(slot: number): Float64Array {
    return this.#doubles[Math.floor(slot / SLOTS_PER_SLAB)]!;
  }

  firstDouble(slot: number): number {
    return (slot % SLOTS_PER_SLAB) * SLOT_DOUBLES;
  }

  wordsOf(slot: number): Int32Array {
    return this.#words[Math.floor(slot / SLOTS_PER_SLAB)]!;
  }

  firstWord(slot: number): number {
    return (slot % SLOTS_PER_SLAB) * SLOT_WORDS;
  }

  /** Copies bytes, so that the payload of a NaN stays what it is. */
  writeDoubles(slot: number, values: Float64Array, from: number, count: number): void {
    this.doublesOf(slot).set(values.subarray(from, from + count), this.firstDouble(slot));
  }

  writeWords(slot: number, words: Int32Array, count: number): void {
    this.wordsOf(slot).set(words.subarray(0, count), this.firstWord(slot));
  }
}
