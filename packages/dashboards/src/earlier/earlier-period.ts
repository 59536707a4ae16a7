import { type CalendarSettings, parseDateMath } from "../time/date-math.ts";
import type { ResolvedTimeRange } from "../time/time-range.ts";

/** A stretch of the past as long as a range, with which the range is compared. */
export interface EarlierPeriod {
  readonly range: ResolvedTimeRange;
  /** By how much it lies before the range, ms. */
  readonly shiftMs: number;
  /** For legends: `1 day earlier`, `previous period`. */
  readonly words: string;
}

/** The range that ends where another begins, as addresses write it. */
export const PREVIOUS_PERIOD = "previous";

const DISTANCE = /^(?:\d{1,6}(?:ms|[smhdwMQy]))+$/;
const PARTS = /(\d{1,6})(ms|[smhdwMQy])/g;

const UNIT_NAMES: Readonly<Record<string, string>> = {
  ms: "millisecond",
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  M: "month",
  Q: "quarter",
  y: "year",
};

const wordsOf = (distance: string): string =>
  [...distance.matchAll(PARTS)]
    .map(([, count, unit]) => `${Number(count)} ${UNIT_NAMES[unit!]}${Number(count) === 1 ? "" : "s"}`)
    .join(" ");

/** Whether a text says how far back an earlier period lies: `previous`, `1d`, `1w`, `1d12h`. */
export const isEarlierPeriod = (text: string): boolean =>
  text === PREVIOUS_PERIOD || (DISTANCE.test(text) && /[1-9]/.test(text));

/** How legends call an earlier period; the text itself where it means none. */
export function earlierWords(text: string): string {
  if (!isEarlierPeriod(text)) return text;
  return text === PREVIOUS_PERIOD ? "previous period" : `${wordsOf(text)} earlier`;
}

/**
 * The period so far before a range, of the same length. Days, weeks and months are those of the calendar: the same hour
 * of the day before, though clocks were changed in between. Undefined where the text means none.
 */
export function earlierPeriod(
  text: string,
  range: ResolvedTimeRange,
  calendar: CalendarSettings,
): EarlierPeriod | undefined {
  if (!isEarlierPeriod(text)) return undefined;
  const from = text === PREVIOUS_PERIOD ? 2 * range.from - range.to : stepsBefore(text, range.from, calendar);
  if (from === undefined || !(from < range.from)) return undefined;
  const shiftMs = range.from - from;
  return { range: { from, to: range.to - shiftMs }, shiftMs, words: earlierWords(text) };
}

const stepsBefore = (distance: string, time: number, calendar: CalendarSettings): number | undefined =>
  parseDateMath(`${Math.round(time)}||${distance.replaceAll(PARTS, "-$1$2")}`, calendar);
