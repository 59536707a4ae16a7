// Ranges with words such as `now/d`. Pages load this file on demand, because reading such texts takes much code.
import {
  type CalendarSettings,
  parseInterval,
  type RawTimeRange,
  type ResolvedTimeRange,
  resolveTimeRange,
} from "@narthex/dashboards";
import { defaultTimeRange, rangeBetween, type TimeRange } from "./time-range.ts";

/** Returns the start and the end of a range at a time, epoch ms. */
export function spanAt({ rangeMs, endMs, raw }: TimeRange, calendar: CalendarSettings): ResolvedTimeRange {
  const own = raw === null ? undefined : resolveTimeRange(raw, calendar);
  const to = endMs ?? calendar.now;
  return own ?? { from: to - rangeMs, to };
}

/** Converts a range of a dashboard to one of the query page. Returns the last hour for a range that is invalid. */
export function rangeOfRaw(raw: RawTimeRange, calendar: CalendarSettings): TimeRange {
  const [from, to] = [raw.from.trim(), raw.to.trim()];
  const span = resolveTimeRange({ from, to }, calendar);
  if (span === undefined) return defaultTimeRange;
  const length = to === "now" ? parseInterval(/^now-(\d{1,9}[smhdw])$/.exec(from)?.[1] ?? "") : undefined;
  if (length !== undefined && length > 0) return { rangeMs: length, endMs: null, raw: null };
  if (!from.includes("now") && !to.includes("now")) return rangeBetween(span.from / 1000, span.to / 1000);
  return { rangeMs: Math.max(1000, span.to - span.from), endMs: null, raw: { from, to } };
}
