import { hexOf, parseColor } from "@narthex/dashboards";
import { readableOn, shadedFrom } from "../../plot/readable-text.ts";

/** Returns the text colour that has the best contrast with a background; undefined for a transparent background. */
export function textOn(background: string): string | undefined {
  const color = parseColor(background);
  return color === undefined || color.a < 0.5 ? undefined : readableOn(hexOf({ ...color, a: 1 }), background);
}

/**
 * Returns the CSS background of a coloured cell. A gradient starts at a shade of the colour on which the cell's text is
 * legible.
 */
export const background = (color: string, text: string | undefined, isGradient: boolean): string =>
  isGradient ? `linear-gradient(120deg, ${shadedFrom(text ?? "", color, 18)}, ${color})` : color;
