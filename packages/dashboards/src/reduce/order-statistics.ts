import type { NullValueMode } from "./null-value.ts";

/** Returns a column's values sorted, for percentiles. NaNs are left out. Nulls are left out, or count as zeros. */
export function sortedNumbers(values: Float64Array, nulls: Uint8Array | undefined, mode: NullValueMode): Float64Array {
  const sorted = new Float64Array(values.length);
  let length = 0;
  for (let i = 0; i < values.length; i++) {
    const isNull = nulls?.[i] === 1;
    if (isNull && mode === "connected") continue;
    const value = isNull ? 0 : values[i]!;
    if (value === value) sorted[length++] = value;
  }
  return sorted.subarray(0, length).sort();
}

/**
 * Returns a percentile: the value at a fraction (0 to 1) of the sorted values. A fraction between two positions gives
 * the value at the nearer position. Returns null without values.
 */
export const percentileOf = (sorted: Float64Array, share: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.round((sorted.length - 1) * share)]!;

/** Returns the middle value, or the mean of the two in the middle; null without values. */
export function medianOf(sorted: Float64Array): number | null {
  if (sorted.length === 0) return null;
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Returns the variance of the values that are not null, in one pass that stays precise for a large mean. If any value
 * is NaN, the variance is NaN.
 */
export function varianceOf(values: Float64Array, nulls: Uint8Array | undefined): number {
  let squares = 0;
  let mean = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (nulls?.[i] === 1) continue;
    const value = values[i]!;
    const before = mean;
    mean += (value - before) / ++count;
    squares += (value - before) * (value - mean);
  }
  return count === 0 ? 0 : squares / count;
}
