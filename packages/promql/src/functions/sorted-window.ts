/**
 * The values of a sliding window in order, NaN first. A value enters or leaves by binary search and one move of
 * memory, so that a window that slides by a few samples costs little whatever its length.
 */
export class SortedWindow {
  #values = new Float64Array(64);
  /** Values in order; NaN are only counted. */
  #numbers = 0;
  #nans = 0;

  get count(): number {
    return this.#numbers + this.#nans;
  }

  /** The value at a rank from 0. */
  at(rank: number): number {
    return rank < this.#nans ? NaN : this.#values[rank - this.#nans]!;
  }

  add(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans++;
      return;
    }
    if (this.#numbers === this.#values.length) {
      const grown = new Float64Array(this.#numbers * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    const slot = this.#slotOf(value);
    this.#values.copyWithin(slot + 1, slot, this.#numbers++);
    this.#values[slot] = value;
  }

  remove(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans--;
      return;
    }
    const slot = this.#slotOf(value);
    this.#values.copyWithin(slot, slot + 1, this.#numbers--);
  }

  clear(): void {
    this.#numbers = 0;
    this.#nans = 0;
  }

  /** First slot whose value is not smaller. */
  #slotOf(value: number): number {
    let low = 0;
    let high = this.#numbers;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
