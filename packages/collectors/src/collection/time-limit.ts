import type { Clock } from "@narthex/runtime";

/** Result of work that exceeded its time limit. */
export const TIMED_OUT: unique symbol = Symbol("late");

/** A time limit that several tasks share. */
export interface Deadline {
  readonly late: Promise<typeof TIMED_OUT>;
  /** Cancels the timer of the time limit. */
  readonly cancel: () => void;
}

/** Returns a time limit that expires in `limitMs`. */
export function deadline(clock: Clock, limitMs: number): Deadline {
  const { promise, resolve } = Promise.withResolvers<typeof TIMED_OUT>();
  return { late: promise, cancel: clock.after(limitMs, () => resolve(TIMED_OUT)) };
}

/**
 * Returns the result of `running`, or TIMED_OUT after `limitMs`. After a timeout the work continues, and its result is
 * dropped.
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
