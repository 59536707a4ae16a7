/**
 * Do start timestamps say that the counter began anew between two samples (ms, 0 unknown)? A start that equals the
 * previous sample's time counts for deltas only, whose previous start is known and lies before it.
 */
export function isStartReset(previousStart: number, previousTime: number, start: number, time: number): boolean {
  if (start === 0 || start >= time || start < previousTime) return false;
  if (start > previousTime) return true;
  return previousStart <= previousTime && previousStart !== 0 && previousStart !== previousTime;
}

/** Does a sample claim to have begun before the previous one was taken, yet not where that one began? */
export const startsOverlap = (previousStart: number, previousTime: number, start: number): boolean =>
  start !== 0 && start < previousTime && start !== previousStart;
