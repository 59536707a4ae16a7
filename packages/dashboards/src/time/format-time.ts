import { type CivilTime, civilTime, offsetAt, weekdayOf } from "./time-zone.ts";

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** Short date format tokens, such as `LT`, and the formats that replace them, in American English. */
const LONG: Readonly<Record<string, string>> = {
  LTS: "h:mm:ss A",
  LT: "h:mm A",
  LLLL: "dddd, MMMM D, YYYY h:mm A",
  LLL: "MMMM D, YYYY h:mm A",
  LL: "MMMM D, YYYY",
  L: "MM/DD/YYYY",
  llll: "ddd, MMM D, YYYY h:mm A",
  lll: "MMM D, YYYY h:mm A",
  ll: "MMM D, YYYY",
  l: "M/D/YYYY",
};
const LONG_TOKEN = /\[[^[]*\]|(\\)?(LTS|LT|L{1,4}|l{1,4})/g;
/**
 * Matches the next token of a date format: the longest one, otherwise one character. A token after a backslash is
 * written literally.
 */
const TOKEN =
  /\[([^[]*)\]|\\?(?:[Hh]mm(?:ss)?|Mo|M{1,4}|Do|DDDo|D{1,4}|d{2,4}|do?|w[ow]?|W[oW]?|Qo?|N{1,5}|Y{4,6}|YY|y{2,4}|yo?|g{4,5}|gg|G{4,5}|GG|e|E|a|A|hh?|HH?|kk?|mm?|ss?|S{1,9}|x|X|zz?|ZZ?|[^])/g;
/**
 * Maximum length of a date format in characters; longer formats are cut off. The limit bounds the time to search for
 * closing brackets.
 */
const MAX_FORMAT = 1000;

const pad = (value: number, width: number): string =>
  value < 0 ? `-${pad(-value, width)}` : String(value).padStart(width, "0");

function ordinal(value: number): string {
  const teens = value % 100;
  const ending = teens > 10 && teens < 14 ? "th" : (["th", "st", "nd", "rd"][value % 10] ?? "th");
  return `${value}${ending}`;
}

function offsetText(ms: number, zone: string, separator: string): string {
  const minutes = Math.round(offsetAt(ms, zone) / 60_000);
  const whole = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(whole / 60), 2)}${separator}${pad(whole % 60, 2)}`;
}

function zoneAbbreviation(ms: number, zone: string): string {
  if (zone === "UTC") return "UTC";
  try {
    const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "short" }).formatToParts(ms);
    return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  } catch {
    return "";
  }
}

const dayOfYear = ({ year, month, day }: CivilTime): number =>
  Math.round((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1;

/**
 * Returns the week of a time: its number and its year. Weeks begin on Monday and the first contains 4 January, or they
 * begin on Sunday and the first contains 1 January.
 */
function weekOf(civil: CivilTime, kind: "monday" | "sunday"): { week: number; year: number } {
  const [first, pivot] = kind === "monday" ? [1, 4] : [0, 1];
  const startOfFirst = (year: number): number => {
    const date = Date.UTC(year, 0, pivot);
    return date - ((new Date(date).getUTCDay() - first + 7) % 7) * 86_400_000;
  };
  const time = Date.UTC(civil.year, civil.month - 1, civil.day);
  const year = [civil.year + 1, civil.year].find((candidate) => time >= startOfFirst(candidate)) ?? civil.year - 1;
  return { week: Math.floor((time - startOfFirst(year)) / 604_800_000) + 1, year };
}

interface Moment extends CivilTime {
  readonly ms: number;
  readonly zone: string;
}

const twelveHour = ({ hour }: CivilTime): number => (hour % 12 === 0 ? 12 : hour % 12);
const quarter = ({ month }: CivilTime): number => Math.ceil(month / 3);
const dayName = (civil: CivilTime): string => DAYS[weekdayOf(civil)]!;
const sundayWeek = (civil: CivilTime) => weekOf(civil, "sunday");
const mondayWeek = (civil: CivilTime) => weekOf(civil, "monday");

const eraYear = ({ year }: CivilTime): number => (year > 0 ? year : 1 - year);
const eraShort = ({ year }: CivilTime): string => (year > 0 ? "AD" : "BC");

type Tokens = Readonly<Record<string, (at: Moment) => string>>;

const DATE_TOKENS: Tokens = {
  YYYY: ({ year }) => pad(year, 4),
  YYYYY: ({ year }) => pad(year, 5),
  YYYYYY: ({ year }) => (year < 0 ? "" : "+") + pad(year, 6),
  YY: ({ year }) => (year < 0 ? "-" : "") + pad(Math.abs(year) % 100, 2),
  Y: ({ year }) => (year <= 9999 ? pad(year, 4) : `+${year}`),
  y: (at) => String(eraYear(at)),
  yo: (at) => ordinal(eraYear(at)),
  yy: (at) => pad(eraYear(at), 2),
  yyy: (at) => pad(eraYear(at), 3),
  yyyy: (at) => pad(eraYear(at), 4),
  N: eraShort,
  NN: eraShort,
  NNN: eraShort,
  NNNN: ({ year }) => (year > 0 ? "Anno Domini" : "Before Christ"),
  NNNNN: eraShort,
  Q: (at) => String(quarter(at)),
  Qo: (at) => ordinal(quarter(at)),
  M: ({ month }) => String(month),
  Mo: ({ month }) => ordinal(month),
  MM: ({ month }) => pad(month, 2),
  MMM: ({ month }) => MONTHS[month - 1]!.slice(0, 3),
  MMMM: ({ month }) => MONTHS[month - 1]!,
  D: ({ day }) => String(day),
  Do: ({ day }) => ordinal(day),
  DD: ({ day }) => pad(day, 2),
  DDD: (at) => String(dayOfYear(at)),
  DDDo: (at) => ordinal(dayOfYear(at)),
  DDDD: (at) => pad(dayOfYear(at), 3),
  d: (at) => String(weekdayOf(at)),
  e: (at) => String(weekdayOf(at)),
  E: (at) => String(weekdayOf(at) || 7),
  do: (at) => ordinal(weekdayOf(at)),
  dd: (at) => dayName(at).slice(0, 2),
  ddd: (at) => dayName(at).slice(0, 3),
  dddd: dayName,
  w: (at) => String(sundayWeek(at).week),
  wo: (at) => ordinal(sundayWeek(at).week),
  ww: (at) => pad(sundayWeek(at).week, 2),
  W: (at) => String(mondayWeek(at).week),
  Wo: (at) => ordinal(mondayWeek(at).week),
  WW: (at) => pad(mondayWeek(at).week, 2),
  gggg: (at) => pad(sundayWeek(at).year, 4),
  ggggg: (at) => pad(sundayWeek(at).year, 5),
  gg: (at) => pad(sundayWeek(at).year % 100, 2),
  GGGG: (at) => pad(mondayWeek(at).year, 4),
  GGGGG: (at) => pad(mondayWeek(at).year, 5),
  GG: (at) => pad(mondayWeek(at).year % 100, 2),
};

const CLOCK_TOKENS: Tokens = {
  H: ({ hour }) => String(hour),
  HH: ({ hour }) => pad(hour, 2),
  h: (at) => String(twelveHour(at)),
  hh: (at) => pad(twelveHour(at), 2),
  Hmm: ({ hour, minute }) => `${hour}${pad(minute, 2)}`,
  Hmmss: ({ hour, minute, second }) => `${hour}${pad(minute, 2)}${pad(second, 2)}`,
  hmm: (at) => `${twelveHour(at)}${pad(at.minute, 2)}`,
  hmmss: (at) => `${twelveHour(at)}${pad(at.minute, 2)}${pad(at.second, 2)}`,
  k: ({ hour }) => String(hour || 24),
  kk: ({ hour }) => pad(hour || 24, 2),
  m: ({ minute }) => String(minute),
  mm: ({ minute }) => pad(minute, 2),
  s: ({ second }) => String(second),
  ss: ({ second }) => pad(second, 2),
  A: ({ hour }) => (hour < 12 ? "AM" : "PM"),
  a: ({ hour }) => (hour < 12 ? "am" : "pm"),
  X: ({ ms }) => String(Math.floor(ms / 1000)),
  x: ({ ms }) => String(ms),
  Z: ({ ms, zone }) => offsetText(ms, zone, ":"),
  ZZ: ({ ms, zone }) => offsetText(ms, zone, ""),
  z: ({ ms, zone }) => zoneAbbreviation(ms, zone),
  zz: ({ ms, zone }) => zoneAbbreviation(ms, zone),
};

const TOKENS: Tokens = { ...DATE_TOKENS, ...CLOCK_TOKENS };

/**
 * Formats a time in a time zone, with the tokens of the library moment: `YYYY-MM-DD HH:mm:ss`. Text in brackets is
 * written literally.
 */
export function formatTime(ms: number, zone: string, format: string): string {
  if (!(Math.abs(ms) <= 8.64e15)) return "Invalid date";
  const at: Moment = { ...civilTime(ms, zone), ms, zone };
  return format
    .slice(0, MAX_FORMAT)
    .replaceAll(LONG_TOKEN, (written, escape: string | undefined, long: string | undefined) =>
      long === undefined || escape !== undefined ? written : LONG[long]!,
    )
    .replaceAll(TOKEN, (token, bracketed: string | undefined) => {
      if (bracketed !== undefined) return bracketed;
      if (token.startsWith("\\")) return token.replaceAll("\\", "");
      if (token.startsWith("S")) return pad(at.millisecond, 3).padEnd(9, "0").slice(0, token.length);
      return TOKENS[token]?.(at) ?? token;
    });
}

/** Date formats for tables and axes. The distance between an axis' ticks determines the format of the axis. */
export const timeFormats = {
  fullDate: "YYYY-MM-DD HH:mm:ss",
  fullDateMs: "YYYY-MM-DD HH:mm:ss.SSS",
} as const;
