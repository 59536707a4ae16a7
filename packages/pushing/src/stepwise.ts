import type { Steps } from "@narthex/runtime";

/** Metrics of a large push that are worked on in one step. */
export const METRICS_PER_STEP = 1000;

/** Runs a task, yielding to the event loop after each of its steps: other requests are served between them. */
export async function runStepwise<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
