import type { MetricTable } from "./self-metrics.ts";

/** A histogram with exponential buckets, as the self metrics show it. */
export class Buckets {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** `count` buckets: up to `first`, then each `factor` times the one before. */
  constructor(first: number, factor: number, count: number) {
    this.#bounds = Array.from({ length: count }, (_, i) => first * factor ** i);
    this.#counts = this.#bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    for (const [i, bound] of this.#bounds.entries()) if (value <= bound) this.#counts[i]!++;
  }

  /** Its series under a metric's name. */
  table(name: string): MetricTable {
    const table: MetricTable = {};
    for (const [i, bound] of this.#bounds.entries()) table[`${name}_bucket{le="${bound}"}`] = this.#counts[i]!;
    table[`${name}_bucket{le="+Inf"}`] = this.#count;
    table[`${name}_sum`] = this.#sum;
    table[`${name}_count`] = this.#count;
    return table;
  }
}
