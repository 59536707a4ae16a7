/**
 * Do start timestamps show a reset of the counter between two samples (ms, 0 unknown)? A start equal to the previous
 * sample's time counts only for deltas, whose previous start is known and earlier.
 */
export function isStartReset(previousStart: number, previousTime: number, start: number, time: number): boolean {
  if (start === 0 || start >= time || start < previousTime) return false;
  if (start > previousTime) return true;
  return previousStart <= previousTime && previousStart !== 0 && previousStart !== previousTime;
}

/** Is a sample's start before the time of the previous one, but different from that one's start? */
export const startsOverlap = (previousStart: number, previousTime: number, start: number): boolean =>
  start !== 0 && start < previousTime && start !== previousStart;
