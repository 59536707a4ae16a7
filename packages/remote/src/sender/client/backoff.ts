/** Shortest and longest time between two attempts to send a request. */
export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Returns the time until the next attempt, and the longer time that follows if that attempt also fails. A time that the
 * receiver requests takes precedence.
 */
export function nextPause(
  beforeMs: number,
  retryAfterMs: number,
  { maxMs }: BackoffLimits,
): { readonly pauseMs: number; readonly nextMs: number } {
  const pauseMs = retryAfterMs > 0 ? retryAfterMs : beforeMs;
  return { pauseMs, nextMs: Math.min(maxMs, pauseMs * 2) };
}
