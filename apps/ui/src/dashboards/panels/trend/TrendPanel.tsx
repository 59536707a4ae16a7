import { useMemo, useState } from "react";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import { legendItem } from "../../plot/legend-items.ts";
import { LegendedPlot } from "../../plot/LegendedPlot.tsx";
import { Plot } from "../../../plot/Plot.tsx";
import { PlotMessage } from "../../plot/PlotMessage.tsx";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { drawnData, planKey, type PlotMoment } from "../timeseries/time-series-plot.ts";
import { trendOptions, type TrendOptions } from "./options.ts";
import { planTrend, type TrendPlan } from "./trend-plan.ts";
import { trendConfig, trendMoment } from "./trend-plot.ts";

/** Draws series over a column of ascending numbers. */
export function TrendPanel(props: PanelProps) {
  const { panel, frames, width, height, context } = props;
  const options = useMemo(() => readOptions(trendOptions, panel.options), [panel.options]);
  const trend = useMemo(() => planTrend(frames, options, context), [frames, options, context]);
  if ("problem" in trend) return <PlotMessage text={trend.problem} width={width} height={height} />;
  return <DrawnTrend {...props} trend={trend} options={options} />;
}

interface DrawnProps extends PanelProps {
  readonly trend: TrendPlan;
  readonly options: TrendOptions;
}

function DrawnTrend({ panel, width, height, context, trend, options }: DrawnProps) {
  const { plan, x } = trend;
  const [hidden, hide] = useHiddenSeries(plan.series);
  const [pointed, setPointed] = useState<string | null>(null);
  const drawn = useMemo(() => drawnData(plan, hidden), [plan, hidden]);
  const now = useMemo(() => trendMoment(trend, context), [trend, context]);
  const items = useMemo(
    () =>
      plan.series
        .filter(({ options: own }) => !own.isHiddenInLegend)
        .map(({ key, field, view }) => legendItem(key, field, view, options.legendValues)),
    [plan, options],
  );
  const picture = JSON.stringify([
    context.theme.scheme,
    planKey(plan, drawn.bands, hidden),
    x.scale,
    x.view.name,
    options,
  ]);
  return (
    <LegendedPlot
      width={width}
      height={height}
      options={options}
      items={items}
      hidden={hidden}
      onHide={hide}
      onPoint={setPointed}
    >
      {(plotWidth, plotHeight) => (
        <Plot
          configKey={picture}
          configure={(nowOf: () => PlotMoment) => trendConfig(trend, drawn.bands, hidden, options, nowOf)}
          now={now}
          data={drawn.data}
          width={plotWidth}
          height={plotHeight}
          label={`${panel.title}: graph of ${plan.series.length} series over ${x.view.name}`}
          focused={pointed === null ? null : plan.series.findIndex(({ key }) => key === pointed) + 1}
        />
      )}
    </LegendedPlot>
  );
}
