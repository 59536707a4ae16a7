import { ServiceError } from "./service-error.ts";

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

/**
 * Sends a request, and repeats it if it fails for a reason that passes. Rejects with the last error.
 * @param pause waits between two attempts, and rejects if the caller has stopped
 */
export async function retried<T>(
  pause: (ms: number) => Promise<void>,
  { attempts, pauseMs, maxPauseMs, isTransient = isOverload }: Retrying,
  send: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const demandedMs = error instanceof ServiceError ? error.retryAfterMs : 0;
      if (attempt >= attempts || demandedMs > maxPauseMs || !isTransient(error)) throw error;
      await pause(Math.max(demandedMs, Math.min(pauseMs * 2 ** (attempt - 1), maxPauseMs)));
    }
  }
}

/** Returns whether a service has refused a request because of its load, or because of a fault of its own. */
export const isOverload = (error: unknown): boolean =>
  error instanceof ServiceError && (error.status === 429 || (error.status >= 500 && error.status !== 501));
