import { stretchSums } from "./exact-sums.ts";
import { KahanSum } from "./kahan.ts";

const mean = new KahanSum();
const squares = new KahanSum();

/** Population variance of slots from … to-1 by Welford's method, compensated. */
export function varianceOf(values: Float64Array, from: number, to: number): number {
  mean.reset();
  squares.reset();
  for (let i = from; i < to; i++) {
    const delta = values[i]! - mean.total;
    mean.add(delta / (i - from + 1));
    squares.add(delta * (values[i]! - mean.total));
  }
  return squares.total / (to - from);
}

/** Variance of slots from … to-1 in constant time; undefined where too much cancels out for a good answer. */
export type StretchVariances = (from: number, to: number) => number | undefined;

/** Least share of the squares a variance must be; below, rounding would show. */
const TRUSTED_SHARE = 2 ** -10;

const SPLITTER = 2 ** 27 + 1;

/** Variances from running sums of deviations and of their squares. Undefined where values are not finite. */
export function stretchVariances(values: Float64Array, count: number): StretchVariances | undefined {
  let pivot = 0;
  for (let i = 0; i < count; i++) pivot += values[i]! / count;
  const deviations = new Float64Array(count);
  /** Each square as the double next to it and what that leaves out (Veltkamp, Dekker). */
  const parts = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) {
    const deviation = values[i]! - pivot;
    const square = deviation * deviation;
    const scaled = SPLITTER * deviation;
    const high = scaled - (scaled - deviation);
    const low = deviation - high;
    deviations[i] = deviation;
    parts[i * 2] = square;
    parts[i * 2 + 1] = low * low - (square - high * high - 2 * high * low);
  }
  const sums = stretchSums(deviations, count);
  const squareSums = stretchSums(parts, count * 2);
  if (sums === undefined || squareSums === undefined) return undefined;
  return (from, to) => {
    const total = sums.sum(from, to);
    const totalSquares = squareSums.sum(from * 2, to * 2);
    if (total === undefined || totalSquares === undefined) return undefined;
    const spread = totalSquares - (total * total) / (to - from);
    return spread > totalSquares * TRUSTED_SHARE ? spread / (to - from) : undefined;
  };
}
