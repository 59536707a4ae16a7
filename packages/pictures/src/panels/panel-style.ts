import { formatValue, hexOf, joinFormatted, lineColor, type PlotTheme, rgbOf } from "@narthex/dashboards";
import type { Paint } from "../scene/scene.ts";

/** Sizes of texts, pixels. */
export const TITLE_SIZE = 14;
export const TEXT_SIZE = 11;
export const LINE_HEIGHT = 17;

/** Maximum number of entries of each kind. The rest is named as a number. */
export const MOST_SERIES = 100;
export const MOST_MARKS = 50;
export const MOST_THRESHOLDS = 20;

/** Returns the colour of an entry, or the colour of the palette at its index. */
export function paintOf(color: string | undefined, index: number, { scheme }: PlotTheme): Paint {
  if (color === undefined) return { color: lineColor(index, scheme) };
  const parsed = rgbOf(color, scheme);
  return { color: hexOf({ ...parsed, a: 1 }), opacity: parsed.a };
}

/** Returns a value with its unit. */
export const valueText = (value: number, unit = "", decimals?: number): string =>
  joinFormatted(formatValue(unit === "" ? "short" : unit, value, decimals));

/** Returns the number of entries that have no place, as text. */
export const moreText = (count: number): string => `and ${count.toLocaleString("en-US")} more`;
