import { formatFloat } from "@narthex/model";
import type { MetricTable } from "./self-metrics.ts";

/** A histogram with exponential buckets, plain so that threads can post it. */
export interface Buckets {
  readonly bounds: readonly number[];
  /** Observations above the bound before and up to each, then those above all. */
  readonly counts: Float64Array<ArrayBuffer>;
  sum: number;
}

/** `count` buckets: up to `first`, then each `factor` times the one before. */
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

/** Adds what another thread has counted. */
export function addBuckets(into: Buckets, other: Buckets): void {
  into.sum += other.sum;
  for (const [i, count] of other.counts.entries()) into.counts[i]! += count;
}

/** Its series under a metric's name. */
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
