import { useMemo } from "react";
import { barGeometry } from "../../plot/bar-geometry.ts";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import { legendItem } from "../../plot/legend-items.ts";
import { LegendedPlot } from "../../plot/LegendedPlot.tsx";
import { Plot } from "../../../plot/Plot.tsx";
import { type PlannedProps, plannedPanel } from "../../plot/planned-panel.tsx";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { type CountSeries, type HistogramPlan, planHistogram } from "./histogram-plan.ts";
import { histogramConfig, histogramKey, type HistogramMoment } from "./histogram-plot.ts";
import { histogramOptions, type HistogramOptions } from "./options.ts";

function DrawnHistogram({
  panel,
  frames,
  width,
  height,
  context,
  plan,
  options,
}: PlannedProps<HistogramPlan, HistogramOptions>) {
  const [hidden, hide] = useHiddenSeries(plan.series);
  const now = useMemo((): HistogramMoment => {
    const isDrawn = ({ key, options: own }: CountSeries): boolean => !hidden.has(key) && !own.isHiddenInPlot;
    const stacking = plan.series[0]!.options.stacking;
    const settings = { stacking, groupWidth: 1, barWidth: 1 };
    return { plan, context, geometry: barGeometry(plan.series, isDrawn, plan.lows.length, settings) };
  }, [plan, context, hidden]);
  // A new array for each change, because uPlot draws again only if it receives a new array.
  const data = useMemo((): [number[], null[]] => {
    const { lows, highs } = now.plan;
    return [
      [lows[0] ?? 0, highs.at(-1) ?? 1],
      [null, null],
    ];
  }, [now]);
  const items = useMemo(() => legendItems(plan, frames, options, context), [plan, frames, options, context]);
  const key = useMemo(() => histogramKey(plan, options), [plan, options]);
  return (
    <LegendedPlot width={width} height={height} options={options} items={items} hidden={hidden} onHide={hide}>
      {(plotWidth, plotHeight) => (
        <Plot
          configKey={`${context.theme.scheme} ${key}`}
          configure={(nowOf: () => HistogramMoment) => histogramConfig(options, nowOf)}
          now={now}
          data={data}
          width={plotWidth}
          height={plotHeight}
          label={`${panel.title}: histogram of ${plan.series.length} series in ${plan.lows.length} buckets`}
        />
      )}
    </LegendedPlot>
  );
}

/** Returns the legend items. The statistics in an item are computed from the original values, not from the counts. */
function legendItems(
  { series }: HistogramPlan,
  frames: PanelProps["frames"],
  { legendValues, combines }: HistogramOptions,
  { viewOf }: PanelProps["context"],
) {
  const counted = frames.flatMap((frame) =>
    frame.fields.filter(({ type }) => type === "number").map((field) => ({ field, view: viewOf(field, frame) })),
  );
  const isGiven = counted.length !== series.length;
  return series.flatMap((one, at) => {
    if (one.options.isHiddenInLegend) return [];
    const source = combines || isGiven ? undefined : counted[at];
    if (source !== undefined)
      return [{ ...legendItem(one.key, source.field, source.view, legendValues), name: one.name }];
    return [
      { key: one.key, name: one.name, color: one.color, values: legendValues.map(() => ({ text: "", numeric: null })) },
    ];
  });
}

/** Draws the number of values in each bucket as bars. */
export const HistogramPanel = plannedPanel(histogramOptions, planHistogram, DrawnHistogram);
