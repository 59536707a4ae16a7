import { type CivilTime, civilTime, daysInMonth, epochOf, weekdayOf } from "@narthex/dashboards/time";
import type { Schedule } from "./schedule.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Average length of a month, ms. */
const MONTH_MS = 30.436_875 * DAY_MS;
/** The last time that `Date` supports, minus some days for the offset of a zone. */
const MAX_MS = 8.64e15 - 10 * DAY_MS;
/**
 * Maximum number of times that are passed over because they are on a weekend. Hours in steps reach each weekday within
 * that number, unless all of them are on weekends.
 */
const MAX_SKIPPED = 400;

/**
 * Returns the first time after `after` at which the report is due, Unix ms, or undefined after the last one.
 *
 * Days, weeks and months are counted in the calendar of the zone, and keep the time of day. If a clock change skips
 * this time of day, the report is due as much later as the clocks were changed. If the time of day occurs twice, the
 * report is due at the first of them. Hours are counted as elapsed time, so a clock change does not delay or repeat
 * them.
 */
export function nextTime(schedule: Schedule, after: number): number | undefined {
  const end = Math.min(schedule.end ?? Infinity, MAX_MS);
  const timeAt = timesOf(schedule);
  if (timeAt === undefined || schedule.start > MAX_MS) return undefined;
  let index = firstIndexAfter(timeAt, after);
  for (let skipped = 0; skipped <= MAX_SKIPPED; skipped++, index++) {
    const time = timeAt.at(index);
    if (time === undefined || time > end) return undefined;
    if (!isSkipped(schedule, time)) return time;
  }
  return undefined;
}

/** Returns the last time until `until` at which the report was due, Unix ms, or undefined before the first one. */
export function previousTime(schedule: Schedule, until: number): number | undefined {
  const timeAt = timesOf(schedule);
  if (timeAt === undefined || schedule.start > MAX_MS) return undefined;
  let index = firstIndexAfter(timeAt, Math.min(until, schedule.end ?? Infinity)) - 1;
  for (let skipped = 0; skipped <= MAX_SKIPPED && index >= 0; skipped++, index--) {
    const time = timeAt.at(index)!;
    if (!isSkipped(schedule, time)) return time;
  }
  return undefined;
}

const isSkipped = ({ isWorkdaysOnly, zone }: Schedule, time: number): boolean =>
  isWorkdaysOnly && [0, 6].includes(weekdayOf(civilTime(time, zone)));

/** The times of a schedule by their index, in ascending order. */
interface Times {
  /** Returns the time with an index; undefined after the last one. */
  readonly at: (index: number) => number | undefined;
  /** Start, and average distance of two times, ms. */
  readonly start: number;
  readonly distance: number;
}

/** Returns the times without regard to weekends and the end. Returns undefined for a schedule without times. */
function timesOf({ frequency, start, zone, interval, dayOfMonth }: Schedule): Times | undefined {
  const civil = civilTime(start, zone);
  switch (frequency) {
    case "never":
      return undefined;
    case "once":
      return { start, distance: Infinity, at: (index) => (index === 0 ? start : undefined) };
    case "hourly":
      return elapsed(start, HOUR_MS);
    case "daily":
      return days(start, zone, civil, 1);
    case "weekly":
      return days(start, zone, civil, 7);
    case "monthly":
      return months(start, zone, civil, { step: 1, day: dayOfMonth ?? civil.day });
    case "last":
      return months(start, zone, civil, { step: 1, day: 31 });
    case "custom": {
      if (interval === undefined) return undefined;
      const { amount, unit } = interval;
      if (unit === "hours") return elapsed(start, amount * HOUR_MS);
      if (unit === "months") return months(start, zone, civil, { step: amount, day: dayOfMonth ?? civil.day });
      return days(start, zone, civil, unit === "weeks" ? 7 * amount : amount);
    }
  }
}

const elapsed = (start: number, distance: number): Times => ({
  start,
  distance,
  at: (index) => start + index * distance,
});

const days = (start: number, zone: string, civil: CivilTime, step: number): Times => ({
  start,
  distance: step * DAY_MS,
  at: (index) => (index === 0 ? start : epochOf({ ...civil, day: civil.day + index * step }, zone)),
});

/** Returns a day of each month. The first time is not before the start. */
function months(
  start: number,
  zone: string,
  civil: CivilTime,
  { step, day }: { readonly step: number; readonly day: number },
): Times {
  const at = (index: number): number => {
    const ordinal = civil.month - 1 + index * step;
    const year = civil.year + Math.floor(ordinal / 12);
    const month = (((ordinal % 12) + 12) % 12) + 1;
    const wanted = Math.min(day, daysInMonth(year, month));
    return index === 0 && wanted === civil.day ? start : epochOf({ ...civil, year, month, day: wanted }, zone);
  };
  const shift = at(0) < start ? 1 : 0;
  return { start, distance: step * MONTH_MS, at: (index) => at(index + shift) };
}

/** Returns the index of the first time after `after`. */
function firstIndexAfter({ at, start, distance }: Times, after: number): number {
  if (after < start) return 0;
  if (distance === Infinity) return 1;
  let index = Math.max(0, Math.floor((after - start) / distance) - 2);
  while (index > 0 && (at(index) ?? Infinity) > after) index--;
  while ((at(index) ?? Infinity) <= after) index++;
  return index;
}
