import { describeRange, type QuickRange, type RawTimeRange, type ResolvedTimeRange } from "@narthex/dashboards";
import { formatInstant } from "../format/instant.ts";

/** Formats a time for the two text fields of a range. */
function clockText(ms: number, zone: string): string {
  const fraction = ms % 1000;
  return `${formatInstant(ms, zone)}${fraction === 0 ? "" : `.${String(fraction).padStart(3, "0")}`}`;
}

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
