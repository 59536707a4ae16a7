import type { Clock } from "@narthex/runtime";

/** Stands for an answer that did not come in time. */
export const LATE: unique symbol = Symbol("late");

/** What `running` resolves to, or LATE after `limitMs`; the work itself goes on and is nobody's any more. */
export async function withinLimit<T>(clock: Clock, limitMs: number, running: Promise<T>): Promise<T | typeof LATE> {
  const { promise, resolve } = Promise.withResolvers<typeof LATE>();
  const cancel = clock.after(limitMs, () => resolve(LATE));
  try {
    return await Promise.race([running, promise]);
  } finally {
    cancel();
  }
}
