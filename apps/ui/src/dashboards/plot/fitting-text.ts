import { textWidth } from "../../plot/plot-theme.ts";

/** Returns the width of a text at a font size and weight, CSS pixels. */
export type TextMeasure = (text: string, size: number, weight: number) => number;

const FAMILY = '"Inter", "Segoe UI", system-ui, sans-serif';
/** Maximum number of characters whose width is measured. Longer texts are cut with an ellipsis. */
const MEASURED = 300;

/** Measures the width of a text on a canvas, in the font of the panels. */
export const measureText: TextMeasure = (text, size, weight) =>
  textWidth(text.slice(0, MEASURED), `${weight} ${size}px ${FAMILY}`);

export interface TextRoom {
  readonly width: number;
  readonly height: number;
  /** Line height relative to the font size. */
  readonly lineHeight?: number;
  readonly max?: number;
  readonly weight?: number;
}

/** Precision of font sizes, pixels. */
const STEP = 0.5;
/** Minimum font size, pixels. A text that does not fit at this size is cut. */
export const SMALLEST_TEXT = 8;

/** Returns the largest font size, CSS pixels, at which a line of text fits. */
export function fittingSize(text: string, room: TextRoom, measure: TextMeasure = measureText): number {
  const { width, height, lineHeight = 1.2, max = Infinity, weight = 400 } = room;
  const limit = Math.max(0, Math.min(max, height / lineHeight, 2000));
  const isFitting = (steps: number): boolean => measure(text, steps * STEP, weight) <= width;
  const most = Math.floor(limit / STEP);
  let [fits, exceeds] = [0, most + 1];
  // The width of the text at the largest size, from which the fitting size is estimated. Trying many sizes would be
  // slow, because the browser creates a font for each measured size.
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
