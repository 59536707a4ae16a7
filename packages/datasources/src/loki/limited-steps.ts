import { type Clock, reasonOf, type Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";

interface StepLimits {
  readonly clock: Clock;
  /** If aborted, the task ends with the signal's reason. */
  readonly signal: AbortSignal;
  /** Maximum time from the first step of the task to its last step, ms. */
  readonly timeoutMs: number;
}

/**
 * Runs a task on log lines. Ends the task if its client disconnects, and throws QueryFailure if the task takes too
 * long.
 */
export function* limitedSteps<T>(steps: Steps<T>, { clock, signal, timeoutMs }: StepLimits): Steps<T> {
  const end = clock.monotonic() + timeoutMs;
  for (;;) {
    if (signal.aborted) throw reasonOf(signal);
    if (clock.monotonic() > end) throw new QueryFailure(504, tooLong(timeoutMs));
    const step = steps.next();
    if (step.done === true) return step.value;
    yield;
  }
}

const tooLong = (timeoutMs: number): string =>
  `the search for derived fields took more than ${timeoutMs / 1000} s; ask for fewer lines or simplify the patterns of the fields`;
