/** Time of a fixed loop, ms, median of 5: says how fast this machine is right now, beside any absolute figure. */
export const calibrate = (): number => median(Array.from({ length: 5 }, () => fixedLoop(50_000_000)));

/** Time of so many steps of a fixed loop, ms. */
export function fixedLoop(steps: number): number {
  const started = performance.now();
  let x = 1;
  for (let i = 0; i < steps; i++) x = (x * 1_664_525 + 1_013_904_223) >>> 0;
  if (x === 0) throw new Error("unreachable, keeps the loop alive");
  return performance.now() - started;
}

/** The middle of an odd number of values, the mean of the middle two of an even one; NaN of none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
