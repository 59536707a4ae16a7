import type { NumericField } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { Legend, type LegendItem } from "../../plot/Legend.tsx";
import { legendColumns, legendItem } from "../../plot/legend-items.ts";
import { LegendLayout } from "../../plot/LegendLayout.tsx";
import { Plot } from "../../plot/Plot.tsx";
import { readOptions } from "../option-table.ts";
import type { PanelProps } from "../panel-kind.ts";
import { timeSeriesOptions, type TimeSeriesOptions } from "./options.ts";
import { drawnData, planKey, planSeries, plotConfig, type PlotMoment, type SeriesPlan } from "./time-series-plot.ts";

const none: ReadonlySet<string> = new Set();

/** Series over time as lines, bars or points. */
export function TimeSeriesPanel({ panel, frames, width, height, context }: PanelProps) {
  const options = useMemo(() => readOptions(timeSeriesOptions, panel.options), [panel.options]);
  const [hidden, setHidden] = useState(none);
  const plan = useMemo(
    () => planSeries(frames, (field: NumericField, frame) => context.viewOf(field, frame)),
    [frames, context],
  );
  const drawn = useMemo(() => drawnData(plan, hidden), [plan, hidden]);
  const [pointed, setPointed] = useState<string | null>(null);
  const { theme, zone, syncKey, isTooltipShared } = context;
  const picture = `${theme.scheme} ${zone} ${syncKey} ${isTooltipShared} ${planKey(plan, hidden)} ${JSON.stringify(options)}`;
  const now = useMemo(() => ({ plan, context }), [plan, context]);

  const items = useMemo(() => legendItems(plan, options), [plan, options]);
  const isLegendShown = options.isLegendShown && options.legendMode !== "hidden" && items.length > 0;
  const focused = pointed === null ? null : plan.series.findIndex(({ key }) => key === pointed) + 1;
  const legend = isLegendShown ? (
    <Legend
      items={items}
      settings={{
        mode: options.legendMode === "table" ? "table" : "list",
        placement: options.legendPlacement,
        columns: legendColumns(options.legendValues),
        sortBy: options.legendSortBy,
        sortDescending: options.legendSortDescending,
      }}
      hidden={hidden}
      onHide={setHidden}
      onPoint={setPointed}
    />
  ) : null;
  return (
    <LegendLayout
      width={width}
      height={height}
      placement={options.legendPlacement}
      legendWidth={options.legendWidth}
      legend={legend}
    >
      {(plotWidth, plotHeight) => (
        <Plot
          picture={picture}
          configure={(nowOf: () => PlotMoment) => plotConfig(plan, drawn.bands, hidden, options, nowOf)}
          now={now}
          data={drawn.data}
          width={plotWidth}
          height={plotHeight}
          label={`${panel.title}: graph of ${plan.series.length} series`}
          focused={focused}
        />
      )}
    </LegendLayout>
  );
}

const legendItems = ({ series }: SeriesPlan, { legendValues }: TimeSeriesOptions): readonly LegendItem[] =>
  series
    .filter(({ options }) => !options.isHiddenInLegend)
    .map(({ key, field, view }) => legendItem(key, field, view, legendValues));
