/** Initial number of slots in the hash table. The table doubles its number of slots when half of them are used. */
const FIRST_SLOTS = 16;
/** Number of integers per slot: two for the 64-bit hash, and the count. */
const WIDTH = 3;

/** 64-bit hash of a metric's name and labels, in two halves. Identifies the metric among all groups. */
export interface Identity {
  readonly high: number;
  readonly low: number;
}

/** Hashes name and labels to 64 bits. */
export function identityOf(name: string, labels: readonly string[]): Identity {
  let high = 0x2545f491;
  let low = 0x9e3779b9 | 0;
  const mix = (text: string): void => {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      high = Math.imul(high ^ unit, 0x9e3779b1);
      low = Math.imul(low ^ unit, 0x5f356495);
      high ^= high >>> 15;
      low ^= low >>> 13;
    }
    // Adds the length to the hash, so that two texts have another hash than one text that joins them.
    high = Math.imul(high ^ (text.length + 0x10000), 0x85ebca6b);
    low = Math.imul(low ^ (text.length + 0x10000), 0xc2b2ae35);
  };
  mix(name);
  for (const text of labels) mix(text);
  high ^= Math.imul(low ^ (low >>> 16), 0x27d4eb2f);
  low ^= Math.imul(high ^ (high >>> 15), 0x165667b1);
  return { high: high | 0, low: low | 0 };
}

/**
 * Hash table from the hash of a metric's name and labels to the number of stored metrics with this hash. Each slot has
 * twelve bytes.
 */
export class IdentityTable {
  #cells: Int32Array;
  #taken = 0;
  #repeated = 0;

  /** @param expected expected number of different hashes; the table grows if there are more */
  constructor(expected = 0) {
    let slots = FIRST_SLOTS;
    while (slots < 2 * expected) slots *= 2;
    this.#cells = new Int32Array(slots * WIDTH);
  }

  /** Number of hashes that belong to more than one metric. */
  get repeated(): number {
    return this.#repeated;
  }

  count({ high, low }: Identity): number {
    return this.#cells[this.#find(high, low) + 2]!;
  }

  add({ high, low }: Identity): void {
    let at = this.#find(high, low);
    if (this.#cells[at + 2] === 0) {
      if ((this.#taken + 1) * 2 * WIDTH > this.#cells.length) {
        this.#grow();
        at = this.#find(high, low);
      }
      this.#taken++;
      this.#cells[at] = high;
      this.#cells[at + 1] = low;
    }
    if (++this.#cells[at + 2]! === 2) this.#repeated++;
  }

  remove({ high, low }: Identity): void {
    const at = this.#find(high, low);
    const left = --this.#cells[at + 2]!;
    if (left === 1) this.#repeated--;
    if (left === 0) this.#close(at);
  }

  /** Returns the slot of a hash, or the free slot in which it can be added. */
  #find(high: number, low: number): number {
    const cells = this.#cells;
    const slots = cells.length / WIDTH;
    for (let slot = (low ^ high) & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      const at = slot * WIDTH;
      if (cells[at + 2] === 0 || (cells[at] === high && cells[at + 1] === low)) return at;
    }
  }

  /**
   * Moves later entries into a slot that became free, because a search for them would otherwise end at the free slot.
   */
  #close(gap: number): void {
    const cells = this.#cells;
    const slots = cells.length / WIDTH;
    this.#taken--;
    let free = gap / WIDTH;
    for (let slot = (free + 1) & (slots - 1); cells[slot * WIDTH + 2] !== 0; slot = (slot + 1) & (slots - 1)) {
      const home = (cells[slot * WIDTH + 1]! ^ cells[slot * WIDTH]!) & (slots - 1);
      if (((slot - home) & (slots - 1)) < ((slot - free) & (slots - 1))) continue;
      cells.copyWithin(free * WIDTH, slot * WIDTH, slot * WIDTH + WIDTH);
      free = slot;
    }
    cells.fill(0, free * WIDTH, free * WIDTH + WIDTH);
  }

  #grow(): void {
    const old = this.#cells;
    this.#cells = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += WIDTH) {
      if (old[at + 2] !== 0) this.#cells.set(old.subarray(at, at + WIDTH), this.#find(old[at]!, old[at + 1]!));
    }
  }
}
