import { type CalendarSettings, parseDateMath } from "../time/date-math.ts";
import type { ResolvedTimeRange } from "../time/time-range.ts";

/** A past period with which the current time range of the same length is compared. */
export interface EarlierPeriod {
  readonly range: ResolvedTimeRange;
  /** Time in ms between the start of the period and the start of the current time range. */
  readonly shiftMs: number;
  /** Name of the period in legends: `1 day earlier`, `previous period`. */
  readonly words: string;
}

/** Value of the URL parameter that means the period immediately before the current time range. */
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

/** Reports whether a text names an earlier period: `previous`, `1d`, `1w`, `1d12h`. */
export const isEarlierPeriod = (text: string): boolean =>
  text === PREVIOUS_PERIOD || (DISTANCE.test(text) && /[1-9]/.test(text));

/** Returns the name of an earlier period in legends, or the text itself if it names no period. */
export function earlierWords(text: string): string {
  if (!isEarlierPeriod(text)) return text;
  return text === PREVIOUS_PERIOD ? "previous period" : `${wordsOf(text)} earlier`;
}

/**
 * Returns the period that is earlier than a range by the given amount and has the same length. Days, weeks and months
 * are calendar units: one day earlier is the same hour of the previous day, even across a clock change. Returns
 * undefined if the text names no period.
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
