import { type Clock, reasonOf, type Steps } from "@narthex/runtime";
import { QueryFailure } from "./query-failure.ts";

interface TimeLimit {
  readonly clock: Clock;
  /** Maximum time from the first step of the task to its last step, ms. */
  readonly timeoutMs: number;
  /** Message for a task that takes too long. */
  readonly message: string;
}

/**
 * Runs a task on an answer in steps. Ends the task with the signal's reason if its client disconnects, and throws
 * QueryFailure if the task takes longer than its limit.
 */
export function* abortableSteps<T>(steps: Steps<T>, signal: AbortSignal, limit?: TimeLimit): Steps<T> {
  const end = limit && limit.clock.monotonic() + limit.timeoutMs;
  for (;;) {
    if (signal.aborted) throw reasonOf(signal);
    if (limit !== undefined && limit.clock.monotonic() > end!) throw new QueryFailure(504, limit.message);
    const step = steps.next();
    if (step.done === true) return step.value;
    yield;
  }
}
