/** Minimum and maximum time between two attempts to send a request. */
export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Returns the time until the next attempt, and the time to wait after that attempt if it fails. A time that the
 * receiver asks for takes precedence.
 */
export function nextPause(
  beforeMs: number,
  retryAfterMs: number,
  { maxMs }: BackoffLimits,
): { readonly pauseMs: number; readonly nextMs: number } {
  const pauseMs = retryAfterMs > 0 ? retryAfterMs : beforeMs;
  return { pauseMs, nextMs: Math.min(maxMs, pauseMs * 2) };
}
