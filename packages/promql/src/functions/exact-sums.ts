/** Sums of any stretch of a series in constant time, exact to about 2^-100 of all that was added up. */
export interface StretchSums {
  /**
   * The sum of slots from … to-1, or undefined where so much cancels out that it has to be added up anew.
   */
  sum(from: number, to: number): number | undefined;
}

/** Share of everything added up that a result must have, so that its error stays far below that of a double. */
const TRUSTED_SHARE = 2 ** -44;

/**
 * Running sums as pairs of doubles whose unevaluated sum is exact to 106 bits (Dekker, Knuth). Undefined when a value is
 * not finite or the sums overflow: such a series is added up window by window.
 */
export function stretchSums(values: Float64Array, count: number): StretchSums | undefined {
  const high = new Float64Array(count + 1);
  const low = new Float64Array(count + 1);
  let sum = 0;
  let rest = 0;
  let magnitude = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    const total = sum + value;
    const shadow = total - sum;
    rest += sum - (total - shadow) + (value - shadow);
    sum = total + rest;
    rest -= sum - total;
    high[i + 1] = sum;
    low[i + 1] = rest;
    magnitude += Math.abs(value);
  }
  // Infinities and NaN all end up here.
  if (!Number.isFinite(magnitude) || !Number.isFinite(sum)) return undefined;
  const trusted = magnitude * TRUSTED_SHARE;
  return {
    sum(from, to) {
      const a = high[to]!;
      const b = -high[from]!;
      const total = a + b;
      const shadow = total - a;
      const result = total + (a - (total - shadow) + (b - shadow) + (low[to]! - low[from]!));
      return Math.abs(result) >= trusted ? result : undefined;
    },
  };
}
