import { type CalendarSettings, parseDateMath } from "../time/date-math.ts";
import type { ResolvedTimeRange } from "../time/time-range.ts";
import { earlierWords, isEarlierPeriod, PARTS, PREVIOUS_PERIOD } from "./earlier-words.ts";

/** A past period with which the current time range of the same length is compared. */
export interface EarlierPeriod {
  readonly range: ResolvedTimeRange;
  /** Time in ms between the start of the period and the start of the current time range. */
  readonly shiftMs: number;
  /** Name of the period in legends: `1 day earlier`, `previous period`. */
  readonly words: string;
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
