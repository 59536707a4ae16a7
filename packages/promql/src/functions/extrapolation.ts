/** Data of a window: the times in ms of its first and last sample, and the change of the value between them. */
export interface SeenChange {
  readonly start: number;
  readonly end: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Number of samples in the window: at least two, or one if the counter started inside the window. */
  readonly count: number;
  readonly firstValue: number;
  readonly change: number;
  readonly counter: boolean;
  /**
   * Start time of the counter in ms, if the counter is known to have started between the start of the window and the
   * first sample.
   */
  readonly began?: number | undefined;
}

/**
 * Returns the factor by which the change between first and last sample is extrapolated to the whole window. If a sample
 * is close to an edge, extrapolates to this edge, otherwise by half of the distance between samples. A counter is not
 * extrapolated below zero or before its start.
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
 * Returns by how many seconds a change is extrapolated beyond a sample that is `toEdge` seconds away from the edge of
 * the window.
 */
export const beyond = (toEdge: number, distance: number): number => (toEdge >= distance * 1.1 ? distance / 2 : toEdge);

/**
 * Returns the factor by which a change is multiplied to extrapolate it. The change was seen over `sampled` seconds, and
 * is extended by `toStart` and `toEnd` seconds.
 */
export const extended = (sampled: number, toStart: number, toEnd: number): number =>
  sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
