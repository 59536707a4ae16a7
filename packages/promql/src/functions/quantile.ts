import { formatFloat } from "@narthex/model";

/** Returns the φ-quantile of sorted values (NaN first). Interpolates linearly between the closest ranks. */
export function quantileOfSorted(
  q: number,
  sorted: Float64Array | readonly number[],
  count: number = sorted.length,
): number {
  return quantileOfRanks(q, count, (rank) => sorted[rank]!);
}

/** Returns the φ-quantile of `count` values. `at` returns the value with a rank, counted from 0 in sorted order. */
export function quantileOfRanks(q: number, count: number, at: (rank: number) => number): number {
  if (count === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const rank = q * (count - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(count - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return at(lower) * (1 - weight) + at(upper) * weight;
}

/** Sorts numbers in place, NaN first. */
export function sortNanFirst(values: Float64Array): Float64Array {
  values.sort();
  // Counts the numbers without NaN, because typed arrays sort NaN to the end.
  let numbers = values.length;
  while (numbers > 0 && Number.isNaN(values[numbers - 1]!)) numbers--;
  if (numbers < values.length) {
    values.copyWithin(values.length - numbers, 0, numbers);
    values.fill(NaN, 0, values.length - numbers);
  }
  return values;
}

export const isQuantile = (q: number): boolean => q >= 0 && q <= 1;

export const quantileWarning = (q: number): string => `quantile value should be between 0 and 1, got ${formatFloat(q)}`;
