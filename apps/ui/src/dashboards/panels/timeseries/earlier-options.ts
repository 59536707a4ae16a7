import type { SeriesOptions } from "./options.ts";

/** Line width of series of the earlier time range, relative to the current series, and its minimum. */
const WIDTH_SHARE = 0.75;
const MIN_WIDTH = 0.75;

/**
 * Returns the options for series of the earlier time range: thin dashed lines without fill and points, which would hide
 * the current series.
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
  // A separate stack, so that series of the earlier time range are not stacked on current series.
  stackGroup: `${options.stackGroup} earlier`,
});
