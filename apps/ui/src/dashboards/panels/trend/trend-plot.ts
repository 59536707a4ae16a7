import type { PlotConfig } from "../../../plot/Plot.tsx";
import { numberAxis, wholeRange } from "../../plot/number-axis.ts";
import { valueScale } from "../../plot/value-scale.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { type DrawnData, plotConfig, type PlotMoment } from "../timeseries/time-series-plot.ts";
import type { TrendOptions } from "./options.ts";
import type { TrendPlan } from "./trend-plan.ts";

/**
 * Converts the current data of a trend plot to that of a time series plot, without marks and other features of a time
 * axis.
 */
export const trendMoment = ({ plan, x }: TrendPlan, context: PanelContext): PlotMoment => ({
  plan,
  context: { ...context, syncKey: undefined, isTooltipShared: false, annotations: [], onAnnotate: undefined },
  positionText: (position) => `${x.view.name}: ${x.view.text(position)}`,
});

/** Returns the configuration of a time series plot whose x axis shows numbers instead of times. */
export function trendConfig(
  { plan, x }: TrendPlan,
  bands: DrawnData["bands"],
  hidden: ReadonlySet<string>,
  options: TrendOptions,
  now: () => PlotMoment,
): PlotConfig {
  const { scales, axes = [], cursor, hooks: _, ...config } = plotConfig(plan, bands, hidden, options, now);
  return {
    ...config,
    cursor: { ...cursor, drag: { x: false, y: false, setScale: false } },
    scales: {
      ...scales,
      x: { ...valueScale(x.scale), time: false, range: (_plot, low, high) => wholeRange(x.scale, low, high) },
    },
    axes: [
      numberAxis(x.scale, (value, decimals) => x.view.text(value, decimals), now().context.theme),
      ...axes.slice(1),
    ],
  };
}
