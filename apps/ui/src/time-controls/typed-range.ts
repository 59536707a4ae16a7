import { type CalendarSettings, parseDateMath, type RawTimeRange } from "@narthex/dashboards";

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
