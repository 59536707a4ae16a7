import type { Clock } from "@narthex/runtime";

/** A request that took too long; the message is that of Go. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** Resolves with the result of `work`. Rejects with a DeadlineError after `ms`; the work is then not cancelled. */
export async function withinDeadline<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  const isOver = new AbortController();
  const late = clock.sleep(ms, isOver.signal).then((): never => {
    throw new DeadlineError("context deadline exceeded");
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    isOver.abort(new Error("over"));
  }
}
