import type { SeriesOptions } from "./options.ts";

/** Of the line that a series has. */
const WIDTH_SHARE = 0.75;
const LEAST_WIDTH = 0.75;

/** How a series of an earlier period is drawn: as a thin dashed line, without what would hide the present one. */
export const earlierOptions = (options: SeriesOptions): SeriesOptions => ({
  ...options,
  drawStyle: "line",
  lineFill: "dash",
  lineDash: [5, 4],
  lineWidth: Math.max(LEAST_WIDTH, options.lineWidth * WIDTH_SHARE),
  lineColor: "",
  fillOpacity: 0,
  fillBelowTo: "",
  gradientMode: "none",
  pointsShown: options.pointsShown === "never" ? "never" : "auto",
  thresholdsStyle: "off",
  // It stands on others of its own time.
  stackGroup: `${options.stackGroup} earlier`,
});
