import type { Clock } from "@narthex/runtime";

/** The result of work that did not end in time. */
export const TIMED_OUT: unique symbol = Symbol("late");

/**
 * Returns the result of `running`, or TIMED_OUT after `limitMs`. The work itself continues and its result is dropped.
 */
export async function withinLimit<T>(
  clock: Clock,
  limitMs: number,
  running: Promise<T>,
): Promise<T | typeof TIMED_OUT> {
  const { promise, resolve } = Promise.withResolvers<typeof TIMED_OUT>();
  const cancel = clock.after(limitMs, () => resolve(TIMED_OUT));
  try {
    return await Promise.race([running, promise]);
  } finally {
    cancel();
  }
}
