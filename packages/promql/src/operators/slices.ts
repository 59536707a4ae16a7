import type { Evaluation } from "../evaluation.ts";

/** Number of items processed before a check whether to yield. */
const SLICE = 512;

/** `list.map` that yields regularly: labels of 100,000 series take longer than a thread may be occupied. */
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
