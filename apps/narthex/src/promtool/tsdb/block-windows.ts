const TWO_HOURS_MS = 7_200_000;
const RANGE_FACTOR = 3;
const RANGES = 10;

/** The longest block promtool makes for a limit: 2 h · 3^k as far as it allows, at least 2 h. */
export function blockDuration(maxMs: number): number {
  let duration = TWO_HOURS_MS;
  for (let i = 1; i < RANGES && duration * RANGE_FACTOR <= maxMs; i++) duration *= RANGE_FACTOR;
  return duration;
}

/** Start of the aligned window a time lies in; before 1970 the one above it, as promtool has it. */
export const windowStart = (time: number, duration: number): number => Math.trunc(time / duration) * duration;
