import { scaleKey, type ScaleSettings } from "../../plot/value-scale.ts";
import type { PanelContext } from "../panel-kind.ts";
import type { BarGeometry } from "../../plot/bar-geometry.ts";
import type { BarPlan, BarSeries } from "./bar-plan.ts";
import type { BarChartOptions } from "./options.ts";

/** What stands behind a picture now. */
export interface BarMoment {
  readonly plan: BarPlan;
  readonly geometry: BarGeometry;
  readonly context: PanelContext;
}

/** How a picture is laid out. */
export interface BarLayout {
  readonly options: BarChartOptions;
  /** Bars run to the right, groups stand below each other. */
  readonly isHorizontal: boolean;
  /** Of the plot, CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** The scale of groups, each of which is one wide. */
export const GROUPS = "x";
/** The value axis of a series. */
export const barSettings = (
  { field, options, view }: BarSeries,
  stacking: BarChartOptions["stacking"],
): ScaleSettings => ({
  unit: field.config.unit ?? "",
  placement: options.axisPlacement,
  label: options.axisLabel,
  min: field.config.min,
  max: field.config.max,
  softMin: options.axisSoftMin,
  softMax: options.axisSoftMax,
  decimals: field.config.decimals,
  isCentered: options.isAxisCentered,
  distribution: options.scaleType,
  logBase: options.scaleLog,
  linearThreshold: options.scaleThreshold,
  isGridShown: options.isGridShown,
  isBorderShown: options.isAxisBorderShown,
  width: options.axisWidth,
  isPercent: stacking === "percent",
  color: options.axisColorMode === "series" ? view.color : undefined,
});

/** The name of the scale on which a series stands. */
export const barScale = (series: BarSeries, stacking: BarChartOptions["stacking"]): string =>
  scaleKey(barSettings(series, stacking));
