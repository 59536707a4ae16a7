/** A local date and time (civil time). Months are counted from 1. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(zone)) return formats.get(zone);
  let format: Intl.DateTimeFormat | undefined;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      era: "short",
    });
  } catch {
    format = undefined;
  }
  // Empties the cache when it is full, because dashboards may contain any number of time zone names.
  if (formats.size >= 200) formats.clear();
  formats.set(zone, format);
  return format;
}

let ownZone: string | undefined;

/**
 * Returns the machine's time zone. The name is cached from the first call, because the lookup takes milliseconds and
 * pages call this function often.
 */
export const browserTimeZone = (): string => (ownZone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone);

/**
 * Returns the IANA name for a dashboard's time zone. `browser`, an empty text and unknown names mean the machine's
 * zone.
 */
export function resolveTimeZone(name: string): string {
  if (name === "" || name.toLowerCase() === "browser") return browserTimeZone();
  if (name.toLowerCase() === "utc") return "UTC";
  return formatOf(name) === undefined ? browserTimeZone() : name;
}

/** Maximum length of a time zone's name, characters. Longer names are unknown. */
const MAX_ZONE_NAME = 100;

/** Returns the IANA name of a time zone, or undefined if the zone is unknown. */
export function knownTimeZone(name: string): string | undefined {
  if (name === "" || name.length > MAX_ZONE_NAME) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** The largest time that `Date` supports, ms since 1970. Intl throws for later times. */
const MAX_MS = 8.64e15;

/** Returns a time zone's offset from UTC at a time, ms. An unknown zone is treated as UTC. */
export function offsetAt(ms: number, zone: string): number {
  if (zone === "UTC" || !(Math.abs(ms) <= MAX_MS)) return 0;
  const format = formatOf(zone);
  if (format === undefined) return 0;
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(ms)) part[type] = value;
  const year = part["era"] === "BC" ? 1 - Number(part["year"]) : Number(part["year"]);
  const seconds = utcOf({
    year,
    month: Number(part["month"]),
    day: Number(part["day"]),
    hour: Number(part["hour"]),
    minute: Number(part["minute"]),
    second: Number(part["second"]),
    millisecond: 0,
  });
  return seconds - Math.floor(ms / 1000) * 1000;
}

/** Returns the epoch ms of a local time in UTC. Fields out of range carry over, as month 13 to the next year. */
function utcOf({ year, month, day, hour, minute, second, millisecond }: CivilTime): number {
  // Sets the year separately, because Date.UTC would treat years below 100 as years of the 20th century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() + hour * HOUR_MS + minute * MINUTE_MS + second * 1000 + millisecond;
}

/** Returns the zone's local time at a time in epoch ms. */
export function civilTime(ms: number, zone: string): CivilTime {
  const date = new Date(ms + offsetAt(ms, zone));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
}

/**
 * Returns the epoch ms of a local time in a zone. Fields out of range carry over. A local time that a clock change
 * skips is handled as if the clocks had not changed. For a local time that occurs twice, returns the first.
 */
export function epochOf(civil: CivilTime, zone: string): number {
  const utc = utcOf(civil);
  if (zone === "UTC" || !(Math.abs(utc) <= MAX_MS)) return utc;
  const before = offsetAt(utc - 24 * HOUR_MS, zone);
  const after = offsetAt(utc + 24 * HOUR_MS, zone);
  for (const offset of before === after ? [before] : [before, after])
    if (offsetAt(utc - offset, zone) === offset) return utc - offset;
  // Used if neither of the two offsets fits the local time: the clocks skipped the time, or changed more than once
  // within two days.
  const near = offsetAt(utc - before, zone);
  return offsetAt(utc - near, zone) === near ? utc - near : utc - before;
}

/** Returns the number of days in a month. `month` is 1 for January. */
export const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Returns the day of the week; 0 is Sunday. */
export const weekdayOf = ({ year, month, day }: Pick<CivilTime, "year" | "month" | "day">): number =>
  new Date(utcOf({ year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 })).getUTCDay();
