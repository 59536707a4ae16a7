import { type JsonObject, parseInterval } from "@narthex/dashboards";
import type { TimeRange } from "../data-source.ts";
import { flagAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";

/** Shifts of the start and the end of a range, ms. */
export interface TimeShift {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the shifts with which a trace is searched within the time range of the panel. Undefined if a trace is searched
 * at all times. Throws QueryFailure if a shift is not a duration.
 */
export function timeShiftOf(traceQuery: JsonObject): TimeShift | undefined {
  if (flagAt(traceQuery, "timeShiftEnabled") !== true) return undefined;
  return {
    start: shiftOf(textAt(traceQuery, "spanStartTimeShift"), "-30m"),
    end: shiftOf(textAt(traceQuery, "spanEndTimeShift"), "30m"),
  };
}

/** Returns a shift in ms. Throws QueryFailure if it is not a duration. A text without a minus is a shift to later times. */
export function shiftOf(text: string, usual: string): number {
  const given = text.trim() === "" ? usual : text.trim();
  const isEarlier = given.startsWith("-");
  const ms = parseInterval(isEarlier ? given.slice(1) : given);
  if (ms === undefined) throw new QueryFailure(400, `the time shift "${text}" is not a duration; write -1h or 30m`);
  return isEarlier ? 0 - ms : ms;
}

export const shiftedRange = ({ from, to }: TimeRange, { start, end }: TimeShift): TimeRange => ({
  from: Math.max(0, from + start),
  to: Math.max(0, to + end),
});
