import { PrefixSums } from "./prefix-sums.ts";
import { KahanSum } from "./kahan.ts";

const mean = new KahanSum();
const squares = new KahanSum();

/** Returns the population variance of the samples from … to-1, by Welford's method with compensated sums. */
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

/**
 * Smallest share of a variance in the sum of squares for which the result is used. Below it, rounding errors would be
 * visible.
 */
const TRUSTED_SHARE = 2 ** -10;

const SPLITTER = 2 ** 27 + 1;

/** Computes variances of windows from running sums of the values' deviations and of their squares. */
export class PrefixSumVariance {
  readonly #sums = new PrefixSums();
  readonly #squareSums = new PrefixSums();
  #deviations = new Float64Array(0);
  /** The square of each deviation as a double and its rounding error (Veltkamp, Dekker). */
  #parts = new Float64Array(0);

  /** Computes the running sums. Returns false if a deviation, a square or a sum of finite values overflows. */
  build(values: Float64Array, count: number): boolean {
    if (this.#deviations.length < count) {
      this.#deviations = new Float64Array(count * 2);
      this.#parts = new Float64Array(count * 4);
    }
    const [deviations, parts] = [this.#deviations, this.#parts];
    let pivot = 0;
    for (let i = 0; i < count; i++) if (Number.isFinite(values[i]!)) pivot += values[i]! / count;
    for (let i = 0; i < count; i++) {
      const deviation = values[i]! - pivot;
      const square = deviation * deviation;
      if (Number.isFinite(values[i]!) && !Number.isFinite(square)) return false;
      const scaled = SPLITTER * deviation;
      const high = scaled - (scaled - deviation);
      const low = deviation - high;
      deviations[i] = deviation;
      parts[i * 2] = square;
      parts[i * 2 + 1] = low * low - (square - high * high - 2 * high * low);
    }
    return this.#sums.build(deviations, count) && this.#squareSums.build(parts, count * 2);
  }

  /**
   * Returns the variance of the samples `from` … `to`-1 in constant time. Returns undefined if cancellation makes it
   * inaccurate.
   */
  of(from: number, to: number): number | undefined {
    const total = this.#sums.sum(from, to);
    if (total !== undefined && !Number.isFinite(total)) return NaN;
    const totalSquares = this.#squareSums.sum(from * 2, to * 2);
    if (total === undefined || totalSquares === undefined) return undefined;
    const spread = totalSquares - (total * total) / (to - from);
    return spread > totalSquares * TRUSTED_SHARE ? spread / (to - from) : undefined;
  }
}
