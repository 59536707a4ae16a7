import { contrastRatio, hexOf, parseColor, type Rgb } from "@narthex/dashboards";

const DARK: Rgb = { r: 16, g: 22, b: 18, a: 1 };
const LIGHT: Rgb = { r: 255, g: 255, b: 255, a: 1 };

/** Returns the opaque colour that a transparent colour has on a background. */
const laid = (color: Rgb, ground: Rgb): Rgb => {
  const mix = (over: number, under: number): number => over * color.a + under * (1 - color.a);
  return { r: mix(color.r, ground.r), g: mix(color.g, ground.g), b: mix(color.b, ground.b), a: 1 };
};

/** Minimum contrast of a text, from WCAG 1.4.3. */
const TEXT_CONTRAST = 4.5;
/** Minimum contrast of large text. */
const LARGE_TEXT_CONTRAST = 3;
/** Text of at least this size (CSS pixels) counts as large. */
const LARGE_PX = 24;

const BLACK: Rgb = { r: 0, g: 0, b: 0, a: 1 };
const WHITE_TEXT = "#ffffff";

/**
 * Returns white or nearly black, whichever is more readable on a colour that is drawn on a background. Returns black if
 * neither has enough contrast.
 */
export function readableOn(color: string, ground: string): string {
  const under = parseColor(ground) ?? LIGHT;
  const seen = laid(parseColor(color) ?? under, under);
  const [onLight, onDark] = [contrastRatio(LIGHT, seen), contrastRatio(DARK, seen)];
  if (Math.max(onLight, onDark) < TEXT_CONTRAST) return "#000000";
  return onLight >= onDark ? WHITE_TEXT : "#101612";
}

/**
 * Returns the start colour of a gradient that ends in `color`. The start colour has even more contrast with the text.
 */
export const shadedFrom = (text: string, color: string, percent: number): string =>
  `color-mix(in srgb, ${color} ${100 - percent}%, ${text === WHITE_TEXT ? "black" : "white"})`;

const legibles = new Map<string, string>();
const MAX_LEGIBLES = 2000;

/** Returns a variant of a colour in which text of this size is legible on the background. */
export function legibleOn(color: string, ground: string, sizePx: number): string {
  const least = sizePx >= LARGE_PX ? LARGE_TEXT_CONTRAST : TEXT_CONTRAST;
  const key = `${color} ${ground} ${least}`;
  const known = legibles.get(key);
  if (known !== undefined) return known;
  const legible = shadeWith(color, parseColor(ground) ?? LIGHT, least);
  if (legibles.size >= MAX_LEGIBLES) legibles.clear();
  legibles.set(key, legible);
  return legible;
}

/** Number of steps from a colour to black or white. */
const STEPS = 64;

function shadeWith(color: string, ground: Rgb, least: number): string {
  const own = parseColor(color);
  if (own === undefined) return color;
  const seen = laid(own, ground);
  if (contrastRatio(seen, ground) >= least) return color;
  const end = contrastRatio(LIGHT, ground) >= contrastRatio(BLACK, ground) ? 255 : 0;
  const shadeAt = (step: number): Rgb => {
    const part = (value: number): number => Math.round(value + ((end - value) * step) / STEPS);
    return { r: part(seen.r), g: part(seen.g), b: part(seen.b), a: 1 };
  };
  for (let step = 1; step < STEPS; step++) {
    const shade = shadeAt(step);
    if (contrastRatio(shade, ground) >= least) return hexOf(shade);
  }
  return hexOf(shadeAt(STEPS));
}
