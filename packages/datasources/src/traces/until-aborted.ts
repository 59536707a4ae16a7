import { reasonOf, type Steps } from "@narthex/runtime";

/** Runs a task in steps, and ends it with the signal's reason if its client disconnects. */
export function* untilAborted<T>(steps: Steps<T>, signal: AbortSignal): Steps<T> {
  for (;;) {
    if (signal.aborted) throw reasonOf(signal);
    const step = steps.next();
    if (step.done === true) return step.value;
    yield;
  }
}
