import type { Frame } from "@narthex/dashboards";
import { useMemo } from "react";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { type PlannedProps, plannedPanel } from "../../plot/planned-panel.tsx";
import { timeSeriesOptions, type TimeSeriesOptions } from "./options.ts";
import { SeriesLines } from "./SeriesLines.tsx";
import { planSeries, plotConfig, type SeriesPlan } from "./time-series-plot.ts";

function DrawnSeries({ panel, context, plan, options, ...size }: PlannedProps<SeriesPlan, TimeSeriesOptions>) {
  const { theme, zone, syncKey, isTooltipShared } = context;
  const now = useMemo(() => ({ plan, context }), [plan, context]);
  return (
    <SeriesLines
      {...size}
      plan={plan}
      options={options}
      now={now}
      picture={[theme.scheme, zone, syncKey, isTooltipShared]}
      configure={(bands, hidden, nowOf) => plotConfig(plan, bands, hidden, options, nowOf)}
      label={`${panel.title}: graph of ${plan.series.length} series`}
    />
  );
}

/** Returns the data of the panel's plot. Series of the comparison period are drawn behind the current ones. */
const planPanel = (frames: readonly Frame[], _: TimeSeriesOptions, { viewOf, earlier }: PanelContext): SeriesPlan =>
  planSeries(earlier === undefined ? frames : [...frames, ...earlier.frames], viewOf, undefined, earlier);

/** Draws series over time as lines, bars or points. */
export const TimeSeriesPanel = plannedPanel(timeSeriesOptions, planPanel, DrawnSeries);
