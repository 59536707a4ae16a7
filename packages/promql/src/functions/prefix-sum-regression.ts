/**
 * Computes least-squares lines for windows of evenly spaced samples, in constant time for each window. Uses running
 * sums of y and of i·y for sample index i. Each sum is a pair of doubles: a rounded sum and its error (Dekker, Knuth).
 * The memory is reused for the next series.
 */
export class PrefixSumRegression {
  /** Slope and intercept, as computed by fit(). */
  slope = 0;
  intercept = 0;
  readonly #sums = new PairSums();
  readonly #products = new PairSums();
  #magnitudes = new Float64Array(0);
  /** For each sample, the index at which its run of equal values begins. */
  #equalFrom = new Int32Array(0);
  #minProducts = 0;

  /** Computes the running sums. Returns false if there are too many values, or values that are not finite. */
  build(values: Float64Array, count: number): boolean {
    if (count > MAX_SAMPLES) return false;
    this.#reserve(count);
    const [sums, products] = [this.#sums, this.#products];
    const [{ high: y, low: yRest }, { high: iy, low: iyRest }] = [sums, products];
    const [magnitudes, equalFrom] = [this.#magnitudes, this.#equalFrom];
    let [sum, rest, product, productRest, magnitude, equal] = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      if (i > 0 && value !== values[i - 1]) equal = i;
      equalFrom[i] = equal;
      magnitude += Math.abs(value);
      magnitudes[i + 1] = magnitude;

      const total = sum + value;
      const shadow = total - sum;
      rest += sum - (total - shadow) + (value - shadow);
      sum = total + rest;
      rest -= sum - total;
      y[i + 1] = sum;
      yRest[i + 1] = rest;

      // Splits a value into two halves (Veltkamp's method), because the product of a half and a small integer is exact.
      const scaled = SPLITTER * value;
      const upper = scaled - (scaled - value);
      const more = i * upper;
      const products = product + more;
      const productShadow = products - product;
      productRest += product - (products - productShadow) + (more - productShadow) + i * (value - upper);
      product = products + productRest;
      productRest -= product - products;
      iy[i + 1] = product;
      iyRest[i + 1] = productRest;
    }
    this.#minProducts = magnitude * count * TRUSTED_OF_ALL;
    return magnitude > MIN_MAGNITUDE && magnitude < MAX_MAGNITUDE;
  }

  /**
   * Fits a line through the samples from … to-1. The samples are `distance` s apart, and the first of them is `offset`
   * s after the origin. `sumX` and `sumX2` are the sums of the times and of their squares. Returns false if
   * cancellation makes the result inaccurate.
   */
  fit(from: number, to: number, { distance, offset, sumX, sumX2 }: EvenAxis): boolean {
    const n = to - from;
    // Refuses a window of equal values. The slope must then be exactly 0, and only the class Line guarantees that.
    if (this.#equalFrom[to - 1]! <= from) return false;
    const [sums, products] = [this.#sums, this.#products];
    sums.subtract(from, to);
    products.subtract(from, to);
    // Computes Σ (i - from)·y. The product of `from` and each half is exact.
    const scaled = SPLITTER * sums.difference;
    const upper = scaled - (scaled - sums.difference);
    const a = products.difference;
    const b = -from * upper;
    const first = a + b;
    const firstShadow = first - a;
    const c = -from * (sums.difference - upper);
    const second = first + c;
    const secondShadow = second - first;
    const shifted =
      second +
      (a -
        (first - firstShadow) +
        (b - firstShadow) +
        (first - (second - secondShadow) + (c - secondShadow)) +
        (products.rest - from * sums.rest));
    const sumY = sums.difference + sums.rest;
    if (Math.abs(shifted) < this.#minProducts) return false;

    const covariance = distance * shifted + offset * sumY - (sumX * sumY) / n;
    const reach = Math.max(Math.abs(offset), Math.abs(offset + (n - 1) * distance));
    const magnitude = (this.#magnitudes[to]! - this.#magnitudes[from]!) * reach;
    if (!(Math.abs(covariance) > magnitude * TRUSTED_OF_WINDOW)) return false;
    const slope = covariance / (sumX2 - (sumX * sumX) / n);
    this.slope = slope;
    this.intercept = sumY / n - (slope * sumX) / n;
    return true;
  }

  #reserve(count: number): void {
    if (this.#magnitudes.length > count) return;
    const size = count * 2 + 1;
    this.#sums.reserve(size);
    this.#products.reserve(size);
    this.#magnitudes = new Float64Array(size);
    this.#equalFrom = new Int32Array(size);
  }
}

/** The times (x values) of the samples in a window, in seconds. */
export interface EvenAxis {
  readonly distance: number;
  readonly offset: number;
  readonly sumX: number;
  readonly sumX2: number;
}

/** Running sums as pairs of doubles. The sum of the first `i` values is high[i] + low[i]. */
class PairSums {
  high = new Float64Array(0);
  low = new Float64Array(0);
  /** First double of the difference that subtract() has computed. `rest` is the second double. */
  difference = 0;
  rest = 0;

  reserve(size: number): void {
    this.high = new Float64Array(size);
    this.low = new Float64Array(size);
  }

  subtract(from: number, to: number): void {
    const a = this.high[to]!;
    const b = -this.high[from]!;
    const total = a + b;
    const shadow = total - a;
    this.difference = total;
    this.rest = a - (total - shadow) + (b - shadow) + (this.low[to]! - this.low[from]!);
  }
}

const SPLITTER = 2 ** 27 + 1;
/** Maximum number of samples. Up to this number, the product of an index and half of a double's digits is exact. */
const MAX_SAMPLES = 2 ** 20;
/**
 * Upper limit of the sum of absolute values. Below this limit nothing overflows, and no relevant product underflows.
 */
const MAX_MAGNITUDE = 2 ** 900;
const MIN_MAGNITUDE = 2 ** -400;
/**
 * Smallest share of a window's products in the sum of all products for which the result is used. The rounding error is
 * 2^-79 of the sum of all products.
 */
const TRUSTED_OF_ALL = 2 ** -26;
/**
 * Smallest share of the covariance in a window's products for which the result is used. Below it, rounding errors would
 * be visible.
 */
const TRUSTED_OF_WINDOW = 2 ** -9;
