import type uPlot from "uplot";
import { clipToPlot } from "../../../plot/clip-to-plot.ts";
import { type BarGeometry, reachOf } from "../../plot/bar-geometry.ts";
import type { PlotConfig } from "../../../plot/Plot.tsx";
import { axisFont, textWidth, withOpacity } from "../../../plot/plot-theme.ts";
import { pointerOf, TooltipBox, tooltipHead, tooltipLine, tooltipLines } from "../../../plot/tooltip-box.ts";
import { BOTTOM, LEFT, LOGARITHMIC, RIGHT } from "../../plot/uplot-enums.ts";
import { scaleKey, scaleRange, type ScaleSettings, valueAxis, valueScale } from "../../plot/value-scale.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { axisScale } from "../timeseries/axis-scale.ts";
import { bucketAt, type CountSeries, type HistogramPlan, shownBounds } from "./histogram-plan.ts";
import type { HistogramOptions } from "./options.ts";

/** The current counts of a histogram, from which it is drawn. */
export interface HistogramMoment {
  readonly plan: HistogramPlan;
  readonly geometry: BarGeometry;
  readonly context: PanelContext;
}

const GAP_PX = 1;

const settingsOf = ({ field, options, color }: CountSeries): ScaleSettings => ({
  ...axisScale(field, options, color, options.stacking === "percent"),
  unit: "",
  min: undefined,
  max: undefined,
});

/**
 * Returns a key for the plot configuration. A changed key means that the plot must be configured again; new counts do
 * not change the key.
 */
export const histogramKey = ({ series, isLogarithmic }: HistogramPlan, options: HistogramOptions): string =>
  JSON.stringify([series.map(({ key, color, options: own }) => [key, color, own]), isLogarithmic, options]);

/**
 * Returns the uPlot configuration of a histogram. It contains no data; drawing functions get the current counts from
 * `now`. All series share one axis.
 */
export function histogramConfig(options: HistogramOptions, now: () => HistogramMoment): PlotConfig {
  const { plan, context } = now();
  const { theme } = context;
  const settings = settingsOf(plan.series[0]!);
  const scale = scaleKey(settings);
  const side = settings.placement === "right" ? RIGHT : LEFT;
  const format = (value: number, decimals?: number): string =>
    settings.isPercent ? `${+(value * 100).toFixed(decimals ?? 0)}%` : now().plan.countText(value, decimals);
  const range = (): [number, number] => {
    const {
      geometry,
      plan: { series },
    } = now();
    const [low, high] = reachOf(geometry, [...series.keys()]);
    return scaleRange(settings, settings.distribution === "log" ? Math.min(1, high) : low, high);
  };
  return {
    padding: [10, 14, 0, 4],
    legend: { show: false },
    cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
    scales: {
      x: {
        time: false,
        ...(plan.isLogarithmic ? { distr: LOGARITHMIC, log: 2 as const } : {}),
        range: () => [now().plan.lows[0] ?? 0, now().plan.highs.at(-1) ?? 1],
      },
      [scale]: { ...valueScale(settings), range },
    },
    axes: [
      boundAxis(context, now),
      ...(settings.placement === "hidden" ? [] : [valueAxis(settings, side, format, theme, true)]),
    ],
    series: [{}, { scale, paths: () => null, points: { show: false } }],
    hooks: { draw: [(plot) => drawCounts(plot, scale, now())] },
    plugins: options.tooltipMode === "none" ? [] : [countTooltip(scale, options, now)],
  };
}

function boundAxis({ theme }: PanelContext, now: () => HistogramMoment): uPlot.Axis {
  return {
    scale: "x",
    side: BOTTOM,
    stroke: theme.text,
    font: axisFont,
    size: 26,
    gap: 5,
    grid: { show: false },
    ticks: { show: true, stroke: theme.grid, width: 1, size: 4 },
    splits: (plot) => {
      const { plan } = now();
      const ends = [plan.lows[0] ?? 0, plan.highs.at(-1) ?? 0];
      const widest =
        ends.map((bound) => textWidth(plan.boundText(bound))).reduce((a, b) => Math.max(a, b), -Infinity) + 20;
      return shownBounds(plan, plot.bbox.width / devicePixelRatio / widest);
    },
    values: (_plot, bounds) => bounds.map((bound) => now().plan.boundText(bound)),
  };
}

function drawCounts(plot: uPlot, scale: string, { plan, geometry }: HistogramMoment): void {
  const { ctx, bbox } = plot;
  clipToPlot(plot);
  const { min = 0 } = plot.scales[scale] ?? {};
  plan.series.forEach((series, at) => {
    if (!geometry.slots.has(at)) return;
    const { lineWidth, fillOpacity, gradientMode } = series.options;
    ctx.fillStyle = withOpacity(series.color, fillOpacity / 100);
    if (gradientMode !== "none") {
      const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height);
      gradient.addColorStop(0, withOpacity(series.color, fillOpacity / 100));
      gradient.addColorStop(1, withOpacity(series.color, gradientMode === "hue" ? (fillOpacity / 100) * 0.4 : 0));
      ctx.fillStyle = gradient;
    }
    ctx.strokeStyle = series.color;
    ctx.lineWidth = lineWidth * devicePixelRatio;
    for (let bucket = 0; bucket < plan.lows.length; bucket++) {
      const [start, end] = [geometry.starts[at]![bucket]!, geometry.ends[at]![bucket]!];
      if (!(end !== start)) continue;
      const left = Math.round(plot.valToPos(plan.lows[bucket]!, "x", true));
      const width = Math.round(plot.valToPos(plan.highs[bucket]!, "x", true)) - left;
      const bottom = plot.valToPos(
        Math.max(start, series.options.scaleType === "log" ? (min ?? 0) : start),
        scale,
        true,
      );
      const top = plot.valToPos(end, scale, true);
      const gap = width > 4 ? GAP_PX * devicePixelRatio : 0;
      const half = ctx.lineWidth / 2;
      const box = [
        left + gap / 2 + half,
        Math.min(top, bottom) + half,
        Math.max(1, width - gap - ctx.lineWidth),
        Math.max(0, Math.abs(bottom - top) - half),
      ] as const;
      ctx.fillRect(...box);
      if (lineWidth > 0) ctx.strokeRect(...box);
    }
  });
  ctx.restore();
}

/** A uPlot plugin with a tooltip for the bucket under the pointer, either for one series or for all. */
function countTooltip(scale: string, options: HistogramOptions, now: () => HistogramMoment): uPlot.Plugin {
  const box = new TooltipBox();
  const update = (plot: uPlot): void => {
    const pointer = pointerOf(plot, false);
    const { plan, geometry } = now();
    const bucket = pointer === undefined ? -1 : bucketAt(plan, plot.posToVal(pointer.left, "x"));
    if (pointer === undefined || bucket < 0) {
      box.hide();
      return;
    }
    const near = nearestSeries(geometry, bucket, plot.posToVal(pointer.top, scale));
    const isMulti = options.tooltipMode === "multi";
    const shown = plan.series
      .map((series, at) => ({ series, at, count: series.values[bucket]! }))
      .filter(({ series, at, count }) => {
        if (series.options.isHiddenInTooltip || !geometry.slots.has(at)) return false;
        return isMulti ? !(options.tooltipHidesZeros && count === 0) : at === near;
      });
    if (options.tooltipSort !== "none")
      shown.sort((a, b) => (options.tooltipSort === "asc" ? a.count - b.count : b.count - a.count));
    const lines = shown.map(({ series: { name, color }, at, count }) =>
      tooltipLine({ name, color, text: plan.countText(count), isFocused: isMulti && at === near }),
    );
    const head = `${plan.boundText(plan.lows[bucket]!)} – ${plan.boundText(plan.highs[bucket]!)}`;
    box.show(plot, lines.length === 0 ? [] : [tooltipHead(head), tooltipLines(lines)]);
  };
  return { hooks: { init: () => box.attach(), destroy: () => box.remove(), setCursor: update } };
}

/**
 * Returns the index of the series to which the pointer points: the series with the lowest bar that reaches the
 * pointer's height, otherwise the series with the highest bar.
 */
export function nearestSeries({ slots, starts, ends }: BarGeometry, bucket: number, height: number): number {
  let [best, reach] = [-1, Infinity];
  let [highest, top] = [-1, -Infinity];
  for (const at of slots.keys()) {
    const [start, end] = [starts[at]![bucket]!, ends[at]![bucket]!];
    if (height >= start && height <= end && end < reach) [best, reach] = [at, end];
    if (end > top) [highest, top] = [at, end];
  }
  return best >= 0 ? best : highest;
}
