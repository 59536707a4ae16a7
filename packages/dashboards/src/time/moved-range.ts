import type { ResolvedTimeRange } from "./time-range.ts";

/** Doubles a range around its middle. The result is at least one minute long. */
export function zoomOut({ from, to }: ResolvedTimeRange): ResolvedTimeRange {
  const span = Math.max(to - from, 30_000);
  const middle = (from + to) / 2;
  return { from: Math.round(middle - span), to: Math.round(middle + span) };
}

/** Moves a range by half its length, earlier or later. */
export function shiftRange({ from, to }: ResolvedTimeRange, direction: -1 | 1): ResolvedTimeRange {
  const by = Math.round((to - from) / 2) * direction;
  return { from: from + by, to: to + by };
}
