import { type CivilTime, civilTime, daysInMonth, epochOf, weekdayOf } from "./time-zone.ts";

/** The settings on which the meaning of relative times depends. */
export interface CalendarSettings {
  /** Epoch ms. */
  readonly now: number;
  /** IANA name of the time zone. */
  readonly zone: string;
  /** First day of the week; 0 is Sunday. */
  readonly weekStart?: number;
  /** First month of the fiscal year; 0 is January. */
  readonly fiscalYearStartMonth?: number;
}

type Unit = "y" | "Q" | "M" | "w" | "d" | "h" | "m" | "s" | "ms" | "fy" | "fQ";
const STEP = /([+\-/])(\d{0,9})(ms|fy|fQ|[yQMwdhms])/y;

/** Distance of the first and the last time of JavaScript's calendar from 1970, in ms. */
const MAX_TIME_MS = 8.64e15;

const EXACT_MS: Partial<Record<Unit, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/**
 * Converts a time in a dashboard to epoch ms. The text is `now-6h`, `now/d`, `now-1d/d`, a date or a number of
 * milliseconds, optionally followed by `||-1d`. Returns undefined if the text is not a time, or if the time is beyond
 * the calendar: more than 8.64e15 ms before or after 1970.
 * @param roundsUp whether `/d` means the end of the day instead of its start, as for the end of a range
 */
export function parseDateMath(text: string, settings: CalendarSettings, roundsUp = false): number | undefined {
  const trimmed = text.trim();
  let time: number | undefined;
  let steps: string;
  if (trimmed.startsWith("now")) {
    time = settings.now;
    steps = trimmed.slice(3);
  } else {
    const bar = trimmed.indexOf("||");
    time = parseDate(bar < 0 ? trimmed : trimmed.slice(0, bar), settings.zone);
    steps = bar < 0 ? "" : trimmed.slice(bar + 2);
  }
  return time === undefined ? undefined : applySteps(time, steps, settings, roundsUp);
}

/** Reports whether a text is a time that `parseDateMath` accepts. */
export const isDateMath = (text: string): boolean => parseDateMath(text, { now: 0, zone: "UTC" }) !== undefined;

function applySteps(start: number, steps: string, settings: CalendarSettings, roundsUp: boolean): number | undefined {
  let time = start;
  if (!isInCalendar(time)) return undefined;
  STEP.lastIndex = 0;
  const compact = steps.replaceAll(/\s/g, "");
  while (STEP.lastIndex < compact.length) {
    const match = STEP.exec(compact);
    if (match === null) return undefined;
    const [, sign, digits, unit] = match as unknown as [string, string, string, Unit];
    const count = digits === "" ? 1 : Number(digits);
    if (sign === "/") {
      if (count !== 1) return undefined;
      time = roundsUp ? endOf(time, unit, settings) : startOf(time, unit, settings);
    } else time = add(time, sign === "+" ? count : -count, unit, settings);
    if (!isInCalendar(time)) return undefined;
  }
  return time;
}

const isInCalendar = (time: number): boolean => Math.abs(time) <= MAX_TIME_MS;

function add(time: number, count: number, unit: Unit, { zone }: CalendarSettings): number {
  const exact = EXACT_MS[unit];
  if (exact !== undefined) return time + count * exact;
  const civil = civilTime(time, zone);
  if (unit === "d" || unit === "w") return epochOf({ ...civil, day: civil.day + count * (unit === "w" ? 7 : 1) }, zone);
  const months = count * (unit === "y" || unit === "fy" ? 12 : unit === "M" ? 1 : 3);
  const total = civil.year * 12 + civil.month - 1 + months;
  const [year, month] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  return epochOf({ ...civil, year, month, day: Math.min(civil.day, daysInMonth(year, month)) }, zone);
}

const MIDNIGHT = { hour: 0, minute: 0, second: 0, millisecond: 0 };

/** Returns the start of the calendar unit that contains a local time, or of the `next`-th unit after it. */
function startCivil(civil: CivilTime, unit: Unit, settings: CalendarSettings, next: number): CivilTime {
  const { year, month, day } = civil;
  const { weekStart = 0, fiscalYearStartMonth = 0 } = settings;
  const monthFrom = (count: number): CivilTime => ({ year, month: month + count, day: 1, ...MIDNIGHT });
  switch (unit) {
    case "y":
      return { year: year + next, month: 1, day: 1, ...MIDNIGHT };
    case "fy":
      return monthFrom(-((month - 1 - fiscalYearStartMonth + 12) % 12) + 12 * next);
    case "Q":
      return monthFrom(-((month - 1) % 3) + 3 * next);
    case "fQ":
      return monthFrom(-((month - 1 - fiscalYearStartMonth + 12) % 3) + 3 * next);
    case "M":
      return monthFrom(next);
    case "w":
      return { year, month, day: day - ((weekdayOf(civil) - weekStart + 7) % 7) + 7 * next, ...MIDNIGHT };
    case "d":
      return { year, month, day: day + next, ...MIDNIGHT };
    case "h":
      return { ...civil, hour: civil.hour + next, minute: 0, second: 0, millisecond: 0 };
    case "m":
      return { ...civil, minute: civil.minute + next, second: 0, millisecond: 0 };
    case "s":
      return { ...civil, second: civil.second + next, millisecond: 0 };
    case "ms":
      return { ...civil, millisecond: civil.millisecond + next };
  }
}

function startOf(time: number, unit: Unit, settings: CalendarSettings): number {
  const exact = EXACT_MS[unit];
  const { zone } = settings;
  const civil = civilTime(time, zone);
  if (exact === undefined) return epochOf(startCivil(civil, unit, settings, 0), zone);
  // The elapsed time since the start of the hour is added unchanged, because local time does not jump within an hour.
  const begun = startCivil(civil, unit, settings, 0);
  const passed =
    (civil.minute - begun.minute) * 60_000 +
    (civil.second - begun.second) * 1000 +
    (civil.millisecond - begun.millisecond);
  return time - passed;
}

function endOf(time: number, unit: Unit, settings: CalendarSettings): number {
  const exact = EXACT_MS[unit];
  if (exact !== undefined) return startOf(time, unit, settings) + exact - 1;
  return epochOf(startCivil(civilTime(time, settings.zone), unit, settings, 1), settings.zone) - 1;
}

const EPOCH_MS = /^-?\d{1,16}$/;
const DATE =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(?:(\d{2}))?)?Z?$/;

/** Parses a number of milliseconds, or a date. A date without a zone is in the given zone. */
function parseDate(text: string, zone: string): number | undefined {
  const compact = COMPACT.exec(text);
  if (compact !== null && (text.length === 8 || text.includes("T"))) return fromFields(compact, "0", zone);
  if (EPOCH_MS.test(text)) return Number(text);
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const own = match[8];
  const base = fromFields(match, match[7] ?? "0", own === undefined ? zone : "UTC");
  if (base === undefined || own === undefined || own === "Z") return base;
  const minutes = Number(own.slice(1, 3)) * 60 + Number(own.slice(3).replace(":", "") || 0);
  return base - (own.startsWith("-") ? -minutes : minutes) * 60_000;
}

function fromFields(match: RegExpExecArray, fraction: string, zone: string): number | undefined {
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((at) =>
    Number(match[at] ?? (at === 3 ? 1 : 0)),
  );
  if (month! < 1 || month! > 12 || day! < 1 || day! > daysInMonth(year!, month!)) return undefined;
  if (hour! > 24 || minute! > 59 || second! > 59) return undefined;
  const millisecond = Math.floor(Number(`0.${fraction}`) * 1000);
  return epochOf(
    { year: year!, month: month!, day: day!, hour: hour!, minute: minute!, second: second!, millisecond },
    zone,
  );
}
