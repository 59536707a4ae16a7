import { loadZone } from "@narthex/template";

/** A range of numbers that includes both ends. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * A condition on a local time. A time satisfies the condition if each given field has a range that contains the time.
 */
export interface TimeSpan {
  /** Ranges of minutes since midnight. The end of a range is exclusive. */
  readonly times: readonly Range[];
  /** Ranges of weekdays, 0 for Sunday. */
  readonly weekdays: readonly Range[];
  /** Ranges of days of the month. A day is 1 … 31, or a negative number that counts from the month's end. */
  readonly daysOfMonth: readonly Range[];
  /** Ranges of months 1 … 12. */
  readonly months: readonly Range[];
  readonly years: readonly Range[];
  /** Time zone: an IANA name, "Local" or "UTC". */
  readonly location: string;
}

/** A named time interval of the configuration. A time is in the interval if any of its spans contains the time. */
export interface TimeInterval {
  readonly name: string;
  readonly spans: readonly TimeSpan[];
}

/** Reports whether a time interval contains a time, Unix ms. */
export const containsTime = (interval: TimeInterval, now: number): boolean =>
  interval.spans.some((span) => spanContains(span, now));

const within = (ranges: readonly Range[], value: number): boolean =>
  ranges.length === 0 || ranges.some(({ from, to }) => value >= from && value <= to);

function spanContains(span: TimeSpan, now: number): boolean {
  const offset = loadZone(span.location)?.at(Math.floor(now / 1000)).offset ?? 0;
  return holdsAtLocalTime(span, now + offset * 1000);
}

/**
 * Reports whether a time span contains a local time.
 * @param localMs the local date and time, as if it were UTC, in Unix ms
 */
export function holdsAtLocalTime(span: TimeSpan, localMs: number): boolean {
  const date = new Date(localMs);
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  return (
    (span.times.length === 0 || span.times.some(({ from, to }) => minute >= from && minute < to)) &&
    within(span.weekdays, date.getUTCDay()) &&
    within(span.months, date.getUTCMonth() + 1) &&
    within(span.years, date.getUTCFullYear()) &&
    dayMatches(span.daysOfMonth, date)
  );
}

function dayMatches(ranges: readonly Range[], date: Date): boolean {
  if (ranges.length === 0) return true;
  const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return ranges.some((range) => {
    const from = range.from < 0 ? days + range.from + 1 : range.from;
    const to = range.to < 0 ? days + range.to + 1 : range.to;
    if (from > days) return false;
    const day = date.getUTCDate();
    return day >= Math.max(from, 1) && day <= Math.min(to, days);
  });
}
