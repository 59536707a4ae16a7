import { type CalendarSettings, parseDateMath } from "./date-math.ts";
import { parseInterval } from "./interval.ts";

/** A time range with both ends as text: `now-6h`, a date, or epoch ms. */
export interface RawTimeRange {
  readonly from: string;
  readonly to: string;
}

/** A time range in epoch ms, including both ends. */
export interface ResolvedTimeRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Converts a time range of texts to times, relative to the current time. Returns undefined if an end is not a time, or
 * if the range ends before it begins.
 */
export function resolveTimeRange(
  { from, to }: RawTimeRange,
  settings: CalendarSettings,
): ResolvedTimeRange | undefined {
  const start = parseDateMath(from, settings);
  const end = parseDateMath(to, settings, true);
  return start === undefined || end === undefined || end < start ? undefined : { from: start, to: end };
}

/**
 * Returns a panel's time range. Without `timeFrom` it is the dashboard's. A `timeFrom` such as `6h` is a range that
 * ends now; `now/d` ends at the end of the unit. `timeShift` moves the range into the past. Returns undefined if a text
 * is invalid.
 */
export function panelTimeRange(
  range: RawTimeRange,
  { timeFrom, timeShift }: { readonly timeFrom?: string; readonly timeShift?: string },
  settings: CalendarSettings,
): (ResolvedTimeRange & { readonly raw: RawTimeRange }) | undefined {
  const raw =
    timeFrom === undefined || timeFrom === ""
      ? range
      : timeFrom.startsWith("now")
        ? { from: timeFrom, to: timeFrom.includes("/") ? timeFrom : "now" }
        : { from: `now-${timeFrom}`, to: "now" };
  const resolved = resolveTimeRange(raw, settings);
  if (resolved === undefined || timeShift === undefined || timeShift === "") return resolved && { ...resolved, raw };
  const shift = `-${timeShift.replace(/^-/, "")}`;
  const from = parseDateMath(`${resolved.from}||${shift}`, settings);
  const to = parseDateMath(`${resolved.to}||${shift}`, settings, true);
  if (from === undefined || to === undefined) return undefined;
  return { from, to, raw: { from: String(from), to: String(to) } };
}

/**
 * Reads a time range from URL parameters: `from` and `to`, or `time` as the middle of a range of length `time.window`.
 */
export function rangeFromUrl(params: URLSearchParams): RawTimeRange | undefined {
  const [time, span] = [params.get("time"), params.get("time.window")];
  if (time !== null && /^\d+$/.test(time)) {
    const half = (span !== null && /^\d+$/.test(span) ? Number(span) : parseInterval("10m")!) / 2;
    return { from: String(Math.round(Number(time) - half)), to: String(Math.round(Number(time) + half)) };
  }
  const [from, to] = [params.get("from"), params.get("to")];
  return from === null && to === null ? undefined : { from: from ?? "now-6h", to: to ?? "now" };
}
