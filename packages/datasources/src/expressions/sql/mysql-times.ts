/** Times of MySQL are texts such as `2026-01-31 12:00:00.5`, in UTC. */

const TIME = /^(\d{4})-(\d\d?)-(\d\d?)(?:[ T](\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|\+00:00)?)?$/;
const DAY_MS = 86_400_000;
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MONTHS = [
  ..."January February March April May June July".split(" "),
  ..."August September October November December".split(" "),
] as const;

/** Returns the time of a text in epoch ms, or undefined if the text is not a time. */
export function epochOf(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const fraction = Number(`0.${match[7] ?? 0}`) * 1000;
  return checkedEpoch([year!, month!, day!, hour!, minute!, second!], fraction);
}

/** Returns the epoch ms of year, month, day, hour, minute and second, or undefined if there is no such time. */
function checkedEpoch(parts: readonly number[], fractionMs = 0): number | undefined {
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts as [number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, Math.round(fractionMs));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal && hour < 24 && minute < 60 && second < 60 ? date.getTime() : undefined;
}

/** Returns the text of a time, or null if the year does not have four digits. The fraction is left out if it is 0. */
export function timeText(ms: number): string | null {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999) return null;
  return date
    .toISOString()
    .replace("T", " ")
    .replace(/(?:\.000)?Z$/, "");
}

export const dateText = (ms: number): string | null => timeText(ms)?.slice(0, 10) ?? null;

/** A part of a time that a function of MySQL returns as a number. */
export const TIME_PARTS: Readonly<Record<string, (date: Date) => number>> = {
  YEAR: (date) => date.getUTCFullYear(),
  QUARTER: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  MONTH: (date) => date.getUTCMonth() + 1,
  DAY: (date) => date.getUTCDate(),
  DAYOFMONTH: (date) => date.getUTCDate(),
  DAYOFWEEK: (date) => date.getUTCDay() + 1,
  DAYOFYEAR: dayOfYear,
  WEEKDAY: (date) => (date.getUTCDay() + 6) % 7,
  HOUR: (date) => date.getUTCHours(),
  MINUTE: (date) => date.getUTCMinutes(),
  SECOND: (date) => date.getUTCSeconds(),
  MICROSECOND: (date) => date.getUTCMilliseconds() * 1000,
};

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - firstDay(date.getUTCFullYear())) / DAY_MS) + 1;
}

/** Returns the first moment of a year. Date.UTC adds 1900 to years below 100. */
const firstDay = (year: number): number => new Date(0).setUTCFullYear(year, 0, 1);

export const dayName = (date: Date): string => DAYS[date.getUTCDay()]!;
export const monthName = (date: Date): string => MONTHS[date.getUTCMonth()]!;

/** How weeks are counted: MySQL's modes of WEEK() have these three properties. */
interface WeekMode {
  readonly startsMonday: boolean;
  /** Whether the days before the first week belong to the last week of the previous year, instead of to week 0. */
  readonly hasNoZero: boolean;
  /** Whether the first week is the first one that begins in the year, instead of the first one with four days in it. */
  readonly beginsInYear: boolean;
}

/** Returns the mode of WEEK() with a number from 0 to 7. */
export const weekMode = (mode: number): WeekMode => ({
  startsMonday: (mode & 1) !== 0,
  hasNoZero: (mode & 2) !== 0,
  beginsInYear: ((mode & 4) !== 0) === ((mode & 1) !== 0),
});

/** Returns the year and the number of the week of a day. */
export function weekOf(date: Date, mode: WeekMode): readonly [year: number, week: number] {
  const year = date.getUTCFullYear();
  const day = Math.floor(date.getTime() / DAY_MS);
  const start = firstWeek(year, mode);
  if (day < start)
    return mode.hasNoZero ? [year - 1, Math.floor((day - firstWeek(year - 1, mode)) / 7) + 1] : [year, 0];
  if (mode.hasNoZero && day >= firstWeek(year + 1, mode)) return [year + 1, 1];
  return [year, Math.floor((day - start) / 7) + 1];
}

/** Returns the first day of the first week of a year, in days since 1970. */
function firstWeek(year: number, { startsMonday, beginsInYear }: WeekMode): number {
  const first = firstDay(year);
  const weekday = new Date(first).getUTCDay();
  const since = startsMonday ? (weekday + 6) % 7 : weekday;
  const starts = beginsInYear ? since === 0 : since <= 3;
  return first / DAY_MS - since + (starts ? 0 : 7);
}

const two = (value: number): string => String(value).padStart(2, "0");
const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12;
const half = (date: Date): string => (date.getUTCHours() < 12 ? "AM" : "PM");
const clock24 = (date: Date): string => date.toISOString().slice(11, 19);
const year4 = (value: number): string => String(value).padStart(4, "0");

/** The specifiers of DATE_FORMAT. */
const SPECIFIERS: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => dayName(date).slice(0, 3),
  b: (date) => monthName(date).slice(0, 3),
  c: (date) => String(date.getUTCMonth() + 1),
  D: (date) => ordinal(date.getUTCDate()),
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()),
  f: (date) => String(date.getUTCMilliseconds() * 1000).padStart(6, "0"),
  H: (date) => two(date.getUTCHours()),
  h: (date) => two(hour12(date)),
  I: (date) => two(hour12(date)),
  i: (date) => two(date.getUTCMinutes()),
  j: (date) => String(dayOfYear(date)).padStart(3, "0"),
  k: (date) => String(date.getUTCHours()),
  l: (date) => String(hour12(date)),
  M: monthName,
  m: (date) => two(date.getUTCMonth() + 1),
  p: half,
  r: (date) => `${two(hour12(date))}${clock24(date).slice(2)} ${half(date)}`,
  S: (date) => two(date.getUTCSeconds()),
  s: (date) => two(date.getUTCSeconds()),
  T: clock24,
  U: (date) => two(weekOf(date, weekMode(0))[1]),
  u: (date) => two(weekOf(date, weekMode(1))[1]),
  V: (date) => two(weekOf(date, weekMode(2))[1]),
  v: (date) => two(weekOf(date, weekMode(3))[1]),
  W: dayName,
  w: (date) => String(date.getUTCDay()),
  X: (date) => year4(weekOf(date, weekMode(2))[0]),
  x: (date) => year4(weekOf(date, weekMode(3))[0]),
  Y: (date) => year4(date.getUTCFullYear()),
  y: (date) => two(date.getUTCFullYear() % 100),
};

function ordinal(day: number): string {
  const suffix = day > 10 && day < 14 ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th");
  return `${day}${suffix}`;
}

/** Writes a time in a format of DATE_FORMAT. */
export function formatTime(date: Date, format: string): string {
  return format.replaceAll(/%([^])/g, (_, character: string) =>
    Object.hasOwn(SPECIFIERS, character) ? SPECIFIERS[character]!(date) : character,
  );
}

/** How STR_TO_DATE reads a specifier: the expression of its text, and which part of the time it sets. */
const READERS: Readonly<Record<string, readonly [pattern: RegExp, part: string]>> = {
  Y: [/\d{1,4}/y, "year"],
  y: [/\d{1,2}/y, "year2"],
  m: [/\d{1,2}/y, "month"],
  c: [/\d{1,2}/y, "month"],
  d: [/\d{1,2}/y, "day"],
  e: [/\d{1,2}/y, "day"],
  H: [/\d{1,2}/y, "hour"],
  k: [/\d{1,2}/y, "hour"],
  h: [/\d{1,2}/y, "hour12"],
  I: [/\d{1,2}/y, "hour12"],
  l: [/\d{1,2}/y, "hour12"],
  i: [/\d{1,2}/y, "minute"],
  s: [/\d{1,2}/y, "second"],
  S: [/\d{1,2}/y, "second"],
  f: [/\d{1,6}/y, "fraction"],
  p: [/[AaPp][Mm]/y, "half"],
  b: [/[A-Za-z]{3}/y, "monthName"],
  M: [/[A-Za-z]{3,9}/y, "monthName"],
  a: [/[A-Za-z]{3}/y, "ignored"],
  W: [/[A-Za-z]{6,9}/y, "ignored"],
};

/** Reads a time in a format of STR_TO_DATE. Returns undefined if the text does not have the format. */
export function readTime(text: string, format: string): string | undefined {
  const parts = new Map<string, string>();
  const full = format.replaceAll("%T", "%H:%i:%s").replaceAll("%r", "%h:%i:%s %p");
  let at = 0;
  for (let i = 0; i < full.length; i++) {
    const reader = full[i] === "%" ? READERS[full[++i] ?? ""] : undefined;
    if (reader === undefined) {
      if (text[at] !== full[i]) return undefined;
      at++;
      continue;
    }
    const [pattern, part] = reader;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    parts.set(part, match[0]);
    at = pattern.lastIndex;
  }
  return timeOfParts(parts);
}

function timeOfParts(parts: ReadonlyMap<string, string>): string | undefined {
  const numberOf = (part: string): number | undefined => (parts.has(part) ? Number(parts.get(part)) : undefined);
  const short = numberOf("year2");
  const year = numberOf("year") ?? (short === undefined ? undefined : short + (short < 70 ? 2000 : 1900));
  const named = parts.get("monthName")?.slice(0, 3).toLowerCase();
  const month =
    numberOf("month") ??
    (named === undefined ? undefined : MONTHS.findIndex((one) => one.toLowerCase().startsWith(named)) + 1);
  if (year === undefined || month === undefined) return undefined;
  const isAfternoon = parts.get("half")?.toLowerCase() === "pm";
  const twelve = numberOf("hour12");
  const hour = numberOf("hour") ?? (twelve === undefined ? 0 : (twelve % 12) + (isAfternoon ? 12 : 0));
  const fraction = Number(`0.${parts.get("fraction") ?? 0}`) * 1000;
  const clock = [hour, numberOf("minute") ?? 0, numberOf("second") ?? 0];
  const ms = checkedEpoch([year, month, numberOf("day") ?? 1, ...clock], fraction);
  if (ms === undefined) return undefined;
  const hasTime = ["hour", "hour12", "minute", "second", "fraction"].some((part) => parts.has(part));
  return (hasTime ? timeText(ms) : dateText(ms)) ?? undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  MICROSECOND: 0.001,
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: DAY_MS,
  WEEK: 7 * DAY_MS,
};
const UNIT_MONTHS: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };

/** Adds a number of units to a time. The day of the result is at most the last day of its month. */
export function addUnits(ms: number, count: number, unit: string): number | undefined {
  if (Object.hasOwn(UNIT_MS, unit)) return ms + count * UNIT_MS[unit]!;
  if (!Object.hasOwn(UNIT_MONTHS, unit)) return undefined;
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + Math.round(count) * UNIT_MONTHS[unit]!);
  const last = new Date(date.getTime());
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  return date.setUTCDate(Math.min(day, last.getUTCDate()));
}

/** Returns the number of whole units between two times. */
export function unitsBetween(unit: string, from: number, to: number): number | undefined {
  if (Object.hasOwn(UNIT_MS, unit)) return Math.trunc((to - from) / UNIT_MS[unit]!);
  if (!Object.hasOwn(UNIT_MONTHS, unit)) return undefined;
  if (to < from) return 0 - unitsBetween(unit, to, from)!;
  const [a, b] = [new Date(from), new Date(to)];
  let months = 12 * (b.getUTCFullYear() - a.getUTCFullYear()) + b.getUTCMonth() - a.getUTCMonth();
  const rest = (date: Date): number => date.getUTCDate() * DAY_MS + (date.getTime() % DAY_MS);
  if (rest(b) < rest(a)) months--;
  return Math.floor(months / UNIT_MONTHS[unit]!);
}
