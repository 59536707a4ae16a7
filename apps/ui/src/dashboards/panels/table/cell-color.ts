import { contrastRatio, hexOf, parseColor, type Rgb } from "@narthex/dashboards";

const white: Rgb = { r: 255, g: 255, b: 255, a: 1 };
const black: Rgb = { r: 17, g: 18, b: 23, a: 1 };

/** Black or white: which is read better on a ground. Undefined on one that shows what is below it. */
export function textOn(background: string): string | undefined {
  const color = parseColor(background);
  if (color === undefined || color.a < 0.5) return undefined;
  return hexOf(contrastRatio(color, white) >= contrastRatio(color, black) ? white : black);
}

/** The ground of a coloured cell; a gradient is of the same colour, a shade apart. */
export const background = (color: string, isGradient: boolean): string =>
  isGradient ? `linear-gradient(120deg, color-mix(in oklab, ${color} 82%, white), ${color})` : color;
