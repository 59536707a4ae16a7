export { plotTheme, type PlotTheme } from "@narthex/dashboards/palette";

export const axisFont = '12px "Inter", "Segoe UI", system-ui, sans-serif';

let measure: CanvasRenderingContext2D | null | undefined;
const widths = new Map<string, number>();

/** Returns the width of a text in the font of the axes, CSS pixels. */
export function textWidth(text: string, font = axisFont): number {
  const key = `${font}\n${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  measure ??= document.createElement("canvas").getContext("2d");
  let width = text.length * 7;
  if (measure != null) {
    measure.font = font;
    ({ width } = measure.measureText(text));
  }
  if (widths.size > 2000) widths.clear();
  widths.set(key, width);
  return width;
}

/** Cuts a text so that it is at most `room` CSS pixels wide. */
export function shortened(text: string, room: number): string {
  if (textWidth(text) <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${text.slice(0, middle)}…`) <= room) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
}

/** A CSS colour with an alpha of 0 to 1. */
export function withOpacity(color: string, alpha: number): string {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(color);
  if (hex !== null) {
    const part = Math.round(alpha * 255)
      .toString(16)
      .padStart(2, "0");
    return `#${hex[1]}${hex[2]}${hex[3]}${part}`;
  }
  const rgb = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/.exec(color);
  if (rgb !== null) return `rgba(${rgb[1]}, ${rgb[2]}, ${rgb[3]}, ${alpha})`;
  return `color-mix(in srgb, ${color} ${Math.round(alpha * 100)}%, transparent)`;
}
