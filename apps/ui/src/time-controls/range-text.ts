import {
  type CalendarSettings,
  describeRange,
  formatTime,
  parseDateMath,
  type QuickRange,
  type RawTimeRange,
  type ResolvedTimeRange,
  timeFormats,
} from "@narthex/dashboards";

/** Formats a time for the two text fields of a range. */
const clockText = (ms: number, zone: string): string =>
  formatTime(ms, zone, ms % 1000 === 0 ? timeFormats.fullDate : timeFormats.fullDateMs);

/** Formats the start or the end of a time range: epoch ms as a date, anything else unchanged. */
export const endText = (text: string, zone: string): string =>
  /^-?\d{1,16}$/.test(text) ? clockText(Number(text), zone) : text;

/**
 * Returns the text that describes a time range: its name if it has one, such as `Last 6 hours`, otherwise its start and
 * end.
 */
export function rangeText(raw: RawTimeRange, quick: readonly QuickRange[], zone: string): string {
  const named = quick.find(({ from, to }) => from === raw.from && to === raw.to);
  return named?.display ?? describeRange(raw) ?? `${endText(raw.from, zone)} to ${endText(raw.to, zone)}`;
}

/** Returns the current start and end of a range as dates. */
export const rangeInFull = (range: ResolvedTimeRange, zone: string): string =>
  `${clockText(range.from, zone)} to ${clockText(range.to, zone)}`;

/** Error messages for the start and the end of a range. */
export interface RangeProblems {
  readonly from?: string;
  readonly to?: string;
}

const unreadable = (text: string): string =>
  text.trim() === ""
    ? "Write a time, such as now-6h or 2026-01-31 12:00:00."
    : `"${text.slice(0, 40)}" is not a time. Write now-6h, now/d or 2026-01-31 12:00:00.`;

/**
 * Checks the start and the end of a range. Returns an empty object if they are valid times and the start is before the
 * end.
 */
export function rangeProblems({ from, to }: RawTimeRange, settings: CalendarSettings): RangeProblems {
  const start = parseDateMath(from, settings);
  const end = parseDateMath(to, settings, true);
  if (start === undefined || end === undefined) {
    return {
      ...(start === undefined ? { from: unreadable(from) } : {}),
      ...(end === undefined ? { to: unreadable(to) } : {}),
    };
  }
  return start > end ? { to: "The range ends before it starts. Set a later end." } : {};
}

/**
 * Converts the typed start and end to the format in the URL. Dates become epoch ms, and relative times stay unchanged.
 */
export function rangeOfTexts({ from, to }: RawTimeRange, settings: CalendarSettings): RawTimeRange {
  const kept = (text: string, isEnd: boolean): string => {
    if (text.includes("now")) return text.trim();
    return String(parseDateMath(text, settings, isEnd) ?? text);
  };
  return { from: kept(from, false), to: kept(to, true) };
}

/** Converts a time range to an absolute range with both ends in epoch ms. */
export const absoluteRange = ({ from, to }: ResolvedTimeRange): RawTimeRange => ({
  from: String(Math.round(from)),
  to: String(Math.round(to)),
});

/** Returns the middle half of a time range. */
export function zoomIn({ from, to }: ResolvedTimeRange): ResolvedTimeRange {
  const quarter = Math.floor((to - from) / 4);
  return { from: from + quarter, to: to - quarter };
}

/** Parses a copied time range, `{"from":…,"to":…}`. Returns undefined for any other text. */
export function copiedRange(text: string, settings: CalendarSettings): RawTimeRange | undefined {
  try {
    const value: unknown = JSON.parse(text.slice(0, 1000));
    if (typeof value !== "object" || value === null || !("from" in value) || !("to" in value)) return undefined;
    const raw = { from: String(value.from), to: String(value.to) };
    const problems = rangeProblems(raw, settings);
    return problems.from === undefined && problems.to === undefined ? rangeOfTexts(raw, settings) : undefined;
  } catch {
    return undefined;
  }
}
