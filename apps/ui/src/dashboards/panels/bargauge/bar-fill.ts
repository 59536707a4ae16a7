import { findColorMode } from "@narthex/dashboards";
import { withOpacity } from "../../../plot/plot-theme.ts";
import { bandOf } from "../gauge/threshold-band.ts";
import type { ReducedValue } from "../values/reduced-values.ts";

/**
 * Returns the CSS background of a partly filled bar. Each colour is at the same position as on a full bar of the given
 * length.
 */
export function gradientOf(
  value: ReducedValue,
  isVertical: boolean,
  length: number,
  cssColor: (color: string) => string,
): string {
  const direction = isVertical ? "0deg" : "90deg";
  const parts = bandOf(value, cssColor);
  const isFixed = findColorMode(value.field.config.color?.mode).by !== "value";
  if (parts.length < 2 || isFixed) {
    const { color } = value.display;
    return `linear-gradient(${direction}, color-mix(in srgb, ${color} 40%, var(--surface)), ${color})`;
  }
  // Each colour is pure in the middle of its range and fades to the next colour. The first colour is pure at the start
  // of the bar, the last one at the end.
  const stops = parts.map(({ from, to, color }, at) => {
    const stop = at === 0 ? from : at === parts.length - 1 ? to : (from + to) / 2;
    return `${color} ${Math.round(stop * length)}px`;
  });
  return `linear-gradient(${direction}, ${stops.join(", ")})`;
}

/** Returns the CSS colour of a cell of a segmented bar. Cells beyond the bar's value are pale. */
export function cellColor(
  value: ReducedValue,
  at: number,
  count: number,
): { readonly color: string; readonly isLit: boolean } {
  const { range, display, colorOf } = value;
  const own = range.min + ((range.max - range.min) * at) / count;
  const isLit = display.numeric > own || (at === 0 && display.numeric >= own);
  const isByValue = findColorMode(value.field.config.color?.mode).by === "value";
  const color = isByValue ? colorOf(own) : display.color;
  return { color: isLit ? color : withOpacity(color, 0.18), isLit };
}
