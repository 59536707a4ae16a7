import type { DiscoveryContext } from "../discoverer.ts";
import { AnswerError } from "./answer-error.ts";

/** How often a request is repeated, and the pauses before it is. */
export interface Retrying {
  /** Number of attempts, including the first. */
  readonly attempts: number;
  /** Pause before the second attempt. Each further pause is twice as long as the one before. */
  readonly pauseMs: number;
  /** Longest pause. If the service demands a longer one with `Retry-After`, the request is not repeated. */
  readonly maxPauseMs: number;
  /** Returns whether another attempt can help. Default: isOverload(). */
  readonly isTransient?: (error: unknown) => boolean;
}

/** Sends a request, and repeats it if it fails for a reason that passes. Rejects with the last error. */
export async function retried<T>(
  { clock, signal }: Pick<DiscoveryContext, "clock" | "signal">,
  { attempts, pauseMs, maxPauseMs, isTransient = isOverload }: Retrying,
  send: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const demandedMs = error instanceof AnswerError ? error.retryAfterMs : 0;
      if (attempt >= attempts || demandedMs > maxPauseMs || signal.aborted || !isTransient(error)) throw error;
      await clock.sleep(Math.max(demandedMs, Math.min(pauseMs * 2 ** (attempt - 1), maxPauseMs)), signal);
    }
  }
}

/** Returns whether a service has refused a request because of its load, or because of a fault of its own. */
export const isOverload = (error: unknown): boolean =>
  error instanceof AnswerError && (error.status === 429 || (error.status >= 500 && error.status !== 501));
