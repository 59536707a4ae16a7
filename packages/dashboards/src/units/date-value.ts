import { formatTime, timeFormats } from "../time/format-time.ts";
import { offsetAt, resolveTimeZone } from "../time/time-zone.ts";
import type { FormatContext } from "./formatted-value.ts";
import { describeRelative, INVALID_DATE } from "./relative-time.ts";

const DAY = 86_400_000;
/** Largest time that a JavaScript Date supports, in ms before or after 1970. */
const MAX_TIME = 8.64e15;

let lastSetting: string | undefined;
let lastZone = "";

/**
 * Returns the IANA name of the time zone in which dates are written. The last result is cached, because all values of a
 * column use the same zone, and finding the machine's zone takes longer than formatting a date.
 */
function zoneOf({ timeZone = "" }: FormatContext): string {
  if (timeZone !== lastSetting) {
    lastZone = resolveTimeZone(timeZone);
    lastSetting = timeZone;
  }
  return lastZone;
}

/** Reports whether a time is on the current day. Returns false if the current time is unknown. */
function isToday(time: number, context: FormatContext): boolean {
  const { now } = context;
  if (now === undefined) return false;
  const dayOf = (one: number): number => Math.floor((one + offsetAt(one, zoneOf(context))) / DAY);
  return Math.abs(time) <= MAX_TIME && dayOf(time) === dayOf(now);
}

/** Formats a time with a pattern, or with `todayPattern` if the time is today. */
export const datedText = (
  time: number,
  pattern: string,
  todayPattern: string | undefined,
  context: FormatContext,
): string =>
  formatTime(
    Math.trunc(time),
    zoneOf(context),
    todayPattern !== undefined && isToday(time, context) ? todayPattern : pattern,
  );

const TIME_FIELDS = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
const DATE_FIELDS = { year: "numeric", month: "2-digit", day: "2-digit", ...TIME_FIELDS } as const;

/** Formats a time in the reader's language. */
export function localDateText(time: number, isShortToday: boolean, context: FormatContext): string {
  if (!(Math.abs(time) <= MAX_TIME)) return INVALID_DATE;
  const fields = isShortToday && isToday(time, context) ? TIME_FIELDS : DATE_FIELDS;
  // The local time is formatted as if it were UTC, by adding the zone's offset to the time. Invalid zone names then
  // need no special handling.
  const clock = Math.min(MAX_TIME, Math.max(-MAX_TIME, time + offsetAt(time, zoneOf(context))));
  return localFormat(context.locale, fields).format(clock);
}

const localFormats = new Map<string, Intl.DateTimeFormat>();

function localFormat(locale: string | undefined, fields: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale ?? ""} ${fields.year ?? ""}`;
  let format = localFormats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { ...fields, timeZone: "UTC" });
    localFormats.set(key, format);
  }
  return format;
}

/** Returns how long ago a time was, or the full date if the current time is unknown. */
export const relativeText = (time: number, context: FormatContext): string =>
  context.now === undefined
    ? datedText(time, timeFormats.fullDate, undefined, context)
    : describeRelative(time, context.now);
