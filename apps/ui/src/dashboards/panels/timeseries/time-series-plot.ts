import { type EarlierFrames, formatTime, type Frame, type NumericField, type Thresholds } from "@narthex/dashboards";
import type uPlot from "uplot";
import type { FieldView } from "../../contracts/field-view.ts";
import { type AlignedData, alignSeries, stepOfSeries } from "../../plot/aligned-series.ts";
import { withDifference } from "../../plot/difference-text.ts";
import { drawnValues } from "../../plot/drawn-values.ts";
import type { PlotConfig } from "../../../plot/Plot.tsx";
import type { PlotTheme } from "../../../plot/plot-theme.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { isMostlyNegative, type StackBand, stackSeries } from "../../plot/stacking.ts";
import { timeAxis, timePlotBase } from "../../plot/time-axis.ts";
import { timeMarks } from "../time-marks/time-marks.ts";
import { UniqueKeys } from "../../../format/unique-keys.ts";
import { type TooltipRow, tooltipPlugin } from "../../plot/tooltip.ts";
import { LEFT, RIGHT } from "../../plot/uplot-enums.ts";
import { scaleKey, type ScaleSettings, valueAxis, valueScale } from "../../plot/value-scale.ts";
import { readOptions } from "../../contracts/option-table.ts";
import { axisScale } from "./axis-scale.ts";
import { earlierOptions } from "./earlier-options.ts";
import { type SeriesOptions, seriesOptions, type TimeSeriesOptions } from "./options.ts";
import { seriesStyle, thresholdPlugin } from "./series-style.ts";

interface PlannedSeries {
  /** Key of the series, which does not change between refreshes. */
  readonly key: string;
  readonly field: NumericField;
  readonly view: FieldView;
  readonly options: SeriesOptions;
  readonly scale: ScaleSettings;
  /** Index of the same series in the earlier time range. Undefined if that time range does not contain the series. */
  readonly earlier?: number;
}

/** Series aligned to common times, with their drawing settings. */
export interface SeriesPlan {
  readonly aligned: AlignedData;
  readonly series: readonly PlannedSeries[];
}

/**
 * Returns the `insertNulls` setting of a field, ms: values that are further apart are not connected. Returns undefined
 * if the data source's step is used instead.
 */
function disconnectedFrom({ config }: NumericField): number | undefined {
  const { insertNulls } = readOptions({ insertNulls: seriesOptions.insertNulls }, config.custom);
  return typeof insertNulls === "number" && insertNulls > 0 ? insertNulls : undefined;
}

/**
 * Prepares the series of data frames for drawing, by default aligned to the times of all frames. Keys of series with
 * the same name get a number.
 */
export function planSeries(
  frames: readonly Frame[],
  viewOf: (field: NumericField, frame: Frame) => FieldView,
  aligned: AlignedData = alignSeries(frames, stepOfSeries(disconnectedFrom)),
  earlier?: EarlierFrames,
): SeriesPlan {
  const keys = new UniqueKeys();
  const before = new Set(earlier?.frames);
  const earlierIndexes = new Map(earlier === undefined ? [] : aligned.series.map(({ field }, index) => [field, index]));
  const series = aligned.series.map(({ field, frame }): PlannedSeries => {
    const view = viewOf(field, frame);
    const own = readOptions(seriesOptions, field.config.custom);
    const options = before.has(frame) ? earlierOptions(own) : own;
    const then = earlier?.earlierOf.get(field)?.field;
    const earlierIndex = then?.type === "number" ? earlierIndexes.get(then) : undefined;
    return {
      key: keys.next(view.name),
      field,
      view,
      options,
      scale: axisScale(field, options, view.color, options.stacking === "percent"),
      ...(earlierIndex === undefined ? {} : { earlier: earlierIndex }),
    };
  });
  return { aligned, series };
}

export interface DrawnData {
  readonly data: uPlot.AlignedData;
  readonly bands: readonly StackBand[];
}

/** Returns a key of the drawing style. Only series with the same key are stacked on each other. */
const stackStyle = ({ drawStyle, barAlignment, interpolation }: SeriesOptions): string =>
  drawStyle === "points" ? drawStyle : `${drawStyle} ${drawStyle === "bars" ? barAlignment : interpolation}`;

/** Returns the values to draw, after gaps, negation and stacking. Hidden series are not part of a stack. */
export function drawnData({ aligned, series }: SeriesPlan, hidden: ReadonlySet<string>): DrawnData {
  const plain = series.map(({ options }, index) =>
    drawnValues(aligned.series[index]!, aligned.times, {
      spanNulls: options.spanNulls,
      transform: options.transform,
    }),
  );
  const { values, bands } = stackSeries(
    plain,
    series.map(({ key, options, scale }, index) => ({
      mode: options.stacking,
      group: options.stackGroup,
      isNegative: isMostlyNegative(aligned.series[index]!) !== (options.transform === "negative-Y"),
      scale: scaleKey(scale),
      style: stackStyle(options),
      isHidden: hidden.has(key) || options.isHiddenInPlot,
    })),
  );
  return { data: [aligned.times, ...values] as unknown as uPlot.AlignedData, bands };
}

/** The current series of a plot, from which it is drawn. */
export interface PlotMoment {
  readonly plan: SeriesPlan;
  readonly context: PanelContext;
  /** Formats a position on the x axis. Undefined for a time axis. */
  readonly positionText?: (position: number) => string;
}

/**
 * Returns a key for the plot configuration. A changed key means that the plot must be configured again; new values do
 * not change the key.
 */
export const planKey = ({ series }: SeriesPlan, bands: readonly StackBand[], hidden: ReadonlySet<string>): string =>
  JSON.stringify([
    series.map(({ key, view, options, scale, field }) => [key, view.color, options, scale, field.config.thresholds]),
    bands,
    [...hidden],
  ]);

/** Returns the uPlot configuration. It contains no data; the plot and its tooltip get the current data from `now`. */
export function plotConfig(
  plan: SeriesPlan,
  bands: readonly StackBand[],
  hidden: ReadonlySet<string>,
  options: TimeSeriesOptions,
  now: () => PlotMoment,
): PlotConfig {
  const { theme, zone, cssColor } = now().context;
  const common = timePlotBase(now);
  const shown = plan.series.filter(({ options: own }) => !own.isHiddenInPlot);
  const scales = new Map<string, { settings: ScaleSettings; view: FieldView }>();
  for (const { scale, view } of shown.length > 0 ? shown : plan.series)
    if (!scales.has(scaleKey(scale))) scales.set(scaleKey(scale), { settings: scale, view });
  return {
    ...common,
    padding: [8, 14, 0, 4],
    focus: { alpha: 1 },
    cursor: { ...common.cursor, focus: { prox: 1e4 }, points: { size: 7 } },
    scales: {
      ...common.scales,
      ...Object.fromEntries([...scales].map(([key, { settings }]) => [key, valueScale(settings)])),
    },
    axes: [timeAxis(theme, zone), ...valueAxes([...scales.values()], theme)],
    series: [
      {},
      ...plan.series.map(({ key, view, options: own, scale }) =>
        seriesStyle(view, own, scaleKey(scale), !hidden.has(key) && !own.isHiddenInPlot),
      ),
    ],
    bands: [
      ...bands.map(({ upper, lower, isNegative }) => ({
        series: [upper + 1, lower + 1] as [number, number],
        ...(isNegative ? { dir: 1 as const } : {}),
      })),
      ...namedBands(plan),
    ],
    plugins: [...common.plugins, ...thresholdPlugins(plan, cssColor), timeMarks(now), ...tooltips(now, options)],
  };
}

function valueAxes(scales: readonly { settings: ScaleSettings; view: FieldView }[], theme: PlotTheme): uPlot.Axis[] {
  let hasLeft = false;
  return scales.flatMap(({ settings, view }, index): uPlot.Axis[] => {
    if (settings.placement === "hidden") return [];
    const isRight = settings.placement === "right" || (settings.placement === "auto" && hasLeft);
    hasLeft ||= !isRight;
    const format = (value: number, decimals?: number): string =>
      settings.isPercent ? `${+(value * 100).toFixed(decimals ?? 0)}%` : view.text(value, decimals);
    return [valueAxis(settings, isRight ? RIGHT : LEFT, format, theme, index === 0)];
  });
}

function namedBands({ series }: SeriesPlan): uPlot.Band[] {
  return series.flatMap(({ options }, upper) => {
    const lower = options.fillBelowTo === "" ? -1 : series.findIndex(({ view }) => view.name === options.fillBelowTo);
    return lower < 0 ? [] : [{ series: [upper + 1, lower + 1] as [number, number] }];
  });
}

/** Draws thresholds. Each scale shows the thresholds of the first of its series that has visible thresholds. */
function thresholdPlugins({ series }: SeriesPlan, cssColor: (color: string) => string): uPlot.Plugin[] {
  const done = new Set<string>();
  return series.flatMap(({ field, options, scale }): uPlot.Plugin[] => {
    const thresholds: Thresholds | undefined = field.config.thresholds;
    const key = scaleKey(scale);
    if (thresholds === undefined || options.thresholdsStyle === "off" || done.has(key)) return [];
    done.add(key);
    const { min, max } = field.config;
    return [thresholdPlugin(thresholds, options.thresholdsStyle, key, { min, max }, cssColor)];
  });
}

/** Returns the value of a series at an index of the shared times; undefined in a gap of the series. */
function valueAt({ values, gaps }: AlignedData["series"][number], at: number): number | undefined {
  const value = values[at];
  return value === undefined || (gaps?.[at] ?? 0) !== 0 || value !== value ? undefined : value;
}

function tooltips(now: () => PlotMoment, options: TimeSeriesOptions): uPlot.Plugin[] {
  if (options.tooltipMode === "none") return [];
  const { zone, isTooltipShared } = now().context;
  const rowAt = (series: number, at: number): TooltipRow | undefined => {
    const { plan } = now();
    const planned = plan.series[series - 1];
    const aligned = plan.aligned.series[series - 1];
    if (planned === undefined || aligned === undefined || planned.options.isHiddenInTooltip) return undefined;
    const value = valueAt(aligned, at);
    if (value === undefined) return undefined;
    const { name, color } = planned.view;
    const text = (): string => {
      const then = planned.earlier === undefined ? undefined : valueAt(plan.aligned.series[planned.earlier]!, at);
      const own = planned.view.text(value);
      return then === undefined ? own : withDifference(own, value, then, planned.field.config);
    };
    return { series, name, color, text, value };
  };
  return [
    tooltipPlugin({
      mode: options.tooltipMode,
      sort: options.tooltipSort,
      hidesZeros: options.tooltipHidesZeros,
      maxHeight: options.tooltipMaxHeight,
      headOf: (position) => now().positionText?.(position) ?? formatTime(position, zone, "YYYY-MM-DD HH:mm:ss"),
      isShared: isTooltipShared,
      rowAt,
    }),
  ];
}
