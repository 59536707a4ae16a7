import { seededRandom } from "@narthex/runtime";

/** Random choices that are repeatable by seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** An integer from 0 to `sides - 1`. */
  below(sides: number): number {
    return Math.floor(this.#next() * sides);
  }

  /** Returns true with a probability of `percent` percent. */
  chance(percent: number): boolean {
    return this.#next() * 100 < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** One of a table's values, with the probability of its share of the weights. */
  weighted<T>(table: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.#next() * table.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of table) {
      left -= weight;
      if (left < 0) return value;
    }
    return table.at(-1)![1];
  }

  /** Some elements of a list in their order; at least one. */
  some<T>(list: readonly T[]): T[] {
    const found = list.filter(() => this.chance(50));
    return found.length > 0 ? found : [this.pick(list)];
  }
}
