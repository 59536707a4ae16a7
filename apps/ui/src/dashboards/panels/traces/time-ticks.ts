/** The part of a trace that is shown: start and end, ms after the start of the trace. */
export interface ViewRange {
  readonly from: number;
  readonly to: number;
}

/** Returns the times of the ticks of an axis, in equal steps: the first at the start and the last at the end. */
export const timeTicks = ({ from, to }: ViewRange, count: number): readonly number[] =>
  Array.from({ length: count + 1 }, (_, at) => from + ((to - from) * at) / count);

/** Returns a range within the trace with at least a thousandth of its duration; the ends may be in any order. */
export function limitedRange(a: number, b: number, duration: number): ViewRange {
  const least = duration / 1000;
  const from = Math.min(Math.max(0, Math.min(a, b)), duration - least);
  const to = Math.max(Math.min(duration, Math.max(a, b)), from + least);
  return { from, to };
}

/** Returns the position of a time in a range, percent. */
export const percentOf = (time: number, { from, to }: ViewRange): number =>
  to <= from ? 0 : ((time - from) / (to - from)) * 100;
