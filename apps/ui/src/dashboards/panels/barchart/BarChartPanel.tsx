import { useMemo } from "react";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import { legendItem } from "../../plot/legend-items.ts";
import { LegendedPlot } from "../../plot/LegendedPlot.tsx";
import { Plot } from "../../../plot/Plot.tsx";
import { type PlannedProps, plannedPanel } from "../../plot/planned-panel.tsx";
import { barGeometry } from "../../plot/bar-geometry.ts";
import type { BarLayout, BarMoment } from "./bar-layout.ts";
import { type BarPlan, type BarSeries, isHorizontal, planBars } from "./bar-plan.ts";
import { barConfig, barKey } from "./bar-plot.ts";
import { barChartOptions, type BarChartOptions } from "./options.ts";

function DrawnBars({ panel, width, height, context, plan, options }: PlannedProps<BarPlan, BarChartOptions>) {
  const [hidden, hide] = useHiddenSeries(plan.series);
  const now = useMemo((): BarMoment => {
    const isDrawn = ({ key, options: own }: BarSeries): boolean => !hidden.has(key) && !own.isHiddenInPlot;
    return { plan, context, geometry: barGeometry(plan.series, isDrawn, plan.labels.length, options) };
  }, [plan, context, options, hidden]);
  // A new array for each change, because uPlot draws again only if it receives a new array.
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

/** Draws each row of the data as a group of bars. */
export const BarChartPanel = plannedPanel(barChartOptions, planBars, DrawnBars);
