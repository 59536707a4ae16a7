import type { Clock } from "@narthex/runtime";

/** The result of work that did not end in time. */
export const TIMED_OUT: unique symbol = Symbol("late");

/** A moment at which work that several tasks wait for is too late. */
export interface Deadline {
  readonly late: Promise<typeof TIMED_OUT>;
  /** Ends the wait for the moment. */
  readonly cancel: () => void;
}

/** Returns the moment in `limitMs`. */
export function deadline(clock: Clock, limitMs: number): Deadline {
  const { promise, resolve } = Promise.withResolvers<typeof TIMED_OUT>();
  return { late: promise, cancel: clock.after(limitMs, () => resolve(TIMED_OUT)) };
}

/**
 * Returns the result of `running`, or TIMED_OUT after `limitMs`. The work itself continues and its result is dropped.
 */
export async function withinLimit<T>(
  clock: Clock,
  limitMs: number,
  running: Promise<T>,
): Promise<T | typeof TIMED_OUT> {
  const { late, cancel } = deadline(clock, limitMs);
  try {
    return await Promise.race([running, late]);
  } finally {
    cancel();
  }
}
