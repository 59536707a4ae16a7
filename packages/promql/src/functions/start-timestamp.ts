/**
 * Returns whether start timestamps show a reset of the counter between two samples (ms, 0 unknown). A start equal to
 * the previous sample's time is a reset only for deltas: the previous start is then known and earlier than that time.
 */
export function isStartReset(previousStart: number, previousTime: number, start: number, time: number): boolean {
  if (start === 0 || start >= time || start < previousTime) return false;
  if (start > previousTime) return true;
  return previousStart <= previousTime && previousStart !== 0 && previousStart !== previousTime;
}

/**
 * Returns whether a sample's start is before the time of the previous sample, but differs from the start of the
 * previous sample.
 */
export const startsOverlap = (previousStart: number, previousTime: number, start: number): boolean =>
  start !== 0 && start < previousTime && start !== previousStart;
