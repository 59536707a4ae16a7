import type { TimeRange } from "../data-source.ts";
import { QueryFailure } from "../query-failure.ts";

/** Largest number of dated indexes that a search names. */
const MAX_INDEXES = 5000;

const UNITS = ["Hourly", "Daily", "Weekly", "Monthly", "Yearly"] as const;
type Unit = (typeof UNITS)[number];

const two = (number: number): string => String(number).padStart(2, "0");

/** Parts of a date in the name of an index, by the letters of the pattern. */
const PARTS: Readonly<Record<string, (date: Date) => string>> = {
  YYYY: (date) => String(date.getUTCFullYear()),
  YY: (date) => two(date.getUTCFullYear() % 100),
  MM: (date) => two(date.getUTCMonth() + 1),
  M: (date) => String(date.getUTCMonth() + 1),
  DD: (date) => two(date.getUTCDate()),
  D: (date) => String(date.getUTCDate()),
  HH: (date) => two(date.getUTCHours()),
  H: (date) => String(date.getUTCHours()),
  GGGG: (date) => String(isoWeek(date).year),
  GG: (date) => two(isoWeek(date).year % 100),
  WW: (date) => two(isoWeek(date).week),
  W: (date) => String(isoWeek(date).week),
};
const TOKEN = /\[([^\][]{0,200})\]|YYYY|YY|MM|M|DD|D|HH|H|GGGG|GG|WW|W/g;

/**
 * Returns the names of the indexes with documents of a range. Without an interval, the pattern itself is the name;
 * otherwise the pattern contains a date, such as `[logs-]YYYY.MM.DD`. Throws QueryFailure if the range has too many.
 * @param interval `Hourly`, `Daily`, `Weekly`, `Monthly`, `Yearly`, or an empty text
 */
export function indexNames(pattern: string, interval: string, { from, to }: TimeRange): readonly string[] {
  const unit = UNITS.find((one) => one === interval);
  if (unit === undefined) return [pattern];
  const names: string[] = [];
  for (let date = startOf(unit, new Date(from)); date.getTime() <= to; date = afterOf(unit, date)) {
    if (names.length === MAX_INDEXES)
      throw new QueryFailure(400, `the range has more than ${MAX_INDEXES} indexes; choose a shorter range`);
    names.push(pattern.replaceAll(TOKEN, (token, text?: string) => text ?? PARTS[token]!(date)));
  }
  // A search without names of indexes would search all indexes.
  if (names.length === 0)
    throw new QueryFailure(400, "the time range contains no index; its end must follow its start");
  return names;
}

function startOf(unit: Unit, date: Date): Date {
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (unit) {
    case "Hourly":
      return new Date(Date.UTC(year, month, day, date.getUTCHours()));
    case "Daily":
      return new Date(Date.UTC(year, month, day));
    case "Weekly":
      return new Date(Date.UTC(year, month, day - weekday(date)));
    case "Monthly":
      return new Date(Date.UTC(year, month));
    case "Yearly":
      return new Date(Date.UTC(year, 0));
  }
}

function afterOf(unit: Unit, date: Date): Date {
  const next = new Date(date);
  if (unit === "Hourly") next.setUTCHours(next.getUTCHours() + 1);
  else if (unit === "Daily") next.setUTCDate(next.getUTCDate() + 1);
  else if (unit === "Weekly") next.setUTCDate(next.getUTCDate() + 7);
  else if (unit === "Monthly") next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setUTCFullYear(next.getUTCFullYear() + 1);
  return next;
}

/** Number of days since Monday. */
const weekday = (date: Date): number => (date.getUTCDay() + 6) % 7;

/** Returns the week of ISO 8601, and the year to which the week belongs. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - weekday(date) + 3));
  const year = thursday.getUTCFullYear();
  return { year, week: 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0)) / (7 * 86_400_000)) };
}
