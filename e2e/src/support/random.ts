import { seededRandom } from "@narthex/runtime";

/** A random number generator whose results depend only on a seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** Returns an integer from 0 to `sides - 1`. */
  below(sides: number): number {
    return Math.floor(this.#next() * sides);
  }

  chance(percent: number): boolean {
    return this.#next() * 100 < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** Returns one of the values with a probability in proportion to its weight. */
  weighted<T>(table: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.#next() * table.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of table) {
      left -= weight;
      if (left < 0) return value;
    }
    return table.at(-1)![1];
  }

  /** Returns a random selection of at least one element, in the list's order. */
  some<T>(list: readonly T[]): T[] {
    const found = list.filter(() => this.chance(50));
    return found.length > 0 ? found : [this.pick(list)];
  }
}
