/** The pauses between tries of one request. */
export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/** What to wait after a try, and what to begin with after the next: the receiver's own wish comes first. */
export function nextPause(
  beforeMs: number,
  retryAfterMs: number,
  { maxMs }: BackoffLimits,
): { readonly pauseMs: number; readonly nextMs: number } {
  const pauseMs = retryAfterMs > 0 ? retryAfterMs : beforeMs;
  return { pauseMs, nextMs: Math.min(maxMs, pauseMs * 2) };
}
