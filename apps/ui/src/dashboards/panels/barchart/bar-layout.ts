import { scaleKey } from "../../plot/value-scale.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import type { BarGeometry } from "../../plot/bar-geometry.ts";
import { axisScale } from "../timeseries/axis-scale.ts";
import type { BarPlan, BarSeries } from "./bar-plan.ts";
import type { BarChartOptions } from "./options.ts";

/** The current series and sizes of a bar chart, from which it is drawn. */
export interface BarMoment {
  readonly plan: BarPlan;
  readonly geometry: BarGeometry;
  readonly context: PanelContext;
}

export interface BarLayout {
  readonly options: BarChartOptions;
  /** Whether bars extend to the right. The groups of bars are then below each other. */
  readonly isHorizontal: boolean;
  /** Size of the plot, CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** Key of the scale on which the groups of bars are placed. Each group is 1 wide. */
export const GROUPS = "x";
/** Returns the settings of a series' value axis. */
export const barSettings = ({ field, options, view }: BarSeries, stacking: BarChartOptions["stacking"]) =>
  axisScale(field, options, view.color, stacking === "percent");

export const barScale = (series: BarSeries, stacking: BarChartOptions["stacking"]): string =>
  scaleKey(barSettings(series, stacking));
