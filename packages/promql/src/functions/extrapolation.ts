/**
 * The observed part of a window: the times of the first and the last sample, ms, and the change of the value between
 * them.
 */
export interface SeenChange {
  readonly start: number;
  readonly end: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Number of samples: at least two, or one if the counter began in the window. */
  readonly count: number;
  readonly firstValue: number;
  readonly change: number;
  readonly counter: boolean;
  /** Start time of the counter, ms, if it is known to be between the window's start and the first sample. */
  readonly began?: number | undefined;
}

/**
 * Returns the factor that extrapolates the change between the first and the last sample to the whole window. The
 * extrapolation reaches an edge of the window if a sample is close to it; otherwise it ends after half the distance of
 * samples. A counter is not extrapolated below zero, nor before its start.
 */
export function extrapolation(seen: SeenChange): number {
  const { start, end, firstTime, lastTime, count, firstValue, change, counter, began } = seen;
  const sampled = (lastTime - firstTime) / 1000;
  const distance = count > 1 ? sampled / (count - 1) : 0;
  const toEnd = beyond((end - lastTime) / 1000, distance);
  if (began !== undefined) return extended((lastTime - began) / 1000, 0, toEnd);
  let toStart = beyond((firstTime - start) / 1000, distance);
  if (counter && change > 0 && firstValue >= 0) toStart = Math.min(toStart, sampled * (firstValue / change));
  return extended(sampled, toStart, toEnd);
}

/**
 * Returns how far a change is extrapolated beyond a sample that is `toEdge` away from the window's edge. All in
 * seconds.
 */
export const beyond = (toEdge: number, distance: number): number => (toEdge >= distance * 1.1 ? distance / 2 : toEdge);

/** Returns the factor for a change over `sampled` seconds that is extrapolated to both sides. */
export const extended = (sampled: number, toStart: number, toEnd: number): number =>
  sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
