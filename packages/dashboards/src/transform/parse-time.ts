import { type CivilTime, daysInMonth, epochOf } from "../time/time-zone.ts";

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** Function that parses the part of a text for one token of a date format, and stores the parsed number in `parts`. */
type Reader = (text: string, parts: Parts) => void;
type Parts = { -readonly [Key in keyof CivilTime]: number } & {
  epoch?: number;
  offset?: number;
  isAfternoon?: boolean;
};

const digits = (most: number): RegExp => [/^[+-]?\d/, /^\d{1,2}/, /^\d{1,2}/, /^\d{1,3}/, /^\d{1,4}/][most]!;

const number =
  (key: keyof CivilTime): Reader =>
  (text, parts) => {
    parts[key] = Number(text);
  };

function offsetOf(text: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(text);
  return match === null ? 0 : (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
}

const month: Reader = (text, parts) => {
  parts.month = months.indexOf(text.slice(0, 3).toLowerCase()) + 1;
};

const afternoon: Reader = (text, parts) => {
  parts.isAfternoon = text.toLowerCase() === "pm";
};

const tokens: Readonly<Record<string, readonly [RegExp, Reader]>> = {
  YYYY: [digits(4), number("year")],
  YY: [digits(2), (text, parts) => void (parts.year = Number(text) + (Number(text) > 68 ? 1900 : 2000))],
  MMMM: [/^[a-z]{3,9}/i, month],
  MMM: [/^[a-z]{3,9}/i, month],
  MM: [digits(2), number("month")],
  M: [digits(2), number("month")],
  DD: [digits(2), number("day")],
  D: [digits(2), number("day")],
  HH: [digits(2), number("hour")],
  H: [digits(2), number("hour")],
  hh: [digits(2), number("hour")],
  h: [digits(2), number("hour")],
  mm: [digits(2), number("minute")],
  m: [digits(2), number("minute")],
  ss: [digits(2), number("second")],
  s: [digits(2), number("second")],
  SSS: [/^\d{1,9}/, (text, parts) => void (parts.millisecond = Math.floor(Number(`0.${text}`) * 1000))],
  A: [/^[ap]m/i, afternoon],
  a: [/^[ap]m/i, afternoon],
  X: [/^-?\d{1,16}(?:\.\d{1,9})?/, (text, parts) => void (parts.epoch = Number(text) * 1000)],
  x: [/^-?\d{1,16}/, (text, parts) => void (parts.epoch = Number(text))],
  Z: [/^(?:Z|[+-]\d{2}:?\d{2})/, (text, parts) => void (parts.offset = offsetOf(text))],
};

const token = /YYYY|YY|MMMM|MMM|MM|M|DD|D|HH|H|hh|h|mm|m|ss|s|SSS|A|a|X|x|ZZ|Z|\[[^\]]*\]|[^A-Za-z0-9]+|./g;

/** Reports whether a date and a time of day are valid. 24:00 is valid as the end of a day. */
function isOnCalendar({ year, month, day, hour, minute, second, millisecond }: Parts): boolean {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  if (hour === 24) return minute + second + millisecond === 0;
  return hour < 24 && minute < 60 && second < 60;
}

/** Parses a text by a date format with the tokens of the library moment. Returns null if the text does not match. */
function partsOf(text: string, format: string): Parts | null {
  const parts: Parts = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };
  let rest = text;
  for (const [one] of format.slice(0, 200).matchAll(token)) {
    const name = one === "ZZ" ? "Z" : one;
    if (!Object.hasOwn(tokens, name)) {
      // Separators in the text may differ from those in the format, as in moment's lenient mode.
      rest =
        /^[^A-Za-z0-9]/.test(one) && !one.startsWith("[")
          ? rest.replace(/^[^A-Za-z0-9+-]{1,20}|^[-+]/, "")
          : rest.slice(1);
      continue;
    }
    const [shape, read] = tokens[name]!;
    const match = shape.exec(rest);
    if (match === null) return rest === "" ? parts : null;
    read(match[0], parts);
    rest = rest.slice(match[0].length);
  }
  if (parts.isAfternoon !== undefined) parts.hour = (parts.hour % 12) + (parts.isAfternoon ? 12 : 0);
  return isOnCalendar(parts) ? parts : null;
}

/** Largest distance of a `Date` from 1970, ms. */
const MAX_TIME = 8.64e15;

/** Matches a date with or without a time, but without a time zone. */
const local = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?$/;

/**
 * Returns the time that a value represents, epoch ms, or null. Texts are parsed by a date format with moment's tokens,
 * or as ISO 8601. A text without a time zone is in the given zone. Numbers are milliseconds, or seconds with the format
 * `X`.
 */
export function parseTime(value: unknown, format: string | undefined, timeZone: string): number | null {
  const time = timeOf(value, format, timeZone);
  return time !== null && Math.abs(time) <= MAX_TIME ? time : null;
}

function timeOf(value: unknown, format: string | undefined, timeZone: string): number | null {
  if (typeof value === "number") return value * (format === "X" ? 1000 : 1);
  if (typeof value !== "string" || value === "") return null;
  const text = value.trim().slice(0, 200);
  const parts = format === undefined ? isoParts(text) : partsOf(text, format);
  if (parts !== undefined) {
    if (parts === null) return null;
    if (parts.epoch !== undefined) return parts.epoch;
    return parts.offset === undefined ? epochOf(parts, timeZone) : epochOf(parts, "UTC") - parts.offset;
  }
  return Date.parse(text);
}

/**
 * Parses a text in ISO 8601. Returns null for a date that does not exist, and undefined for a text in another format.
 */
function isoParts(text: string): Parts | null | undefined {
  const match = local.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  const millisecond = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000);
  const parts = { year: year!, month: month!, day: day!, hour: hour!, minute: minute!, second: second!, millisecond };
  return isOnCalendar(parts) ? parts : null;
}
