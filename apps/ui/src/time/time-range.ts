import type { RawTimeRange } from "@narthex/dashboards";

export interface TimeRange {
  readonly rangeMs: number;
  /** End of the range for graphs, and evaluation time for tables, Unix milliseconds; null for now. */
  readonly endMs: number | null;
  /**
   * A range that length and end cannot express, because it moves with the time: `now/d` to `now`, or an end before now.
   * Takes precedence over them; then `rangeMs` is its length at the time when the range was selected.
   */
  readonly raw: RawTimeRange | null;
}

export const defaultTimeRange: TimeRange = { rangeMs: 3_600_000, endMs: null, raw: null };

/** Reports whether a range ended in the past, so that its data does not change. */
export const isPast = ({ endMs, raw }: TimeRange): boolean => raw === null && endMs !== null;

/** Returns the range between two Unix times in seconds, rounded to whole seconds; at least one second long. */
export function rangeBetween(start: number, end: number): TimeRange {
  return { rangeMs: Math.max(1, Math.round(end - start)) * 1000, endMs: Math.round(end) * 1000, raw: null };
}

const units: ReadonlyArray<readonly [unit: string, ms: number]> = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
];

/** Returns the start and the end of a range as dashboards write them. */
export function rawOf({ rangeMs, endMs, raw }: TimeRange): RawTimeRange {
  if (raw !== null) return raw;
  if (endMs !== null) return { from: String(endMs - rangeMs), to: String(endMs) };
  const [unit, ms] = units.find(([, size]) => rangeMs % size === 0) ?? ["s", 1000];
  return { from: `now-${Math.ceil(rangeMs / ms)}${unit}`, to: "now" };
}

/** Matches texts that can be a time. Whether they are is known when the range is resolved. */
const TIME_TEXT = /^[\w+\-/:. ]{1,40}$/;

/** Returns a range of texts that is read from an address. Null if an end is missing, or cannot be a time. */
export function readRaw(from: string | null, to: string | null): RawTimeRange | null {
  return from !== null && to !== null && TIME_TEXT.test(from) && TIME_TEXT.test(to) ? { from, to } : null;
}
