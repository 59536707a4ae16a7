const EMPTY = -1;
const INITIAL_SLOTS = 1024;

/**
 * A map from series references in the write-ahead log to integers, as a hash table in typed arrays. References are
 * non-negative integers that may exceed 32 bits. Entries are never removed; instead, the table is rebuilt.
 */
export class RefTable {
  #refs = new Float64Array(INITIAL_SLOTS).fill(EMPTY);
  #values = new Int32Array(INITIAL_SLOTS);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** Returns the integer that is stored for a reference; -1 if the reference is unknown. */
  get(ref: number): number {
    const mask = this.#refs.length - 1;
    for (let slot = slotOf(ref, mask); ; slot = (slot + 1) & mask) {
      const found = this.#refs[slot]!;
      if (found === ref) return this.#values[slot]!;
      if (found === EMPTY) return -1;
    }
  }

  set(ref: number, value: number): void {
    if (this.#count * 2 >= this.#refs.length) this.#grow();
    const mask = this.#refs.length - 1;
    let slot = slotOf(ref, mask);
    while (this.#refs[slot] !== EMPTY && this.#refs[slot] !== ref) slot = (slot + 1) & mask;
    if (this.#refs[slot] === EMPTY) this.#count++;
    this.#refs[slot] = ref;
    this.#values[slot] = value;
  }

  forEach(visit: (ref: number, value: number) => void): void {
    for (let slot = 0; slot < this.#refs.length; slot++) {
      if (this.#refs[slot] !== EMPTY) visit(this.#refs[slot]!, this.#values[slot]!);
    }
  }

  #grow(): void {
    const [refs, values] = [this.#refs, this.#values];
    this.#refs = new Float64Array(refs.length * 2).fill(EMPTY);
    this.#values = new Int32Array(refs.length * 2);
    this.#count = 0;
    for (let slot = 0; slot < refs.length; slot++) {
      if (refs[slot] !== EMPTY) this.set(refs[slot]!, values[slot]!);
    }
  }
}

/**
 * Returns the first slot of the hash table for a reference. The multiplication distributes consecutive references over
 * the table.
 */
function slotOf(ref: number, mask: number): number {
  const mixed = Math.imul((ref | 0) ^ Math.floor(ref / 2 ** 32), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) & mask;
}
