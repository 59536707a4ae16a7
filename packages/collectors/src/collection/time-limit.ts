import type { Clock } from "@narthex/runtime";

/** Result of work that exceeded its time limit. */
export const TIMED_OUT: unique symbol = Symbol("late");

/** A time limit that several tasks share. */
export interface Deadline {
  /** Returns the result of `running`, or TIMED_OUT at the end of the limit. */
  readonly within: <T>(running: Promise<T>) => Promise<T | typeof TIMED_OUT>;
  /** Cancels the timer of the time limit. */
  readonly cancel: () => void;
}

/** Returns a time limit that expires in `limitMs`. */
export function deadline(clock: Clock, limitMs: number): Deadline {
  // Functions that end the wait of tasks at the deadline. Promise.race() would keep memory for each finished task.
  const waiting = new Set<() => void>();
  let isLate = false;
  const within = <T>(running: Promise<T>): Promise<T | typeof TIMED_OUT> =>
    new Promise((resolve, reject) => {
      const end = (): void => resolve(TIMED_OUT);
      waiting.add(end);
      running.then(
        (result) => {
          waiting.delete(end);
          resolve(result);
        },
        (error: unknown) => {
          waiting.delete(end);
          reject(error);
        },
      );
      if (isLate) end();
    });
  const cancel = clock.after(limitMs, () => {
    isLate = true;
    for (const end of waiting) end();
  });
  return { within, cancel };
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
  const { within, cancel } = deadline(clock, limitMs);
  try {
    return await within(running);
  } finally {
    cancel();
  }
}
