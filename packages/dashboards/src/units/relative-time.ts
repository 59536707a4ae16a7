/** Text that is shown for an invalid time, and for a time that a JavaScript Date cannot represent. */
export const INVALID_DATE = "Invalid date";
const MAX_TIME = 8.64e15;

/**
 * Returns the number of whole calendar months between two times, and the remaining milliseconds. `from` must not be
 * later than `to`.
 */
function monthsBetween(from: number, to: number): { readonly months: number; readonly rest: number } {
  const start = new Date(from);
  const end = new Date(to);
  let months = (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth();
  if (addMonths(start, months) > to) months--;
  return { months, rest: to - addMonths(start, months) };
}

/**
 * Returns the same day in a later month, epoch ms. If the later month is shorter, returns the last day of this month.
 */
function addMonths(start: Date, months: number): number {
  const day = start.getUTCDate();
  const target = new Date(start);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + months + 1, 0);
  target.setUTCDate(Math.min(day, target.getUTCDate()));
  return target.getTime();
}

/** Mean number of days of a month, over 400 years. */
const MONTH_DAYS = 146_097 / 4800;

/** Returns the time between two times in words, rounded: `5 minutes`. */
function describeLength(from: number, to: number): string {
  const { months: wholeMonths, rest } = monthsBetween(from, to);
  const days = Math.round(wholeMonths * MONTH_DAYS) + rest / 864e5;
  const months = wholeMonths + rest / 864e5 / MONTH_DAYS;
  const seconds = Math.round(days * 86_400);
  const [minutes, hours] = [Math.round(days * 1440), Math.round(days * 24)];
  if (seconds < 45) return "a few seconds";
  if (minutes <= 1) return "a minute";
  if (minutes < 45) return `${minutes} minutes`;
  if (hours <= 1) return "an hour";
  if (hours < 22) return `${hours} hours`;
  if (Math.round(days) <= 1) return "a day";
  if (Math.round(days) < 26) return `${Math.round(days)} days`;
  if (Math.round(months) <= 1) return "a month";
  if (Math.round(months) < 11) return `${Math.round(months)} months`;
  const years = Math.round(months / 12);
  return years <= 1 ? "a year" : `${years} years`;
}

/**
 * Returns the distance of a time from now in words: `5 minutes ago`, `in 2 days`. Both times are epoch milliseconds.
 */
export function describeRelative(time: number, now: number): string {
  if (!(Math.abs(time) <= MAX_TIME)) return INVALID_DATE;
  const [from, to] = time < now ? [time, now] : [now, time];
  const length = describeLength(Math.trunc(from), Math.trunc(to));
  return time > now ? `in ${length}` : `${length} ago`;
}
