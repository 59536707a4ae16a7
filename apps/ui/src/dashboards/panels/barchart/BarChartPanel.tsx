import { useMemo } from "react";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import { legendItem } from "../../plot/legend-items.ts";
import { LegendedPlot } from "../../plot/LegendedPlot.tsx";
import { Plot } from "../../../plot/Plot.tsx";
import { PlotMessage } from "../../plot/PlotMessage.tsx";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { barGeometry } from "../../plot/bar-geometry.ts";
import type { BarLayout, BarMoment } from "./bar-layout.ts";
import { type BarPlan, type BarSeries, isHorizontal, planBars } from "./bar-plan.ts";
import { barConfig, barKey } from "./bar-plot.ts";
import { barChartOptions, type BarChartOptions } from "./options.ts";

/** Draws each row of the data as a group of bars. */
export function BarChartPanel(props: PanelProps) {
  const { panel, frames, width, height, context } = props;
  const options = useMemo(() => readOptions(barChartOptions, panel.options), [panel.options]);
  const plan = useMemo(() => planBars(frames, options, context), [frames, options, context]);
  if ("problem" in plan) return <PlotMessage text={plan.problem} width={width} height={height} />;
  return <DrawnBars {...props} plan={plan} options={options} />;
}

interface DrawnProps extends PanelProps {
  readonly plan: BarPlan;
  readonly options: BarChartOptions;
}

function DrawnBars({ panel, width, height, context, plan, options }: DrawnProps) {
  const [hidden, hide] = useHiddenSeries(plan.series);
  const now = useMemo((): BarMoment => {
    const isDrawn = ({ key, options: own }: BarSeries): boolean => !hidden.has(key) && !own.isHiddenInPlot;
    return { plan, context, geometry: barGeometry(plan.series, isDrawn, plan.labels.length, options) };
  }, [plan, context, options, hidden]);
  // The plot draws again when it receives a new array, so each change creates one.
  const data = useMemo(
    (): [number[], ...null[][]] => [[0, now.plan.labels.length], ...now.plan.series.map(() => [null, null])],
    [now],
  );
  const items = plan.series
    .filter(({ options: own }) => !own.isHiddenInLegend)
    .map(({ key, field, view }) => legendItem(key, field, view, options.legendValues));
  return (
    <LegendedPlot width={width} height={height} options={options} items={items} hidden={hidden} onHide={hide}>
      {(plotWidth, plotHeight) => {
        const layout: BarLayout = {
          options,
          isHorizontal: isHorizontal(options, width, height),
          width: plotWidth,
          height: plotHeight,
        };
        return (
          <Plot
            configKey={`${context.theme.scheme} ${context.zone} ${barKey(plan, layout)}`}
            configure={(nowOf: () => BarMoment) => barConfig(layout, nowOf)}
            now={now}
            data={data}
            width={plotWidth}
            height={plotHeight}
            label={`${panel.title}: bars of ${plan.series.length} series in ${plan.labels.length} groups`}
          />
        );
      }}
    </LegendedPlot>
  );
}
