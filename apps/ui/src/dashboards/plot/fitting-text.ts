import { textWidth } from "./plot-theme.ts";

/** How wide a text is at a size and weight, CSS pixels. */
export type TextMeasure = (text: string, size: number, weight: number) => number;

const FAMILY = '"Inter", "Segoe UI", system-ui, sans-serif';
/** Longer texts are measured by their beginning: they end in an ellipsis anyway. */
const MEASURED = 300;

/** Measured on a canvas, with the fonts of panels. */
export const measureText: TextMeasure = (text, size, weight) =>
  textWidth(text.slice(0, MEASURED), `${weight} ${size}px ${FAMILY}`);

/** The room of a text of one line. */
export interface TextRoom {
  readonly width: number;
  readonly height: number;
  /** In sizes of the font. */
  readonly lineHeight?: number;
  readonly max?: number;
  readonly weight?: number;
}

/** Sizes go in halves of a pixel. */
const STEP = 0.5;
/** No smaller: such a text cannot be read, and is cut. */
export const SMALLEST_TEXT = 8;

/** The greatest font size, CSS pixels, at which a line of text fits into its room. */
export function fittingSize(text: string, room: TextRoom, measure: TextMeasure = measureText): number {
  const { width, height, lineHeight = 1.2, max = Infinity, weight = 400 } = room;
  const limit = Math.max(0, Math.min(max, height / lineHeight, 2000));
  let [fits, exceeds] = [0, Math.floor(limit / STEP) + 1];
  while (exceeds - fits > 1) {
    const middle = (fits + exceeds) >> 1;
    if (measure(text, middle * STEP, weight) <= width) fits = middle;
    else exceeds = middle;
  }
  return Math.max(fits * STEP, Math.min(SMALLEST_TEXT, limit));
}
