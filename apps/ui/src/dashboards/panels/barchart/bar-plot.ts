import type uPlot from "uplot";
import type { PlotConfig } from "../../../plot/Plot.tsx";
import { axisFont, type PlotTheme, shortened, textWidth } from "../../../plot/plot-theme.ts";
import { BOTTOM, LEFT, RIGHT, TOP } from "../../plot/uplot-enums.ts";
import { scaleRange, type ScaleSettings, valueAxis, valueScale } from "../../plot/value-scale.ts";
import { drawBars } from "./bar-drawing.ts";
import { reachOf } from "../../plot/bar-geometry.ts";
import type { BarPlan, BarSeries } from "./bar-plan.ts";
import { type BarLayout, type BarMoment, barScale, barSettings, GROUPS } from "./bar-layout.ts";
import { barTooltip } from "./bar-tooltip.ts";
import type { BarChartOptions } from "./options.ts";

const MAX_LABEL_SHARE = 0.4;
const LINE_PX = 16;
const GAP_PX = 8;

/**
 * Returns a key for the plot configuration. A changed key means that the plot must be configured again; new values do
 * not change the key.
 */
export const barKey = ({ labels, series }: BarPlan, { options, isHorizontal, width }: BarLayout): string =>
  JSON.stringify([
    labels,
    series.map((one) => [one.key, one.view.color, barScale(one, options.stacking), one.options]),
    options,
    isHorizontal,
    // The width is part of the key, because labels are shortened to fit it. Changes of less than about 40 pixels are
    // ignored.
    Math.round(width / 40),
  ]);

interface ValueAxis {
  readonly settings: ScaleSettings;
  readonly first: BarSeries;
  readonly members: number[];
}

function valueAxesOf({ series }: BarPlan, stacking: BarChartOptions["stacking"]): ReadonlyMap<string, ValueAxis> {
  const axes = new Map<string, ValueAxis>();
  series.forEach((first, at) => {
    const key = barScale(first, stacking);
    const known = axes.get(key);
    if (known === undefined) axes.set(key, { settings: barSettings(first, stacking), first, members: [at] });
    else known.members.push(at);
  });
  return axes;
}

/**
 * Returns the uPlot configuration of a bar chart. It contains no data; drawing functions get the current data from
 * `now`.
 */
export function barConfig(layout: BarLayout, now: () => BarMoment): PlotConfig {
  const { options, isHorizontal } = layout;
  const { plan, context } = now();
  const { theme } = context;
  const axes = valueAxesOf(plan, options.stacking);
  const [across, along] = isHorizontal ? ([1, 0] as const) : ([0, 1] as const);
  return {
    padding: isHorizontal ? [4, 18, 0, 4] : [10, 8, 0, 4],
    legend: { show: false },
    cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
    scales: {
      [GROUPS]: {
        time: false,
        ori: across,
        dir: isHorizontal ? -1 : 1,
        range: () => [-0.5, Math.max(1, now().plan.labels.length) - 0.5],
      },
      ...Object.fromEntries(
        [...axes].map(([key, { settings, members }]) => [
          key,
          { ...valueScale(settings), ori: along, range: () => barRange(settings, reachOf(now().geometry, members)) },
        ]),
      ),
    },
    axes: [groupAxis(layout, theme, now), ...valueAxes([...axes.values()], isHorizontal, theme)],
    series: [{}, ...[...axes.keys()].map((scale) => ({ scale, paths: () => null, points: { show: false } }))],
    hooks: { draw: [(plot) => drawBars(plot, now(), layout)] },
    plugins: options.tooltipMode === "none" ? [] : [barTooltip(layout, now)],
  };
}

/**
 * Returns the range of a value axis. Bars start at zero, or on a logarithmic scale one step below the smallest value,
 * because such a scale does not contain zero.
 */
function barRange(settings: ScaleSettings, [low, high]: [number, number]): [number, number] {
  if (settings.distribution !== "log") return scaleRange(settings, low, high);
  return scaleRange(settings, Math.min(1, high), high);
}

function valueAxes(axes: readonly ValueAxis[], isHorizontal: boolean, theme: PlotTheme): uPlot.Axis[] {
  let hasFirst = false;
  return axes.flatMap(({ settings, first: { view } }, index): uPlot.Axis[] => {
    if (settings.placement === "hidden") return [];
    const isSecond = settings.placement === "right" || (settings.placement === "auto" && hasFirst);
    hasFirst ||= !isSecond;
    const format = (value: number, decimals?: number): string =>
      settings.isPercent ? `${+(value * 100).toFixed(decimals ?? 0)}%` : view.text(value, decimals);
    const side = isHorizontal ? (isSecond ? TOP : BOTTOM) : isSecond ? RIGHT : LEFT;
    const axis = valueAxis(settings, side, format, theme, index === 0);
    return [isHorizontal ? { ...axis, size: 26, space: 70 } : axis];
  });
}

function groupAxis(layout: BarLayout, theme: PlotTheme, now: () => BarMoment): uPlot.Axis {
  const { options, isHorizontal, width, height } = layout;
  const { labels } = now().plan;
  const rotation = isHorizontal ? 0 : options.tickRotation;
  const angle = (Math.abs(rotation) * Math.PI) / 180;
  const widest = labels
    .slice(0, 2000)
    .map((label) => textWidth(label))
    .reduce((a, b) => Math.max(a, b), 0);
  const most = isHorizontal
    ? width * MAX_LABEL_SHARE
    : rotation === 0
      ? Infinity
      : (height * MAX_LABEL_SHARE) / Math.sin(angle);
  const room = Math.min(widest, most);
  const size = isHorizontal ? Math.ceil(room) + 12 : Math.ceil(room * Math.sin(angle) + LINE_PX * Math.cos(angle)) + 10;
  return {
    scale: GROUPS,
    side: isHorizontal ? LEFT : BOTTOM,
    stroke: theme.text,
    font: axisFont,
    size,
    gap: 5,
    grid: { show: false },
    ticks: { show: false },
    rotate: -rotation,
    splits: (plot) => shownGroups(plot, layout, now().plan.labels, room),
    values: (plot, groups) => {
      const names = now().plan.labels;
      const own = ownRoom(plot, layout, names.length, groups.length);
      return groups.map((group) =>
        shortened(names[group] ?? "", isHorizontal || rotation !== 0 ? room : Math.min(room, own)),
      );
    },
  };
}

/** Returns the distance between the starts of two neighbouring groups along the axis, CSS pixels. */
const distanceOf = (plot: uPlot, { isHorizontal }: BarLayout, count: number): number =>
  (isHorizontal ? plot.bbox.height : plot.bbox.width) / devicePixelRatio / Math.max(1, count);

const ownRoom = (plot: uPlot, layout: BarLayout, count: number, shown: number): number =>
  Math.max(24, distanceOf(plot, layout, count) * Math.max(1, count / Math.max(1, shown)) - GAP_PX);

/** Returns the indexes of the groups that get a label: all, or every n-th if labels would overlap. */
function shownGroups(plot: uPlot, layout: BarLayout, labels: readonly string[], widest: number): number[] {
  const { options, isHorizontal } = layout;
  const distance = distanceOf(plot, layout, labels.length);
  // Minimum distance between labels. Rotated labels and labels of horizontal bars need the height of a line. Other
  // labels are shortened to 60 pixels before any of them is left out.
  const needed = isHorizontal || options.tickRotation !== 0 ? LINE_PX : Math.min(widest, 60) + GAP_PX;
  const step = Math.max(1, Math.ceil(Math.max(needed, Math.abs(options.tickSpacing)) / Math.max(distance, 0.001)));
  const last = labels.length - 1;
  const isFromEnd = options.tickSpacing < 0;
  return labels.map((_, group) => group).filter((group) => (isFromEnd ? last - group : group) % step === 0);
}
