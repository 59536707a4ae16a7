import type { ResolvedTimeRange } from "@narthex/dashboards";
import type uPlot from "uplot";
import type { ExemplarSeries } from "../../api/query-result.ts";
import type { ValueFormat } from "../../format/value-format.ts";
import { exemplarMarks } from "../../plot/exemplar-marks.ts";
import { isolatedIndexes } from "../../plot/isolated-indexes.ts";
import { lineColor } from "@narthex/dashboards/palette";
import type { PlotConfig } from "../../plot/Plot.tsx";
import { axisFont, plotTheme, withOpacity } from "../../plot/plot-theme.ts";
import { zoomToSelection } from "../../plot/select-zoom.ts";
import { zonedDate } from "../../plot/zoned-date.ts";
import { zoneMark } from "../../plot/zone-mark.ts";
import { exemplarsOf } from "./exemplars.ts";
import { earlierDash, lineExtent } from "./line-painter.ts";
import type { LinePainter } from "./line-painter.ts";
import type { PlotData, PlotLine } from "./plot-data.ts";
import { tooltipPlugin } from "./tooltip.ts";

/** Settings that determine how a plot looks, without its data. */
export interface PlotLook {
  readonly stacked: boolean;
  readonly scheme: "light" | "dark";
  readonly zone: string;
  readonly yAxisMin: number | null;
  /** Keys of hidden lines. */
  readonly hidden: ReadonlySet<string>;
  /** Exemplars that are marked on the plot. */
  readonly exemplars?: readonly ExemplarSeries[];
  readonly format: ValueFormat;
  readonly onZoom: (range: ResolvedTimeRange) => void;
}

/**
 * If the graph has at most this many lines, pointing at one line dims the others. With more lines, redrawing at each
 * pointer move would be slow.
 */
const dimmedLimit = 40;

const DAY = 86_400_000;

/**
 * Formats of the labels on the time axis by the distance of ticks, ms: the 24-hour clock, and the date at the first
 * tick of a day.
 */
const timeLabels: ReadonlyArray<ReadonlyArray<string | number | null>> = [
  [DAY * 365, "{YYYY}", null, null, null, null, null, null, 1],
  [DAY * 28, "{YYYY}-{MM}", null, null, null, null, null, null, 1],
  [DAY, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
  [60_000, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  [1000, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  [1, "{ss}.{fff}", "\n{YYYY}-{MM}-{DD} {HH}:{mm}", null, "\n{MM}-{DD} {HH}:{mm}", null, "\n{HH}:{mm}", null, 1],
];

function axes(look: PlotLook): uPlot.Axis[] {
  const { text: stroke, grid } = plotTheme(look.scheme);
  const shared = {
    stroke,
    font: axisFont,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 5 },
  };
  return [
    { ...shared, space: 84, values: timeLabels as unknown as uPlot.Axis.DynamicValues },
    {
      ...shared,
      size: (_plot, labels) => 22 + 7 * (labels ?? []).map((label) => label.length).reduce((a, b) => Math.max(a, b), 3),
      values: (_plot, ticks) => look.format.ticks(ticks),
    },
  ];
}

/**
 * Returns the range of the value axis, which is never empty. The range starts at the user's minimum if set; otherwise
 * below zero only for negative values.
 */
export function valueRange(low: number, high: number, yAxisMin: number | null): [number, number] {
  const bottom = yAxisMin ?? low;
  if (high <= bottom) {
    const margin = Math.abs(high) * 0.1 || 1;
    return yAxisMin === null && high !== 0 ? [low - margin, high + margin] : [bottom, bottom + margin];
  }
  const margin = (high - bottom) * 0.08;
  const floor = low >= 0 ? Math.max(0, low - margin) : low - margin;
  return [yAxisMin ?? floor, high + margin];
}

/** Returns uPlot's bands for stacked lines: each visible line and the visible line below it. Earlier lines have none. */
export function stackBands(
  lines: readonly Pick<PlotLine, "key" | "note">[],
  hidden: ReadonlySet<string>,
): uPlot.Band[] {
  const shown = lines.flatMap(({ key, note }, index) => (hidden.has(key) || note !== undefined ? [] : [index]));
  return shown.slice(1).map((upper, at) => ({ series: [upper + 1, (shown[at] ?? 0) + 1] }));
}

function yRange(look: PlotLook): uPlot.Range.Function {
  return (_plot, dataMin, dataMax) => {
    if (dataMin == null || dataMax == null) return [0, 1];
    return valueRange(look.stacked ? Math.min(0, dataMin) : dataMin, dataMax, look.yAxisMin);
  };
}

function lineSeries(line: PlotLine, look: PlotLook): uPlot.Series {
  const color = lineColor(line.color, look.scheme);
  return {
    stroke: color,
    width: look.stacked ? 1 : 1.5,
    ...(line.note === undefined ? {} : { dash: [...earlierDash] }),
    ...(look.stacked && line.note === undefined
      ? { fill: withOpacity(color, look.scheme === "light" ? 0.45 : 0.4) }
      : {}),
    spanGaps: false,
    points: {
      show: () => false,
      size: 4,
      fill: color,
      filter: (plot, series, show) => {
        if (show) return null;
        const [from, to] = plot.series[series]?.idxs ?? [0, -1];
        return isolatedIndexes(plot.data[series] ?? [], from ?? 0, to ?? -1);
      },
    },
  };
}

/** Returns the plot options that are the same for all ways of drawing lines. */
export function frameOptions(look: PlotLook) {
  return {
    ms: 1 as const,
    tzDate: zonedDate(look.zone),
    // The right padding leaves room for half of the last date label.
    padding: [10, 36, 0, 0] as uPlot.Padding,
    legend: { show: false },
    axes: axes(look),
    hooks: { setSelect: [(plot: uPlot) => zoomToSelection(plot, look.onZoom)] },
    plugins: [zoneMark(look.zone, plotTheme(look.scheme))],
  };
}

/** Dragging selects a time range. `setScale` is off, because the page zooms by changing its time range. */
export const drag = { x: true, y: false, setScale: false };

const tooltipOf = (data: PlotData, look: PlotLook): uPlot.Plugin =>
  tooltipPlugin({
    ...look,
    data,
    formatValue: look.format.value,
    colorOf: (index) => lineColor(data.lines[index]?.color ?? 0, look.scheme),
  });

/**
 * Returns uPlot's options for lines that a `LinePainter` paints. uPlot itself draws only the axes and the crosshair.
 */
export function paintedPlotOptions(data: PlotData, look: PlotLook, painter: LinePainter): PlotConfig {
  const frame = frameOptions(look);
  const extent = lineExtent(data, look) ?? [0, 1];
  const range = valueRange(look.stacked ? Math.min(0, extent[0]) : extent[0], extent[1], look.yAxisMin);
  return {
    ...frame,
    cursor: { drag, points: { show: false } },
    scales: { y: { range: () => range } },
    series: [{}, { points: { show: false } }],
    hooks: { ...frame.hooks, draw: [(plot) => painter.paint(plot)], destroy: [() => painter.stop()] },
    plugins: [...frame.plugins, tooltipOf(data, look)],
  };
}

/** Returns uPlot's options for lines that uPlot itself draws, each as a series of the plot. */
export function plotOptions(data: PlotData, look: PlotLook): PlotConfig {
  const exemplars = exemplarsOf(look.exemplars ?? [], look.zone);
  const frame = frameOptions(look);
  return {
    ...frame,
    focus: { alpha: data.lines.length <= dimmedLimit ? 0.35 : 1 },
    cursor: {
      focus: { prox: 1000 },
      points: { size: 7, one: true },
      drag,
    },
    scales: { y: { range: yRange(look) } },
    bands: look.stacked ? stackBands(data.lines, look.hidden) : [],
    series: [{}, ...data.lines.map((line) => ({ ...lineSeries(line, look), show: !look.hidden.has(line.key) }))],
    plugins: [...frame.plugins, tooltipOf(data, look), exemplarMarks("y", () => exemplars)],
  };
}
