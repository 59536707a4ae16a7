import type { Clock } from "@narthex/runtime";

/** Error of a request that took too long. The message is the same as Go's. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** Resolves with the result of `work`. After `ms`, rejects with a DeadlineError without cancelling `work`. */
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
