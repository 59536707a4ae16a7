export interface TimeRange {
  readonly rangeMs: number;
  /** End of the range for graphs, and evaluation time for tables, Unix milliseconds; null for now. */
  readonly endMs: number | null;
}

export const defaultTimeRange: TimeRange = { rangeMs: 3_600_000, endMs: null };

/** Returns the end of a range in Unix seconds, the unit of servers. A range without an end ends at `nowMs`. */
export function endSeconds({ endMs }: TimeRange, nowMs: number): number {
  return (endMs ?? nowMs) / 1000;
}

/** Returns the range between two Unix times in seconds, rounded to whole seconds; at least one second long. */
export function rangeBetween(start: number, end: number): TimeRange {
  return { rangeMs: Math.max(1, Math.round(end - start)) * 1000, endMs: Math.round(end) * 1000 };
}

const rangeLadderMs = [
  1, 10, 60, 300, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_419_200, 4_838_400,
  9_676_800, 15_724_800, 31_536_000, 63_072_000,
].map((seconds) => seconds * 1000);

/** Returns the next longer of the predefined ranges, ms. Returns the given range if no predefined range is longer. */
export function longerRange(rangeMs: number): number {
  return rangeLadderMs.find((step) => step > rangeMs) ?? rangeMs;
}

/** Returns the next shorter of the predefined ranges, ms. Returns the given range if no predefined range is shorter. */
export function shorterRange(rangeMs: number): number {
  return rangeLadderMs.findLast((step) => step < rangeMs) ?? rangeMs;
}
