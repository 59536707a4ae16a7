/**
 * Returns whether the start times of a counter show a reset between two samples (ms, 0 if unknown). A start equal to
 * the previous sample's time is a reset only for delta metrics, in which the previous start is earlier.
 */
export function isStartReset(previousStart: number, previousTime: number, start: number, time: number): boolean {
  if (start === 0 || start >= time || start < previousTime) return false;
  if (start > previousTime) return true;
  return previousStart <= previousTime && previousStart !== 0 && previousStart !== previousTime;
}

/**
 * Returns whether a sample claims an overlapping period: its start time is before the previous sample, and not the
 * start time of that sample.
 */
export const startsOverlap = (previousStart: number, previousTime: number, start: number): boolean =>
  start !== 0 && start < previousTime && start !== previousStart;
