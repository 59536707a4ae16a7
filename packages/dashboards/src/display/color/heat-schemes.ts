import { cividisScale, type ColorScale, rampScale, splineScale } from "./color-scale.ts";
import { hexOf, type Rgb, parseColor } from "./css-color.ts";
import type { ColorTheme } from "./named-colors.ts";

/** A colour scale for heatmaps. */
export interface HeatScheme {
  /** Id of the colour scale in a dashboard's JSON. */
  readonly id: string;
  readonly scale: ColorScale;
  /** The theme in which the scale is reversed, so that low values are close to the panel's background. */
  readonly flipped: ColorTheme | "always";
}

/**
 * Diverging colour maps by Cynthia Brewer, from one hue through a pale middle to another. The colours are hexadecimal,
 * six digits each.
 */
const diverging = {
  BrBG: "5430058c510abf812ddfc27df6e8c3f5f5f5c7eae580cdc135978f01665e003c30",
  PiYG: "8e0152c51b7dde77aef1b6dafde0eff7f7f7e6f5d0b8e1867fbc414d9221276419",
  PRGn: "40004b762a839970abc2a5cfe7d4e8f7f7f7d9f0d3a6dba05aae611b783700441b",
  PuOr: "2d004b5427888073acb2abd2d8daebf7f7f7fee0b6fdb863e08214b358067f3b08",
  RdBu: "67001fb2182bd6604df4a582fddbc7f7f7f7d1e5f092c5de4393c32166ac053061",
  RdGy: "67001fb2182bd6604df4a582fddbc7ffffffe0e0e0bababa8787874d4d4d1a1a1a",
  RdYlBu: "a50026d73027f46d43fdae61fee090ffffbfe0f3f8abd9e974add14575b4313695",
  RdYlGn: "a50026d73027f46d43fdae61fee08bffffbfd9ef8ba6d96a66bd631a9850006837",
  Spectral: "9e0142d53e4ff46d43fdae61fee08bffffbfe6f598abdda466c2a53288bd5e4fa2",
};

/** Sequential colour maps, from pale to dark. */
const sequential = {
  Blues: "f7fbffdeebf7c6dbef9ecae16baed64292c62171b508519c08306b",
  Greens: "f7fcf5e5f5e0c7e9c0a1d99b74c47641ab5d238b45006d2c00441b",
  Greys: "fffffff0f0f0d9d9d9bdbdbd969696737373525252252525000000",
  Oranges: "fff5ebfee6cefdd0a2fdae6bfd8d3cf16913d94801a636037f2704",
  Purples: "fcfbfdefedf5dadaebbcbddc9e9ac8807dba6a51a354278f3f007d",
  Reds: "fff5f0fee0d2fcbba1fc9272fb6a4aef3b2ccb181da50f1567000d",
  BuGn: "f7fcfde5f5f9ccece699d8c966c2a441ae76238b45006d2c00441b",
  BuPu: "f7fcfde0ecf4bfd3e69ebcda8c96c68c6bb188419d810f7c4d004b",
  GnBu: "f7fcf0e0f3dbccebc5a8ddb57bccc44eb3d32b8cbe0868ac084081",
  OrRd: "fff7ecfee8c8fdd49efdbb84fc8d59ef6548d7301fb300007f0000",
  PuBuGn: "fff7fbece2f0d0d1e6a6bddb67a9cf3690c002818a016c59014636",
  PuBu: "fff7fbece7f2d0d1e6a6bddb74a9cf3690c00570b0045a8d023858",
  PuRd: "f7f4f9e7e1efd4b9dac994c7df65b0e7298ace125698004367001f",
  RdPu: "fff7f3fde0ddfcc5c0fa9fb5f768a1dd3497ae017e7a017749006a",
  YlGnBu: "ffffd9edf8b1c7e9b47fcdbb41b6c41d91c0225ea8253494081d58",
  YlGn: "ffffe5f7fcb9d9f0a3addd8e78c67941ab5d238443006837004529",
  YlOrBr: "ffffe5fff7bcfee391fec44ffe9929ec7014cc4c02993404662506",
  YlOrRd: "ffffccffeda0fed976feb24cfd8d3cfc4e2ae31a1cbd0026800026",
};

const digitsScale = (digits: string): ColorScale =>
  splineScale((digits.match(/.{6}/g) ?? []).map((color) => parseColor(`#${color}`)!));

const bound = (value: number, max: number): number => Math.min(max, Math.max(0, value));

/** Evaluates a polynomial at `t`. The coefficients start with the constant. */
const polynomial = (t: number, ...factors: readonly number[]): number =>
  factors.reduceRight((sum, factor) => factor + t * sum, 0);

const channels = (r: number, g: number, b: number): string =>
  hexOf({ r: bound(r, 255), g: bound(g, 255), b: bound(b, 255), a: 1 });

/** Colour scale of a rainbow whose brightness rises and falls evenly. */
const turbo: ColorScale = (share) => {
  const t = bound(share, 1);
  return channels(
    polynomial(t, 34.61, 1172.33, -10793.56, 33300.12, -38394.49, 14825.05),
    polynomial(t, 23.31, 557.33, 1225.33, -3574.96, 1073.77, 707.56),
    polynomial(t, 27.2, 3211.1, -15327.97, 27814, -22569.18, 6838.66),
  );
};

/** A colour of the cubehelix scheme, a spiral around the grey axis: hue in degrees, saturation, lightness. */
interface HelixColor {
  readonly h: number;
  readonly s: number;
  readonly l: number;
}

function helix({ h, s, l }: HelixColor): string {
  const angle = ((h + 120) * Math.PI) / 180;
  const amount = s * l * (1 - l);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return channels(
    255 * (l + amount * (-0.14861 * cos + 1.78277 * sin)),
    255 * (l + amount * (-0.29227 * cos - 0.90649 * sin)),
    255 * (l + amount * (1.97294 * cos)),
  );
}

const helixScale =
  (from: HelixColor, to: HelixColor): ColorScale =>
  (share) => {
    const t = bound(share, 1);
    return helix({ h: from.h + t * (to.h - from.h), s: from.s + t * (to.s - from.s), l: from.l + t * (to.l - from.l) });
  };

const rainbow: ColorScale = (share) => {
  const t = share < 0 || share > 1 ? share - Math.floor(share) : share;
  const away = Math.abs(t - 0.5);
  return helix({ h: 360 * t - 100, s: 1.5 - 1.5 * away, l: 0.8 - 0.9 * away });
};

const sinebow: ColorScale = (share) => {
  const t = (0.5 - share) * Math.PI;
  const wave = (shift: number): number => 255 * Math.sin(t + shift) ** 2;
  return channels(wave(0), wave(Math.PI / 3), wave((2 * Math.PI) / 3));
};

const schemes = (digits: Readonly<Record<string, string>>, flipped: HeatScheme["flipped"]): HeatScheme[] =>
  Object.entries(digits).map(([id, colors]) => ({ id, scale: digitsScale(colors), flipped }));

const bright = (id: string, scale: ColorScale): HeatScheme => ({ id, scale, flipped: "light" });

/** All colour scales for heatmaps, in the order in which a colour picker lists them. */
export const heatSchemes: readonly HeatScheme[] = [
  ...schemes(diverging, "always"),
  ...schemes(sequential, "dark"),
  bright("Turbo", turbo),
  bright("Cividis", cividisScale),
  bright("Viridis", rampScale("viridis")),
  bright("Magma", rampScale("magma")),
  bright("Inferno", rampScale("inferno")),
  bright("Plasma", rampScale("plasma")),
  bright("Warm", helixScale({ h: -100, s: 0.75, l: 0.35 }, { h: 80, s: 1.5, l: 0.8 })),
  bright("Cool", helixScale({ h: 260, s: 0.75, l: 0.35 }, { h: 80, s: 1.5, l: 0.8 })),
  { id: "Cubehelix", scale: helixScale({ h: 300, s: 0.5, l: 0 }, { h: -240, s: 0.5, l: 1 }), flipped: "always" },
  { id: "Rainbow", scale: rainbow, flipped: "always" },
  { id: "Sinebow", scale: sinebow, flipped: "always" },
];

const byId = new Map(heatSchemes.map((scheme) => [scheme.id, scheme]));

/** Settings that determine how the cells of a heatmap are coloured. */
export interface HeatColors {
  readonly mode: "scheme" | "opacity";
  readonly scheme: string;
  /** Colour of all cells in the mode `opacity`. The opacity of a cell shows its value. */
  readonly fill: Rgb;
  /** Whether the opacity grows linearly or exponentially with the value, in the mode `opacity`. */
  readonly scale: "linear" | "exponential";
  readonly exponent: number;
  readonly steps: number;
  readonly isReversed: boolean;
}

/** Returns the CSS colours of a heatmap, from the lowest value to the highest. */
export function heatPalette(colors: HeatColors, theme: ColorTheme): readonly string[] {
  const last = Math.max(1, colors.steps - 1);
  const shares = Array.from({ length: last + 1 }, (_, step) => step / last);
  const palette = colors.mode === "opacity" ? shares.map(opacities(colors)) : schemePalette(colors, shares, theme);
  return colors.isReversed ? palette.toReversed() : palette;
}

const opacities = ({ fill, scale, exponent }: HeatColors) => {
  const power = scale === "exponential" ? exponent : 1;
  return (share: number): string => hexOf({ ...fill, a: share ** power });
};

function schemePalette({ scheme }: HeatColors, shares: readonly number[], theme: ColorTheme): readonly string[] {
  const { scale, flipped } = byId.get(scheme) ?? byId.get("Spectral")!;
  const palette = shares.map(scale);
  return flipped === "always" || flipped === theme ? palette.toReversed() : palette;
}
