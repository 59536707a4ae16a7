import type { SeriesOptions } from "./options.ts";

/** Line width relative to that of the current series, and its minimum. */
const WIDTH_SHARE = 0.75;
const MIN_WIDTH = 0.75;

/**
 * Returns the options of a series of an earlier period: a thin dashed line, without fills or points that would hide the
 * current one.
 */
export const earlierOptions = (options: SeriesOptions): SeriesOptions => ({
  ...options,
  drawStyle: "line",
  lineFill: "dash",
  lineDash: [5, 4],
  lineWidth: Math.max(MIN_WIDTH, options.lineWidth * WIDTH_SHARE),
  lineColor: "",
  fillOpacity: 0,
  fillBelowTo: "",
  gradientMode: "none",
  pointsShown: options.pointsShown === "never" ? "never" : "auto",
  thresholdsStyle: "off",
  // Stacked only on series of its own period.
  stackGroup: `${options.stackGroup} earlier`,
});
