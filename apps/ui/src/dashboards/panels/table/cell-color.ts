import { hexOf, parseColor } from "@narthex/dashboards";
import { readableOn, shadedFrom } from "../../plot/readable-text.ts";

/** What is read better on a ground. Undefined on one that shows what is below it. */
export function textOn(background: string): string | undefined {
  const color = parseColor(background);
  return color === undefined || color.a < 0.5 ? undefined : readableOn(hexOf({ ...color, a: 1 }), background);
}

/** The ground of a coloured cell; a gradient is of the same colour, a shade apart on which its text is read, too. */
export const background = (color: string, text: string | undefined, isGradient: boolean): string =>
  isGradient ? `linear-gradient(120deg, ${shadedFrom(text ?? "", color, 18)}, ${color})` : color;
