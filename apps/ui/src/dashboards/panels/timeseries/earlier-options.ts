import type { SeriesOptions } from "./options.ts";

/** Line width of an earlier series, as a share of the current series' width, and its minimum. */
const WIDTH_SHARE = 0.75;
const MIN_WIDTH = 0.75;

/**
 * Returns the options for the series of the comparison period: a thin dashed line. Fills and points are left out, since
 * they would hide the current series.
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
  // Earlier series are stacked only on other earlier series.
  stackGroup: `${options.stackGroup} earlier`,
});
