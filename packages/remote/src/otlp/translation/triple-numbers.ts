const INITIAL_CAPACITY = 256;
const EMPTY = 0;

/**
 * Assigns the numbers 0, 1, 2 … to triples of numbers, in the order of their first occurrence. Uses typed arrays
 * instead of objects.
 */
export class TripleNumbers {
  #triples = new Uint32Array(INITIAL_CAPACITY * 3);
  #slots = slotsFor(this.#triples);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get byteLength(): number {
    return this.#slots.byteLength + this.#triples.byteLength;
  }

  /** Returns the number of a triple. An unknown triple gets the next number. */
  add(first: number, second: number, third: number): number {
    if ((this.#size + 1) * 3 > this.#triples.length) this.#grow();
    const triples = this.#triples;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashOf(first, second, third) & mask;
    for (; slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const at = (slots[slot]! - 1) * 3;
      if (triples[at] === first && triples[at + 1] === second && triples[at + 2] === third) return slots[slot]! - 1;
    }
    const index = this.#size++;
    slots[slot] = index + 1;
    triples[index * 3] = first;
    triples[index * 3 + 1] = second;
    triples[index * 3 + 2] = third;
    return index;
  }

  first(index: number): number {
    return this.#triples[index * 3]!;
  }

  second(index: number): number {
    return this.#triples[index * 3 + 1]!;
  }

  third(index: number): number {
    return this.#triples[index * 3 + 2]!;
  }

  #grow(): void {
    const triples = new Uint32Array(this.#triples.length * 2);
    triples.set(this.#triples);
    this.#triples = triples;
    this.#slots = slotsFor(triples);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.#size; index++) {
      let slot = hashOf(triples[index * 3]!, triples[index * 3 + 1]!, triples[index * 3 + 2]!) & mask;
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#slots[slot] = index + 1;
    }
  }
}

/** Returns empty slots, two for each triple that fits. */
const slotsFor = ({ length }: Uint32Array): Uint32Array => new Uint32Array((length / 3) * 2);

function hashOf(first: number, second: number, third: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
