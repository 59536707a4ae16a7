import { formatTime } from "@narthex/dashboards";
import uPlot from "uplot";
import { axisFont, type PlotTheme, textWidth } from "./plot-theme.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** How ticks are written by their distance and the length of the axis, ms. */
export function tickFormat(increment: number, span: number): string {
  if (increment < 1000) return "HH:mm:ss.SSS";
  if (increment < MINUTE) return span > DAY ? "MM/DD HH:mm:ss" : "HH:mm:ss";
  if (increment < DAY) return span > 2 * DAY ? "MM/DD HH:mm" : "HH:mm";
  if (increment < 28 * DAY) return span > YEAR ? "YYYY-MM-DD" : "MM/DD";
  return increment < YEAR ? "YYYY-MM" : "YYYY";
}

/** The axis of times below a plot. */
export function timeAxis(theme: PlotTheme, zone: string, isShown = true): uPlot.Axis {
  return {
    show: isShown,
    scale: "x",
    stroke: theme.text,
    font: axisFont,
    size: 26,
    gap: 5,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { stroke: theme.grid, width: 1, size: 4 },
    space: (plot, _axis, min, max) => {
      const width = plot.bbox.width / devicePixelRatio;
      const format = tickFormat((max - min) / Math.max(1, width / 60), max - min);
      return textWidth(formatTime(max, zone, format)) + 24;
    },
    values: (plot, ticks, _axis, _space, increment) => {
      const { min = 0, max = 0 } = plot.scales["x"] ?? {};
      const format = tickFormat(increment, (max ?? 0) - (min ?? 0));
      return ticks.map((tick) => (tick === null ? null : formatTime(tick, zone, format)) as string);
    },
  };
}

/** Dates for uPlot, which lays ticks on round times of the zone. */
export const zonedDate = (zone: string) => (ms: number) =>
  uPlot.tzDate(new Date(ms), zone === "UTC" ? "Etc/UTC" : zone);
