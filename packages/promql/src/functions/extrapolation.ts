/** What was seen of a window: both ends of its samples, ms, and how the value changed between them. */
export interface SeenChange {
  readonly start: number;
  readonly end: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** At least two, or one of a counter that began in the window. */
  readonly count: number;
  readonly firstValue: number;
  readonly change: number;
  readonly counter: boolean;
  /** When the counter began, where that is known to have been between the start and the first sample. */
  readonly began?: number | undefined;
}

/**
 * How much the change between the first and the last sample stands for in the whole window. Ends close to a sample
 * count in full, ends further off by half a sample distance; a counter is never extended below zero, nor beyond its
 * beginning.
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

/** How far beyond a sample a change is taken to go on where its window ends so far off: all in seconds. */
export const beyond = (toEdge: number, distance: number): number => (toEdge >= distance * 1.1 ? distance / 2 : toEdge);

/** What a change over so many seconds stands for where it goes on for some before and behind these. */
export const extended = (sampled: number, toStart: number, toEnd: number): number =>
  sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
