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
  const isFitting = (steps: number): boolean => measure(text, steps * STEP, weight) <= width;
  const most = Math.floor(limit / STEP);
  let [fits, exceeds] = [0, most + 1];
  // A text is about as wide as its size says: a browser makes a font of each size that it is asked for, which takes it long.
  const known = most === 0 ? 0 : measure(text, most * STEP, weight);
  if (known <= width) fits = most;
  else {
    exceeds = most;
    const guess = Math.min(most - 1, Math.max(1, Math.floor((most * width) / known)));
    for (const steps of [guess, guess + 1, guess - 1])
      if (steps > fits && steps < exceeds) {
        if (isFitting(steps)) fits = steps;
        else exceeds = steps;
      }
  }
  while (exceeds - fits > 1) {
    const middle = (fits + exceeds) >> 1;
    if (isFitting(middle)) fits = middle;
    else exceeds = middle;
  }
  return Math.max(fits * STEP, Math.min(SMALLEST_TEXT, limit));
}
