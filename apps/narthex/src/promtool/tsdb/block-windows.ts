const TWO_HOURS_MS = 7_200_000;
const RANGE_FACTOR = 3;
const RANGES = 10;

/**
 * Returns the duration of blocks that promtool creates for a limit: the longest of 2 h · 3^k within the limit, at least
 * 2 h.
 */
export function blockDuration(maxMs: number): number {
  let duration = TWO_HOURS_MS;
  for (let i = 1; i < RANGES && duration * RANGE_FACTOR <= maxMs; i++) duration *= RANGE_FACTOR;
  return duration;
}

/**
 * Returns the start of the aligned window that contains a time. For times before 1970 it is the start of the next
 * window, as in promtool.
 */
export const windowStart = (time: number, duration: number): number => Math.trunc(time / duration) * duration;
