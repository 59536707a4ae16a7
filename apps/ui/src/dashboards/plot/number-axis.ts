import type uPlot from "uplot";
import { type PlotTheme, textWidth } from "../../plot/plot-theme.ts";
import { BOTTOM } from "./uplot-enums.ts";
import { type ScaleSettings, valueAxis } from "./value-scale.ts";

const GAP_PX = 24;
/** Height of an axis without a label, CSS pixels. */
const SIZE_PX = 26;

/** Returns the number axis below a plot, for the scale `x`. */
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

/**
 * Returns the range of the axis without padding: from the smallest to the largest value, unless the settings set its
 * ends.
 */
export function wholeRange(
  { min, max, distribution }: ScaleSettings,
  low: number | null | undefined,
  high: number | null | undefined,
): [number, number] {
  const from = min ?? low ?? 0;
  const to = max ?? high ?? 1;
  if (distribution === "log") {
    // A logarithmic axis cannot show zero, so values up to zero are drawn at its edge.
    const end = to > 0 ? to : 1;
    const start = from > 0 ? from : Math.min(1, end / 1000);
    return end > start ? [start, end] : [start, start * 10];
  }
  return to > from ? [from, to] : [from - 0.5, from + 0.5];
}
