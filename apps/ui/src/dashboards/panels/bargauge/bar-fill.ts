import { findColorMode } from "@narthex/dashboards";
import { withOpacity } from "../../plot/plot-theme.ts";
import { bandOf } from "../gauge/threshold-band.ts";
import type { ReducedValue } from "../values/reduced-values.ts";

/** The background of a bar, CSS, whose colours stand where they would on a full bar of that length. */
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
  // A colour is itself in the middle of its stretch and fades to the next; the ends are of one colour.
  const stops = parts.map(({ from, to, color }, at) => {
    const place = at === 0 ? from : at === parts.length - 1 ? to : (from + to) / 2;
    return `${color} ${Math.round(place * length)}px`;
  });
  return `linear-gradient(${direction}, ${stops.join(", ")})`;
}

/** The colour of a cell, CSS; of those beyond the value only a hint. */
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
