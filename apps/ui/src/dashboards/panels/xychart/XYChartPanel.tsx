import { useMemo } from "react";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import { legendItem } from "../../plot/legend-items.ts";
import { LegendedPlot } from "../../plot/LegendedPlot.tsx";
import { Plot } from "../../../plot/Plot.tsx";
import { type PlannedProps, plannedPanel } from "../../plot/planned-panel.tsx";
import { xyChartOptions, type XYChartOptions } from "./options.ts";
import { planPoints, type PointPlan } from "./point-plan.ts";
import { pointConfig, pointKey, type PointMoment } from "./xy-plot.ts";

function DrawnPoints({ panel, width, height, context, plan, options }: PlannedProps<PointPlan, XYChartOptions>) {
  const [hidden, hide] = useHiddenSeries(plan.series);
  const now = useMemo((): PointMoment => ({ plan, hidden, context }), [plan, hidden, context]);
  // A new array for each change, because uPlot draws again only if it receives a new array.
  const data = useMemo((): [number[], ...null[][]] => {
    const scales = new Set(now.plan.series.map(({ scale }) => JSON.stringify(scale)));
    return [[0, 1], ...Array.from(scales, () => [null, null])];
  }, [now]);
  const items = useMemo(
    () =>
      plan.series
        .filter(({ options: own }) => !own.isHiddenInLegend)
        .map(({ key, name, color, y, frame }) => ({
          ...legendItem(key, y, context.viewOf(y, frame), options.legendValues),
          name,
          color,
        })),
    [plan, options, context],
  );
  const key = useMemo(() => pointKey(plan, options), [plan, options]);
  return (
    <LegendedPlot width={width} height={height} options={options} items={items} hidden={hidden} onHide={hide}>
      {(plotWidth, plotHeight) => (
        <Plot
          configKey={`${context.theme.scheme} ${key}`}
          configure={(nowOf: () => PointMoment) => pointConfig(options, nowOf)}
          now={now}
          data={data}
          width={plotWidth}
          height={plotHeight}
          label={`${panel.title}: chart of ${plan.series.length} series over ${plan.x.view.name}`}
        />
      )}
    </LegendedPlot>
  );
}

/** Draws number columns over another number column, as points, lines or both. */
export const XYChartPanel = plannedPanel(xyChartOptions, planPoints, DrawnPoints);
