/** Limits of the pause between two tries of a request. */
export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Returns the pause after a failed try, and the pause after the next one. A pause that the receiver requests takes
 * precedence.
 */
export function nextPause(
  beforeMs: number,
  retryAfterMs: number,
  { maxMs }: BackoffLimits,
): { readonly pauseMs: number; readonly nextMs: number } {
  const pauseMs = retryAfterMs > 0 ? retryAfterMs : beforeMs;
  return { pauseMs, nextMs: Math.min(maxMs, pauseMs * 2) };
}
