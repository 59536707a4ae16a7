import { hexOf, parseColor } from "@narthex/dashboards";
import { readableOn } from "../../plot/readable-text.ts";

/** What is read better on a ground. Undefined on one that shows what is below it. */
export function textOn(background: string): string | undefined {
  const color = parseColor(background);
  return color === undefined || color.a < 0.5 ? undefined : readableOn(hexOf({ ...color, a: 1 }), background);
}

/** The ground of a coloured cell; a gradient is of the same colour, a shade apart. */
export const background = (color: string, isGradient: boolean): string =>
  isGradient ? `linear-gradient(120deg, color-mix(in oklab, ${color} 82%, white), ${color})` : color;
