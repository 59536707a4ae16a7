/** A moment as a calendar and a clock on the wall show it; `month` from 1. */
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
  // Names come from dashboards: what is kept of them is bounded.
  if (formats.size >= 200) formats.clear();
  formats.set(zone, format);
  return format;
}

let ownZone: string | undefined;

/** The machine's own zone, as it was when first asked for: asking takes milliseconds, and pages ask often. */
export const browserTimeZone = (): string => (ownZone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone);

/** The IANA name for what dashboards write: `browser` or nothing is the machine's zone, as is a name that no zone has. */
export function resolveTimeZone(name: string): string {
  if (name === "" || name.toLowerCase() === "browser") return browserTimeZone();
  if (name.toLowerCase() === "utc") return "UTC";
  return formatOf(name) === undefined ? browserTimeZone() : name;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** `Date` ends here; Intl throws beyond. */
const MAX_MS = 8.64e15;

/** How far ahead of UTC the zone's clocks are at a time, ms. Unknown zones are UTC. */
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

/** The time at which UTC shows this; fields beyond their range carry over. */
function utcOf({ year, month, day, hour, minute, second, millisecond }: CivilTime): number {
  // Date.UTC takes years below 100 for those of the last century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() + hour * HOUR_MS + minute * MINUTE_MS + second * 1000 + millisecond;
}

/** What the zone's clocks show at a time, epoch ms. */
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
 * When the zone's clocks show this, epoch ms; fields beyond their range carry over. Of a time that clocks skip, what they
 * would have shown without the change; of one that they show twice, the first.
 */
export function epochOf(civil: CivilTime, zone: string): number {
  const utc = utcOf(civil);
  if (zone === "UTC" || !(Math.abs(utc) <= MAX_MS)) return utc;
  const before = offsetAt(utc - 24 * HOUR_MS, zone);
  const after = offsetAt(utc + 24 * HOUR_MS, zone);
  for (const offset of before === after ? [before] : [before, after])
    if (offsetAt(utc - offset, zone) === offset) return utc - offset;
  // Neither fits: clocks were put forward over it, or changed more than once in two days.
  const near = offsetAt(utc - before, zone);
  return offsetAt(utc - near, zone) === near ? utc - near : utc - before;
}

/** Days in a month, from 1. */
export const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** Day of the week of a date; 0 is Sunday. */
export const weekdayOf = ({ year, month, day }: Pick<CivilTime, "year" | "month" | "day">): number =>
  new Date(utcOf({ year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 })).getUTCDay();
