/**
 * Returns whether the start times of a counter show a reset between two samples (ms, 0 if unknown). A start time that
 * equals the previous sample's time is a reset only for delta metrics, whose previous start time is earlier.
 */
export function isStartReset(previousStart: number, previousTime: number, start: number, time: number): boolean {
  if (start === 0 || start >= time || start < previousTime) return false;
  if (start > previousTime) return true;
  return previousStart <= previousTime && previousStart !== 0 && previousStart !== previousTime;
}

/**
 * Returns whether the start time of a sample is before the previous sample, but is not the previous sample's start
 * time. The two samples then cover overlapping periods.
 */
export const startsOverlap = (previousStart: number, previousTime: number, start: number): boolean =>
  start !== 0 && start < previousTime && start !== previousStart;
