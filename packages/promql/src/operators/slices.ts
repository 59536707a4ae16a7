import type { Evaluation } from "../evaluation.ts";

/** Items worked on before anyone asks whether the thread's other work waits. */
const SLICE = 512;

/** `list.map`, with a pause for others now and then: labels of 100,000 series take longer than a thread may be held. */
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
