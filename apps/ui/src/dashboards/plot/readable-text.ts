import { contrastRatio, parseColor, type Rgb } from "@narthex/dashboards";

const DARK: Rgb = { r: 16, g: 22, b: 18, a: 1 };
const LIGHT: Rgb = { r: 255, g: 255, b: 255, a: 1 };

/** What the eye sees of a colour that lets its ground through. */
const laid = (color: Rgb, ground: Rgb): Rgb => {
  const mix = (over: number, under: number): number => over * color.a + under * (1 - color.a);
  return { r: mix(color.r, ground.r), g: mix(color.g, ground.g), b: mix(color.b, ground.b), a: 1 };
};

/** Black or white, CSS: which of them is read better on a colour that lies on a ground. Colours that cannot be read count as the ground. */
export function readableOn(color: string, ground: string): string {
  const under = parseColor(ground) ?? LIGHT;
  const seen = laid(parseColor(color) ?? under, under);
  return contrastRatio(LIGHT, seen) >= contrastRatio(DARK, seen) ? "#ffffff" : "#101612";
}

/** A colour made darker, CSS. */
export const darkened = (color: string, percent: number): string =>
  `color-mix(in srgb, ${color} ${100 - percent}%, black)`;
