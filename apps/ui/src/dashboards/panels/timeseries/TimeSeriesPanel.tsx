import type { Frame, NumericField } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import type { LegendItem } from "../../../plot/Legend.tsx";
import { legendItem } from "../../plot/legend-items.ts";
import { LegendedPlot } from "../../plot/LegendedPlot.tsx";
import { Plot } from "../../../plot/Plot.tsx";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelContext, PanelProps } from "../../contracts/panel-kind.ts";
import { timeSeriesOptions, type TimeSeriesOptions } from "./options.ts";
import { drawnData, planKey, planSeries, plotConfig, type PlotMoment, type SeriesPlan } from "./time-series-plot.ts";

/** Draws series over time as lines, bars or points. */
export function TimeSeriesPanel({ panel, frames, width, height, context }: PanelProps) {
  const options = useMemo(() => readOptions(timeSeriesOptions, panel.options), [panel.options]);
  const plan = useMemo(() => planPanel(frames, context), [frames, context]);
  const [hidden, hide] = useHiddenSeries(plan.series);
  const drawn = useMemo(() => drawnData(plan, hidden), [plan, hidden]);
  const [pointed, setPointed] = useState<string | null>(null);
  const { theme, zone, syncKey, isTooltipShared } = context;
  const picture = `${theme.scheme} ${zone} ${syncKey} ${isTooltipShared} ${planKey(plan, drawn.bands, hidden)} ${JSON.stringify(options)}`;
  const now = useMemo(() => ({ plan, context }), [plan, context]);

  const items = useMemo(() => legendItems(plan, options), [plan, options]);
  const focused = pointed === null ? null : plan.series.findIndex(({ key }) => key === pointed) + 1;
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
          configure={(nowOf: () => PlotMoment) => plotConfig(plan, drawn.bands, hidden, options, nowOf)}
          now={now}
          data={drawn.data}
          width={plotWidth}
          height={plotHeight}
          label={`${panel.title}: graph of ${plan.series.length} series`}
          focused={focused}
        />
      )}
    </LegendedPlot>
  );
}

/**
 * Returns the plan for drawing the panel's series. Series of the comparison period are drawn behind the current ones.
 */
function planPanel(frames: readonly Frame[], { viewOf, earlier }: PanelContext): SeriesPlan {
  const view = (field: NumericField, frame: Frame) => viewOf(field, frame);
  if (earlier === undefined) return planSeries(frames, view);
  return planSeries([...frames, ...earlier.frames], view, undefined, earlier);
}

const legendItems = ({ series }: SeriesPlan, { legendValues }: TimeSeriesOptions): readonly LegendItem[] =>
  series
    .filter(({ options }) => !options.isHiddenInLegend)
    .map(({ key, field, view, earlier }) =>
      legendItem(key, field, view, legendValues, earlier === undefined ? undefined : series[earlier]?.field),
    );
