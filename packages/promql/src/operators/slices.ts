import type { Evaluation } from "../evaluation.ts";

/** Number of items after which mapInSlices() checks whether other work should run. */
const SLICE = 512;

/**
 * Computes `list.map`, and lets other work run regularly. Computing the labels of 100,000 series without a break would
 * block the thread for too long.
 */
export async function mapInSlices<T, R>(
  list: readonly T[],
  evaluation: Evaluation,
  compute: (item: T, index: number) => R,
): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < list.length; from += SLICE) {
    const to = Math.min(list.length, from + SLICE);
    for (let i = from; i < to; i++) results.push(compute(list[i]!, i));
    const pause = evaluation.yieldToEventLoop();
    if (pause !== undefined) await pause;
  }
  return results;
}
