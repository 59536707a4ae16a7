/** The pauses between tries of one request. */
export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Returns the pause after a try, and the base of the next pause. A pause requested by the receiver takes precedence.
 */
export function nextPause(
  beforeMs: number,
  retryAfterMs: number,
  { maxMs }: BackoffLimits,
): { readonly pauseMs: number; readonly nextMs: number } {
  const pauseMs = retryAfterMs > 0 ? retryAfterMs : beforeMs;
  return { pauseMs, nextMs: Math.min(maxMs, pauseMs * 2) };
}
