/**
 * Least squares through windows of evenly spaced samples, in constant time each: from running sums of y and of i·y, i the
 * number of a sample, kept as a double and what that leaves out (Dekker, Knuth). Memory is used again from series to
 * series.
 */
export class PrefixSumRegression {
  /** What fit() found. */
  slope = 0;
  intercept = 0;
  readonly #sums = new PairSums();
  readonly #products = new PairSums();
  #magnitudes = new Float64Array(0);
  /** Where the run of equal values begins that each is of. */
  #equalFrom = new Int32Array(0);
  #leastProducts = 0;

  /** False where values are not finite or too many. */
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

      // Either half of a value times a whole number that is not too large is exact (Veltkamp).
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
    this.#leastProducts = magnitude * count * TRUSTED_OF_ALL;
    return magnitude > MIN_MAGNITUDE && magnitude < MAX_MAGNITUDE;
  }

  /**
   * Through slots from … to-1: times are `distance` s apart, the first one `offset` s behind the origin; `sumX` and
   * `sumX2` are of those. False where so much cancels out that digits depend on the order in which one adds up.
   */
  fit(from: number, to: number, { distance, offset, sumX, sumX2 }: EvenAxis): boolean {
    const n = to - from;
    // A flat line has slope 0 exactly: see Line.
    if (this.#equalFrom[to - 1]! <= from) return false;
    const [sums, products] = [this.#sums, this.#products];
    sums.subtract(from, to);
    products.subtract(from, to);
    // Σ (i - from)·y: from times either half is exact again.
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
    if (Math.abs(shifted) < this.#leastProducts) return false;

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

/** The x of a window, s. */
export interface EvenAxis {
  readonly distance: number;
  readonly offset: number;
  readonly sumX: number;
  readonly sumX2: number;
}

/** Running sums, each as two doubles: the first `i` values add up to high[i] + low[i]. */
class PairSums {
  high = new Float64Array(0);
  low = new Float64Array(0);
  /** What subtract() found, as two doubles. */
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
/** Numbers of samples times half a double are exact. */
const MAX_SAMPLES = 2 ** 20;
/** Nothing overflows, nothing that counts underflows. */
const MAX_MAGNITUDE = 2 ** 900;
const MIN_MAGNITUDE = 2 ** -400;
/** Share of all products that those of a window must have: what is lost of all is 2^-79. */
const TRUSTED_OF_ALL = 2 ** -26;
/** Share of the products of a window that their covariance must have: below, the rounding of each would show. */
const TRUSTED_OF_WINDOW = 2 ** -9;
