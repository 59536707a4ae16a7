import { compileCapturing, type Pattern, PatternError } from "@narthex/model";
import {
  addUnits,
  dateText,
  dayName,
  epochOf,
  formatTime,
  monthName,
  readTime,
  TIME_PARTS,
  timeText,
  unitsBetween,
  weekMode,
  weekOf,
} from "./mysql-times.ts";

/** A value of a function of SQL. */
export type SqlValue = string | number | null;
export type SqlFunction = (...args: readonly SqlValue[]) => SqlValue;

/** Longest text that a function creates. */
const MAX_TEXT = 1_000_000;
const MAX_PATTERNS = 100;

const textOf = (value: SqlValue): string => (value === null ? "" : String(value));
const numberOf = (value: SqlValue): number =>
  typeof value === "string" ? Number.parseFloat(value) || 0 : (value ?? Number.NaN);

/** Wraps a function that returns null if an argument is null. */
const strict =
  (of: SqlFunction): SqlFunction =>
  (...args) =>
    args.includes(null) ? null : of(...args);

const onText = (of: (text: string) => SqlValue): SqlFunction => strict((value) => of(textOf(value ?? null)));

/** Wraps a function of a time, which returns null for what is not a time. */
const onTime = (of: (date: Date, ...more: readonly SqlValue[]) => SqlValue): SqlFunction =>
  strict((value, ...more) => {
    const ms = epochOf(textOf(value ?? null));
    return ms === undefined ? null : of(new Date(ms), ...more);
  });

const finite = (value: number): SqlValue => (Number.isFinite(value) ? value : null);

function bounded(text: string): string {
  if (text.length > MAX_TEXT) throw new Error(`a function would create a text of more than ${MAX_TEXT} characters`);
  return text;
}

function repeated(text: string, count: number): string {
  if (text.length * count > MAX_TEXT) bounded(" ".repeat(MAX_TEXT + 1));
  return count > 0 ? text.repeat(count) : "";
}

/** Returns a text with exactly `length` characters. */
function padded(text: string, length: number, pad: string, atStart: boolean): SqlValue {
  if (length < 0 || (pad === "" && length > text.length)) return null;
  if (length <= text.length) return text.slice(0, length);
  if (length > MAX_TEXT) bounded(" ".repeat(MAX_TEXT + 1));
  return atStart ? text.padStart(length, pad) : text.padEnd(length, pad);
}

const patterns = new Map<string, Pattern>();

/** Returns a compiled regular expression. Throws an error with the reason if it is invalid. */
function patternOf(source: string): Pattern {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  if (patterns.size >= MAX_PATTERNS) patterns.clear();
  try {
    const made = compileCapturing(source, false);
    patterns.set(source, made);
    return made;
  } catch (error) {
    if (error instanceof PatternError) throw new Error(error.message, { cause: error });
    throw error;
  }
}

const truncated = (value: number, digits: number): SqlValue => {
  const scale = 10 ** Math.trunc(digits);
  return finite(Math.trunc(value * scale) / scale);
};

function substringIndex(text: string, delimiter: string, count: number): string {
  if (delimiter === "" || count === 0) return "";
  const parts = text.split(delimiter);
  return (count > 0 ? parts.slice(0, count) : parts.slice(count)).join(delimiter);
}

function locate(part: string, text: string, start: number): number {
  return start < 1 ? 0 : text.indexOf(part, start - 1) + 1;
}

const TEXTS: Readonly<Record<string, SqlFunction>> = {
  CONCAT: strict((...args) => bounded(args.map(textOf).join(""))),
  LEFT: strict((text, count) => textOf(text).slice(0, Math.max(0, numberOf(count)))),
  RIGHT: strict((text, count) => (numberOf(count) <= 0 ? "" : textOf(text).slice(-numberOf(count)))),
  LENGTH: onText((text) => Buffer.byteLength(text)),
  CHAR_LENGTH: onText((text) => text.length),
  CHARACTER_LENGTH: onText((text) => text.length),
  LOWER: onText((text) => text.toLowerCase()),
  LCASE: onText((text) => text.toLowerCase()),
  UPPER: onText((text) => text.toUpperCase()),
  UCASE: onText((text) => text.toUpperCase()),
  REVERSE: onText((text) => Array.from(text).toReversed().join("")),
  REPEAT: strict((text, count) => repeated(textOf(text), Math.trunc(numberOf(count)))),
  SPACE: strict((count) => repeated(" ", Math.trunc(numberOf(count)))),
  LPAD: strict((text, length, pad) => padded(textOf(text), numberOf(length), textOf(pad), true)),
  RPAD: strict((text, length, pad) => padded(textOf(text), numberOf(length), textOf(pad), false)),
  LOCATE: strict((part, text, start = 1) => locate(textOf(part), textOf(text), numberOf(start))),
  SUBSTRING_INDEX: strict((text, delimiter, count) =>
    substringIndex(textOf(text), textOf(delimiter), Math.trunc(numberOf(count))),
  ),
  ASCII: onText((text) => Buffer.from(text)[0] ?? 0),
  ORD: onText((text) => text.codePointAt(0) ?? 0),
  STRCMP: strict((a, b) => (textOf(a) === textOf(b) ? 0 : textOf(a) < textOf(b) ? -1 : 1)),
  FIELD: (value, ...list) => (value === null ? 0 : list.findIndex((one) => textOf(one) === textOf(value)) + 1),
  REGEXP: strict((pattern, text) => (patternOf(textOf(pattern)).test(textOf(text)) ? 1 : 0)),
  REGEXP_LIKE: strict((text, pattern) => (patternOf(textOf(pattern)).test(textOf(text)) ? 1 : 0)),
  JSON_UNQUOTE: onText(unquoted),
  mysql_char: onText((text) => text),
  mysql_double: strict((value) => numberOf(value)),
  mysql_signed: strict((value) => Math.round(numberOf(value))),
};

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}

const NUMBERS: Readonly<Record<string, SqlFunction>> = {
  // In MySQL, LOG with one argument is the natural logarithm.
  LOG: strict((a, b) =>
    finite(b === undefined ? Math.log(numberOf(a)) : Math.log(numberOf(b)) / Math.log(numberOf(a))),
  ),
  TRUNCATE: strict((value, digits) => truncated(numberOf(value), numberOf(digits))),
  GREATEST: strict((...args) => extreme(args, (a, b) => a > b)),
  LEAST: strict((...args) => extreme(args, (a, b) => a < b)),
};

const extreme = (args: readonly SqlValue[], isBetter: (a: SqlValue & {}, b: SqlValue & {}) => boolean): SqlValue =>
  args.reduce((best, one) => (isBetter(one!, best!) ? one : best));

const TIMES: Readonly<Record<string, SqlFunction>> = {
  ...Object.fromEntries(Object.entries(TIME_PARTS).map(([name, part]) => [name, onTime((date) => part(date))])),
  DATE: onTime((date) => dateText(date.getTime())),
  TIMESTAMP: onTime((date) => timeText(date.getTime())),
  TIME: onTime((date) => date.toISOString().slice(11, 19)),
  DAYNAME: onTime(dayName),
  MONTHNAME: onTime(monthName),
  WEEK: onTime((date, mode = 0) => weekOf(date, weekMode(numberOf(mode)))[1]),
  WEEKOFYEAR: onTime((date) => weekOf(date, weekMode(3))[1]),
  LAST_DAY: onTime((date) => dateText(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0))),
  DATE_FORMAT: onTime((date, format = "") => formatTime(date, textOf(format))),
  STR_TO_DATE: strict((text, format) => readTime(textOf(text), textOf(format)) ?? null),
  FROM_UNIXTIME: strict((seconds, format) => {
    const text = timeText(1000 * numberOf(seconds));
    return text === null || format === undefined ? text : formatTime(new Date(epochOf(text)!), textOf(format));
  }),
  DATEDIFF: strict((a, b) => daysBetween(textOf(a), textOf(b))),
  DATE_ADD: added(1),
  ADDDATE: added(1),
  DATE_SUB: added(-1),
  SUBDATE: added(-1),
  TIMESTAMPADD: strict((unit, count, time) => added(1)(time, count, unit)),
  TIMESTAMPDIFF: strict((unit, a, b) => {
    const [from, to] = [epochOf(textOf(a)), epochOf(textOf(b))];
    return from === undefined || to === undefined ? null : (unitsBetween(textOf(unit), from, to) ?? null);
  }),
  TIME_TO_SEC: strict((time) => secondsOf(textOf(time))),
  SEC_TO_TIME: strict((seconds) => clockOf(Math.trunc(numberOf(seconds)))),
};

function daysBetween(a: string, b: string): SqlValue {
  const [to, from] = [epochOf(a), epochOf(b)];
  if (to === undefined || from === undefined) return null;
  return Math.floor(to / 86_400_000) - Math.floor(from / 86_400_000);
}

/** Returns DATE_ADD, or DATE_SUB for the factor -1. A date without a time stays one if the unit is at least a day. */
function added(factor: number): SqlFunction {
  return strict((time, count, unit = "DAY") => {
    const text = textOf(time);
    const ms = epochOf(text);
    const sum = ms === undefined ? undefined : addUnits(ms, factor * numberOf(count), textOf(unit));
    if (sum === undefined) return null;
    const isDate = text.length <= 10 && ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"].includes(textOf(unit));
    return isDate ? dateText(sum) : timeText(sum);
  });
}

function secondsOf(text: string): SqlValue {
  const clock = text.includes(" ") ? text.slice(text.indexOf(" ") + 1) : text;
  const parts = clock.split(":").map(Number);
  return parts.length > 3 || parts.some(Number.isNaN) ? null : parts.reduce((sum, part) => 60 * sum + part, 0);
}

function clockOf(seconds: number): string {
  const size = Math.abs(seconds);
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  return `${seconds < 0 ? "-" : ""}${parts.map((part) => String(part).padStart(2, "0")).join(":")}`;
}

/** Returns the functions that depend on the present time, in epoch ms. */
const timeFunctions = (nowMs: number): Readonly<Record<string, SqlFunction>> => {
  const now = Math.floor(nowMs / 1000) * 1000;
  return {
    NOW: () => timeText(now),
    UTC_TIMESTAMP: () => timeText(now),
    SYSDATE: () => timeText(now),
    CURDATE: () => dateText(now),
    UTC_DATE: () => dateText(now),
    CURTIME: () => timeText(now)?.slice(11) ?? null,
    UNIX_TIMESTAMP: (...args) => {
      if (args.length === 0) return now / 1000;
      const ms = epochOf(textOf(args[0]!));
      return ms === undefined ? null : ms / 1000;
    },
  };
};

/** Returns the functions of MySQL that SQLite lacks or that work differently there, by name. */
export const mysqlFunctions = (nowMs: number): ReadonlyMap<string, SqlFunction> =>
  new Map(Object.entries({ ...TEXTS, ...NUMBERS, ...TIMES, ...timeFunctions(nowMs) }));

/** Running sums of an aggregate function, as a window function needs them. */
export interface Variance {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

export const NO_VALUES: Variance = { count: 0, mean: 0, squares: 0 };

export function withValue(sum: Variance, value: SqlValue): Variance {
  if (value === null) return sum;
  const count = sum.count + 1;
  const delta = numberOf(value) - sum.mean;
  const mean = sum.mean + delta / count;
  return { count, mean, squares: sum.squares + delta * (numberOf(value) - mean) };
}

export function withoutValue(sum: Variance, value: SqlValue): Variance {
  if (value === null) return sum;
  const count = sum.count - 1;
  if (count === 0) return NO_VALUES;
  const mean = (sum.mean * sum.count - numberOf(value)) / count;
  return { count, mean, squares: Math.max(0, sum.squares - (numberOf(value) - mean) * (numberOf(value) - sum.mean)) };
}

const variance = ({ count, squares }: Variance, missing: number): SqlValue =>
  count - missing > 0 ? squares / (count - missing) : null;
const root = (value: SqlValue): SqlValue => (value === null ? null : Math.sqrt(value as number));

/** The aggregate functions of MySQL that SQLite lacks: their results from the running sums. */
export const VARIANCES: Readonly<Record<string, (sum: Variance) => SqlValue>> = {
  VAR_POP: (sum) => variance(sum, 0),
  VARIANCE: (sum) => variance(sum, 0),
  VAR_SAMP: (sum) => variance(sum, 1),
  STD: (sum) => root(variance(sum, 0)),
  STDDEV: (sum) => root(variance(sum, 0)),
  STDDEV_POP: (sum) => root(variance(sum, 0)),
  STDDEV_SAMP: (sum) => root(variance(sum, 1)),
};

/** Functions of SQLite that statements may call, in lower case. The others could read files or need much memory. */
export const SQLITE_FUNCTIONS: ReadonlySet<string> = new Set(
  (
    "abs acos asin atan atan2 avg ceil ceiling char coalesce concat_ws cos count cume_dist degrees dense_rank exp " +
    "first_value floor glob group_concat hex if ifnull iif instr lag last_value lead like ln log10 log2 ltrim max min " +
    "mod nth_value ntile nullif percent_rank pi pow power radians rank replace round row_number rtrim sign sin " +
    "sqrt substr substring sum tan total trim trunc typeof unicode json json_array json_array_length json_extract " +
    "json_insert json_object json_patch json_quote json_remove json_replace json_set json_type json_valid -> ->> " +
    "json_group_array json_group_object"
  ).split(" "),
);
