/**
 * Smallest share of a window's sum in the total sum for which the result is used. The error of such a result is far
 * below the precision of a double.
 */
const TRUSTED_SHARE = 2 ** -44;

/**
 * Computes the sum of any consecutive samples of a series in constant time, with an error of about 2^-100 of the total.
 * Running sums are pairs of doubles with 106 bits (Dekker, Knuth).
 */
export class PrefixSums {
  #high = new Float64Array(0);
  #low = new Float64Array(0);
  #trusted = 0;
  /**
   * At index i, the numbers of NaN, Infinity and -Infinity among the first i values. Undefined if all values are
   * finite.
   */
  #notFinite: { readonly nan: Uint32Array; readonly plus: Uint32Array; readonly minus: Uint32Array } | undefined;

  /** Computes the running sums. Returns false if they overflow; then each window must be summed separately. */
  build(values: Float64Array, count: number): boolean {
    this.#notFinite = undefined;
    if (this.#high.length <= count) {
      this.#high = new Float64Array(count * 2 + 1);
      this.#low = new Float64Array(count * 2 + 1);
    }
    const [high, low] = [this.#high, this.#low];
    let sum = 0;
    let rest = 0;
    let magnitude = 0;
    high[0] = low[0] = 0;
    for (let i = 0; i < count; i++) {
      let value = values[i]!;
      if (!Number.isFinite(value)) {
        if (this.#notFinite === undefined) this.#countNotFinite(values, count);
        // Adds 0 for a value that is not finite, because #notFinite counts such values separately.
        value = 0;
      }
      const total = sum + value;
      const shadow = total - sum;
      rest += sum - (total - shadow) + (value - shadow);
      sum = total + rest;
      rest -= sum - total;
      high[i + 1] = sum;
      low[i + 1] = rest;
      magnitude += Math.abs(value);
    }
    this.#trusted = magnitude * TRUSTED_SHARE;
    return Number.isFinite(magnitude) && Number.isFinite(sum);
  }

  #countNotFinite(values: Float64Array, count: number): void {
    const [nan, plus, minus] = [new Uint32Array(count + 1), new Uint32Array(count + 1), new Uint32Array(count + 1)];
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      nan[i + 1] = nan[i]! + (Number.isNaN(value) ? 1 : 0);
      plus[i + 1] = plus[i]! + (value === Infinity ? 1 : 0);
      minus[i + 1] = minus[i]! + (value === -Infinity ? 1 : 0);
    }
    this.#notFinite = { nan, plus, minus };
  }

  /** Returns the sum of the samples `from` … `to`-1 if at least one of them is not finite, otherwise undefined. */
  #sumOfNotFinite(from: number, to: number): number | undefined {
    if (this.#notFinite === undefined) return undefined;
    const { nan, plus, minus } = this.#notFinite;
    const hasPlus = plus[to]! > plus[from]!;
    const hasMinus = minus[to]! > minus[from]!;
    if (nan[to]! > nan[from]! || (hasPlus && hasMinus)) return NaN;
    return hasPlus ? Infinity : hasMinus ? -Infinity : undefined;
  }

  /**
   * Returns the sum of the samples `from` … `to`-1. Returns undefined if cancellation makes it inaccurate; the samples
   * must then be added directly.
   */
  sum(from: number, to: number): number | undefined {
    const notFinite = this.#sumOfNotFinite(from, to);
    if (notFinite !== undefined) return notFinite;
    const a = this.#high[to]!;
    const b = -this.#high[from]!;
    const total = a + b;
    const shadow = total - a;
    const result = total + (a - (total - shadow) + (b - shadow) + (this.#low[to]! - this.#low[from]!));
    return Math.abs(result) >= this.#trusted ? result : undefined;
  }
}
