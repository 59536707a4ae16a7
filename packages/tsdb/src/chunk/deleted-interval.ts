import type { SampleColumns } from "@narthex/storage";
import { dropSamples } from "./drop-samples.ts";

/** A time range of a series that was deleted, both ends included, ms. */
export interface DeletedInterval {
  readonly minTime: number;
  readonly maxTime: number;
}

/**
 * Adds an interval to sorted intervals and joins adjacent intervals. If an interval in the list already covers the new
 * interval, returns the list itself.
 */
export function addInterval(
  intervals: readonly DeletedInterval[],
  { minTime, maxTime }: DeletedInterval,
): readonly DeletedInterval[] {
  if (intervals.some((known) => known.minTime <= minTime && known.maxTime >= maxTime)) return intervals;
  const before = intervals.filter((known) => known.maxTime < minTime - 1);
  const after = intervals.filter((known) => known.minTime > maxTime + 1);
  const joined = intervals.slice(before.length, intervals.length - after.length);
  const from = Math.min(minTime, joined[0]?.minTime ?? Infinity);
  const to = Math.max(maxTime, joined.at(-1)?.maxTime ?? -Infinity);
  return [...before, { minTime: from, maxTime: to }, ...after];
}

/** Removes the samples within `intervals` from columns, from slot `first` on. */
export function dropDeleted(columns: SampleColumns, intervals: readonly DeletedInterval[], first = 0): void {
  const { timestamps } = columns;
  const isDeleted = (slot: number): boolean => {
    const time = timestamps[slot]!;
    return intervals.some(({ minTime, maxTime }) => time >= minTime && time <= maxTime);
  };
  dropSamples(columns, isDeleted, first);
}
