import { useMemo } from "react";
import { type PlannedProps, plannedPanel } from "../../plot/planned-panel.tsx";
import { SeriesLines } from "../timeseries/SeriesLines.tsx";
import { trendOptions, type TrendOptions } from "./options.ts";
import { planTrend, type TrendPlan } from "./trend-plan.ts";
import { trendConfig, trendMoment } from "./trend-plot.ts";

function DrawnTrend({ panel, context, plan: trend, options, ...size }: PlannedProps<TrendPlan, TrendOptions>) {
  const { plan, x } = trend;
  const now = useMemo(() => trendMoment(trend, context), [trend, context]);
  return (
    <SeriesLines
      {...size}
      plan={plan}
      options={options}
      now={now}
      picture={[context.theme.scheme, x.scale, x.view.name]}
      configure={(bands, hidden, nowOf) => trendConfig(trend, bands, hidden, options, nowOf)}
      label={`${panel.title}: graph of ${plan.series.length} series over ${x.view.name}`}
    />
  );
}

/** Draws series over a column of ascending numbers. */
export const TrendPanel = plannedPanel(trendOptions, planTrend, DrawnTrend);
