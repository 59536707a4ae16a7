import { formatFloat } from "@narthex/model";
import type { MetricTable } from "./self-metrics.ts";

/** A histogram with exponential buckets. The histogram is a plain object, so that threads can post it. */
export interface Buckets {
  readonly bounds: readonly number[];
  /**
   * Number of observations in each bucket. A bucket contains values above the previous bound and up to its own bound.
   * The last entry counts values above all bounds.
   */
  readonly counts: Float64Array<ArrayBuffer>;
  sum: number;
}

/**
 * Returns a histogram with `count` bounds: the first is `first`, each further one is `factor` times the previous one.
 */
export const makeBuckets = (first: number, factor: number, count: number): Buckets => ({
  bounds: Array.from({ length: count }, (_, i) => first * factor ** i),
  counts: new Float64Array(count + 1),
  sum: 0,
});

export function observe(into: Buckets, value: number): void {
  const { bounds, counts } = into;
  let i = 0;
  while (i < bounds.length && value > bounds[i]!) i++;
  counts[i] = counts[i]! + 1;
  into.sum += value;
}

/** Adds the counts that another thread collected. */
export function addBuckets(into: Buckets, other: Buckets): void {
  into.sum += other.sum;
  for (const [i, count] of other.counts.entries()) into.counts[i]! += count;
}

/** Returns the metric series of a histogram: buckets, sum and count. */
export function bucketTable(name: string, { bounds, counts, sum }: Buckets): MetricTable {
  const table: MetricTable = {};
  let count = 0;
  for (const [i, bound] of bounds.entries()) {
    count += counts[i]!;
    table[`${name}_bucket{le="${formatFloat(bound)}"}`] = count;
  }
  count += counts[bounds.length]!;
  table[`${name}_bucket{le="+Inf"}`] = count;
  table[`${name}_sum`] = sum;
  table[`${name}_count`] = count;
  return table;
}
