import type uPlot from "uplot";
import { type PlotTheme, textWidth } from "./plot-theme.ts";
import { BOTTOM } from "./uplot-enums.ts";
import { type ScaleSettings, valueAxis } from "./value-scale.ts";

const GAP_PX = 24;
/** Of the ticks; a label below them has room of its own. */
const SIZE_PX = 26;

/** The axis of numbers below a plot, whose scale is `x`. */
export function numberAxis(
  settings: ScaleSettings,
  format: (value: number, decimals?: number) => string,
  theme: PlotTheme,
): uPlot.Axis {
  return {
    ...valueAxis(settings, BOTTOM, format, theme, true),
    show: settings.placement !== "hidden",
    scale: "x",
    size: SIZE_PX,
    space: (_plot, _axis, min, max) => Math.max(textWidth(format(min)), textWidth(format(max))) + GAP_PX,
  };
}

/** From the least to the greatest, without room beside them, or to where the settings say. */
export function wholeRange(
  { min, max, distribution }: ScaleSettings,
  low: number | null | undefined,
  high: number | null | undefined,
): [number, number] {
  const from = min ?? low ?? 0;
  const to = max ?? high ?? 1;
  if (distribution === "log") {
    // No logarithm reaches zero: what lies at it or below is drawn at the edge.
    const end = to > 0 ? to : 1;
    const start = from > 0 ? from : Math.min(1, end / 1000);
    return end > start ? [start, end] : [start, start * 10];
  }
  return to > from ? [from, to] : [from - 0.5, from + 0.5];
}
