import { hexOf, type Rgb } from "./css-color.ts";
import { type ColorRamp, colorsOf } from "./color-ramps.ts";

/**
 * Function that returns the colour at a position of a scale, 0 to 1. A position below 0 or above 1 gives the colour of
 * that end.
 */
export type ColorScale = (share: number) => string;

const bound = (value: number, max: number): number => Math.min(max, Math.max(0, value));

/**
 * Returns a colour scale: a cubic B-spline that starts at the first colour of the list, ends at the last one, and
 * passes near the colours between them.
 */
export function splineScale(colors: readonly Rgb[]): ColorScale {
  const channel = (pick: (color: Rgb) => number, share: number): number => {
    const last = colors.length - 1;
    const t = bound(share, 1);
    const i = Math.min(last - 1, Math.floor(t * last));
    const [from, to] = [pick(colors[i]!), pick(colors[i + 1]!)];
    const before = i > 0 ? pick(colors[i - 1]!) : 2 * from - to;
    const after = i < last - 1 ? pick(colors[i + 2]!) : 2 * to - from;
    const t1 = (t - i / last) * last;
    const [t2, t3] = [t1 * t1, t1 * t1 * t1];
    const sum =
      (1 - 3 * t1 + 3 * t2 - t3) * before +
      (4 - 6 * t2 + 3 * t3) * from +
      (1 + 3 * t1 + 3 * t2 - 3 * t3) * to +
      t3 * after;
    return bound(Math.round(sum / 6), 255);
  };
  return (share) =>
    hexOf({ r: channel(({ r }) => r, share), g: channel(({ g }) => g, share), b: channel(({ b }) => b, share), a: 1 });
}

/** Returns a colour scale from one of the colour maps, which have 256 colours. */
export const rampScale =
  (name: ColorRamp): ColorScale =>
  (share) =>
    `#${colorsOf(name)[bound(Math.floor(share * 256), 255)]}`;

/** The colour map Cividis, which colour-blind readers can distinguish best, computed from polynomials. */
export const cividisScale: ColorScale = (share) => {
  const t = bound(share, 1);
  const at = (value: number): number => bound(Math.round(value), 255);
  return hexOf({
    r: at(-4.54 - t * (35.34 - t * (2381.73 - t * (6402.7 - t * (7024.72 - t * 2710.57))))),
    g: at(32.49 + t * (170.73 + t * (52.82 - t * (131.46 - t * (176.58 - t * 67.37))))),
    b: at(81.24 + t * (442.36 - t * (2482.43 - t * (6167.24 - t * (6614.94 - t * 2475.67))))),
    a: 1,
  });
};
