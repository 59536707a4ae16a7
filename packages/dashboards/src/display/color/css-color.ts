/** A colour: red, green and blue from 0 to 255, opacity from 0 to 1. */
export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly a: number;
}

const HEX = /^#(?:[\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/i;
const FUNCTION = /^(rgb|hsl)a?\(([-+.\d%, /]+)\)$/i;
/** Maximum length of a text that is parsed as a colour, in characters. */
const MAX_LENGTH = 64;

/** Parses a CSS colour: hexadecimal digits, `rgb()` or `hsl()`. Returns undefined for any other text. */
export function parseColor(text: string): Rgb | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (HEX.test(text)) return parseHex(text);
  const call = FUNCTION.exec(text);
  if (call === null) return undefined;
  const parts = call[2]!.split(/[\s,/]+/).filter((part) => part !== "");
  if (parts.length < 3 || parts.length > 4) return undefined;
  const alpha = parts[3] === undefined ? 1 : portion(parts[3], 1);
  const channels = call[1]!.toLowerCase() === "rgb" ? parts.slice(0, 3).map((part) => portion(part, 255)) : hsl(parts);
  const all = [...channels, alpha];
  if (all.some((value) => !Number.isFinite(value))) return undefined;
  return { r: bound(all[0]!, 255), g: bound(all[1]!, 255), b: bound(all[2]!, 255), a: bound(all[3]!, 1) };
}

const bound = (value: number, max: number): number => Math.min(max, Math.max(0, value));

/** Parses a number, or a percentage, which is a part of `whole`. */
const portion = (text: string, whole: number): number =>
  text.endsWith("%") ? (Number(text.slice(0, -1)) / 100) * whole : Number(text);

function hsl([hue = "", saturation = "", lightness = ""]: readonly string[]): number[] {
  const { r, g, b } = fromHsl({ h: Number(hue), s: portion(saturation, 1), l: portion(lightness, 1) });
  return [r, g, b];
}

function parseHex(text: string): Rgb {
  const digits = text.length <= 5 ? Array.from(text.slice(1), (digit) => digit + digit).join("") : text.slice(1);
  const at = (i: number): number => Number.parseInt(digits.slice(i, i + 2), 16);
  return { r: at(0), g: at(2), b: at(4), a: digits.length === 8 ? at(6) / 255 : 1 };
}

/** Returns `#rrggbb`, with two more digits if the colour is not opaque. */
export function hexOf({ r, g, b, a }: Rgb): string {
  const two = (value: number): string => Math.round(value).toString(16).padStart(2, "0");
  return `#${two(r)}${two(g)}${two(b)}${a < 1 ? two(a * 255) : ""}`;
}

interface Hsl {
  /** Hue in degrees. */
  readonly h: number;
  readonly s: number;
  readonly l: number;
}

function toHsl(color: Rgb): Hsl {
  const [r, g, b] = [color.r / 255, color.g / 255, color.b / 255];
  const max = Math.max(r, g, b);
  const min = Math.min(r, g, b);
  const l = (max + min) / 2;
  const spread = max - min;
  if (spread === 0) return { h: 0, s: 0, l };
  const s = spread / (l > 0.5 ? 2 - max - min : max + min);
  if (max === r) return { h: ((g - b) / spread + (g < b ? 6 : 0)) * 60, s, l };
  return { h: (max === g ? (b - r) / spread + 2 : (r - g) / spread + 4) * 60, s, l };
}

function fromHsl({ h, s, l }: Hsl): Rgb {
  const hue = (((h % 360) + 360) % 360) / 360;
  const q = l < 0.5 ? l * (1 + s) : l + s - l * s;
  const p = 2 * l - q;
  const channel = (shift: number): number => {
    const t = (hue + shift + 1) % 1;
    if (t < 1 / 6) return p + (q - p) * 6 * t;
    if (t < 1 / 2) return q;
    return t < 2 / 3 ? p + (q - p) * (2 / 3 - t) * 6 : p;
  };
  return { r: channel(1 / 3) * 255, g: channel(0) * 255, b: channel(-1 / 3) * 255, a: 1 };
}

/** Truncates a fraction to hundredths of a percent, because finer differences of colours are not visible. */
const truncated = (share: number): number => Math.trunc(share * 10_000) / 10_000;

/**
 * Changes a colour: rotates its hue by some degrees, then makes it lighter by a share from 0 to 1. A negative share
 * makes it darker.
 */
export function shade(color: Rgb, degrees: number, share: number): Rgb {
  const spun = toHsl(color);
  const turned = fromHsl({ h: spun.h + degrees, s: truncated(spun.s), l: truncated(spun.l) });
  if (share >= 0) {
    const lighter = (value: number): number => bound(Math.round(value) + Math.round(255 * share), 255);
    return { r: lighter(turned.r), g: lighter(turned.g), b: lighter(turned.b), a: 1 };
  }
  const { h, s, l } = toHsl(turned);
  return fromHsl({ h, s: truncated(s), l: truncated(bound(l + share, 1)) });
}

/** Returns the relative luminance of a colour by WCAG, 0 to 1. */
function luminance({ r, g, b }: Rgb): number {
  const linear = (value: number): number =>
    value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  // Rounds the luminance to three digits as Grafana does. Otherwise, palettes that are filtered by contrast would
  // contain other colours than in Grafana.
  return Number((0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)).toFixed(3));
}

/** Returns the contrast ratio of two colours by WCAG, 1 to 21. */
export function contrastRatio(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
