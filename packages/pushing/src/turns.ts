/** Work on a body that may be large: it pauses where other requests may have their turn. */
export type Steps<T> = Generator<undefined, T>;

/** Does the work with other requests in its pauses; work without a pause is done at once. */
export async function inTurns<T>(work: Steps<T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Does the work without a pause. */
export function atOnce<T>(work: Steps<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Metrics that are worked on between two pauses. */
export const METRICS_PER_TURN = 1000;
