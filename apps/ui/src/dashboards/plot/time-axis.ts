import { formatTime, timeTickFormat } from "@narthex/dashboards";
import type uPlot from "uplot";
import type { PanelContext } from "../contracts/panel-kind.ts";
import { zonedDate } from "../../plot/zoned-date.ts";
import { zoneMark } from "../../plot/zone-mark.ts";
import { axisFont, type PlotTheme, textWidth } from "../../plot/plot-theme.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/**
 * Rounds a distance between labels that is above half a second, minute or day up to this unit. Returns other distances
 * unchanged.
 */
function nextIncrement(distance: number): number {
  if (distance > 500 && distance < 1000) return 1000;
  if (distance > MINUTE / 2 && distance < MINUTE) return MINUTE;
  return distance > DAY / 2 && distance < DAY ? DAY : distance;
}

/** Returns the minimum distance in pixels at which time labels do not overlap. */
export function tickSpace(span: number, width: number, zone: string, end: number): number {
  const format = timeTickFormat(nextIncrement(span / Math.max(1, width / 60)), span);
  return textWidth(formatTime(end, zone, format)) + 24;
}

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
    space: (plot, _axis, min, max) => tickSpace(max - min, plot.bbox.width / devicePixelRatio, zone, max),
    values: (plot, ticks, _axis, _space, increment) => {
      const { min = 0, max = 0 } = plot.scales["x"] ?? {};
      const format = timeTickFormat(increment, (max ?? 0) - (min ?? 0));
      return ticks.map((tick) => (tick === null ? null : formatTime(tick, zone, format)) as string);
    },
  };
}

/**
 * Returns the uPlot options that all plots with a time axis share: a drag selects a time range, and the crosshair may
 * be shared.
 */
export function timePlotBase(now: () => { readonly context: PanelContext }) {
  const { theme, zone, syncKey } = now().context;
  return {
    ms: 1 as const,
    tzDate: zonedDate(zone),
    legend: { show: false },
    plugins: [zoneMark(zone, theme)],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      ...(syncKey === undefined
        ? {}
        : { sync: { key: syncKey, scales: ["x", null] as uPlot.Cursor.Sync.Scales, setSeries: false } }),
    },
    scales: {
      x: {
        time: true,
        range: (): [number, number] => {
          const { from, to } = now().context.range;
          return [from, to];
        },
      },
    },
  };
}
