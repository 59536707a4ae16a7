import type { Clock } from "@narthex/runtime";

/** Somebody who took too long; the message is what Go says of that. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** What `work` resolves with. Rejects with a DeadlineError after `ms`, whatever keeps it waiting; the work is left to itself then. */
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
