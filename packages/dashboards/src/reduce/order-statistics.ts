import type { NullValueMode } from "./null-value.ts";

/** Values in order, for percentiles: NaNs left out, nulls left out or, where they count, as zeros. */
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

/** The value nearest to a share of the order, 0 to 1; null of none. */
export const percentileOf = (sorted: Float64Array, share: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.round((sorted.length - 1) * share)]!;

/** The middle value, or the mean of the two in the middle; null of none. */
export function medianOf(sorted: Float64Array): number | null {
  if (sorted.length === 0) return null;
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The variance of what is not null, in one pass that loses no digits to a large mean; a NaN makes it NaN. */
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
