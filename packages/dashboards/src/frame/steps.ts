/** A task in steps: the caller may do other work between them. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs all steps of a task without a pause, and returns its result. */
export function runToEnd<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
