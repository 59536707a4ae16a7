/** Time of a fixed loop, ms, median of 5: the current speed of this machine, to be read with every absolute figure. */
export const calibrate = (): number => median(Array.from({ length: 5 }, () => fixedLoop(50_000_000)));

/** Time of a fixed loop with this number of steps, ms. */
export function fixedLoop(steps: number): number {
  const started = performance.now();
  let x = 1;
  for (let i = 0; i < steps; i++) x = (x * 1_664_525 + 1_013_904_223) >>> 0;
  if (x === 0) throw new Error("unreachable, keeps the loop alive");
  return performance.now() - started;
}

/** The median; the mean of the middle two for an even number of values; NaN for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
