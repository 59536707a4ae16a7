/** Returns the median time in ms of five fixed loops. The time shows the current speed of the machine. */
export const calibrate = (): number => median(Array.from({ length: 5 }, () => fixedLoop(50_000_000)));

/** Returns the time in ms of a loop with this number of steps. */
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
