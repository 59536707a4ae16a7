/** Mean and variance of the values in a moving window. Each value is added and removed once. */
class WindowMoments {
  private count = 0;
  private mean = 0;
  private squares = 0;
  /** Sum of the infinite values and NaNs in the window. Once the sum is NaN, it stays NaN. */
  private odd = 0;
  private odds = 0;

  add(value: number): void {
    if (!Number.isFinite(value)) {
      this.odd += value;
      this.odds++;
      return;
    }
    const difference = value - this.mean;
    this.mean += difference / ++this.count;
    this.squares += difference * (value - this.mean);
  }

  remove(value: number): void {
    if (!Number.isFinite(value)) {
      this.odd -= value;
      this.odds--;
      return;
    }
    if (this.count <= 1) {
      this.count = 0;
      this.mean = 0;
      this.squares = 0;
      return;
    }
    const difference = value - this.mean;
    this.mean -= difference / --this.count;
    this.squares -= difference * (value - this.mean);
  }

  /** Returns the mean, variance or standard deviation of the window; zero for a window without values. */
  result(reducer: string): number {
    if (reducer !== "mean" && this.odds > 0) return NaN;
    if (reducer === "mean" && this.odd !== 0 && this.count + this.odds > 0) return this.odd;
    if (this.count === 0) return 0;
    if (reducer === "mean") return this.mean;
    const variance = Math.max(0, this.squares / this.count);
    return reducer === "stdDev" ? Math.sqrt(variance) : variance;
  }
}

/**
 * Returns the mean, variance or standard deviation (`mean`, `variance`, `stdDev`) of a window of rows for each row. The
 * window ends at the row or is centred on it, and is shorter at the ends of the column. Rows without a value are left
 * out.
 */
export function movingWindow(
  values: Float64Array,
  nulls: Uint8Array | undefined,
  reducer: string,
  size: number,
  isCentered: boolean,
): Float64Array {
  const ahead = isCentered ? Math.ceil(size / 2) - 1 : 0;
  const behind = isCentered ? Math.floor(size / 2) : size - 1;
  const results = new Float64Array(values.length);
  const moments = new WindowMoments();
  let next = 0;
  let first = 0;
  const isThere = (row: number): boolean => nulls?.[row] !== 1;
  for (let row = 0; row < values.length; row++) {
    for (; next < values.length && next <= row + ahead; next++) if (isThere(next)) moments.add(values[next]!);
    for (; first < row - behind; first++) if (isThere(first)) moments.remove(values[first]!);
    results[row] = moments.result(reducer);
  }
  return results;
}
