import { useMemo, useState } from "react";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import { Plot, type PlotConfig } from "../../../plot/Plot.tsx";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { legendItem } from "../../plot/legend-items.ts";
import { LegendedPlot } from "../../plot/LegendedPlot.tsx";
import type { TimeSeriesOptions } from "./options.ts";
import { type DrawnData, drawnData, planKey, type PlotMoment, type SeriesPlan } from "./time-series-plot.ts";

interface SeriesLinesProps extends Pick<PanelProps, "width" | "height"> {
  readonly plan: SeriesPlan;
  readonly options: TimeSeriesOptions;
  readonly now: PlotMoment;
  /**
   * Values on which the configuration of the plot depends, in addition to the series. If a value changes, the plot is
   * configured again.
   */
  readonly picture: readonly unknown[];
  readonly configure: (bands: DrawnData["bands"], hidden: ReadonlySet<string>, nowOf: () => PlotMoment) => PlotConfig;
  /** Description of the plot for screen readers. */
  readonly label: string;
}

/** Draws series as lines, bars or points, with their legend. */
export function SeriesLines({ width, height, plan, options, now, picture, configure, label }: SeriesLinesProps) {
  const { series } = plan;
  const [hidden, hide] = useHiddenSeries(series);
  const [pointed, setPointed] = useState<string | null>(null);
  const { data, bands } = useMemo(() => drawnData(plan, hidden), [plan, hidden]);
  const items = useMemo(
    () =>
      plan.series
        .filter((one) => !one.options.isHiddenInLegend)
        .map(({ key, field, view, earlier }) =>
          legendItem(
            key,
            field,
            view,
            options.legendValues,
            earlier === undefined ? undefined : plan.series[earlier]?.field,
          ),
        ),
    [plan, options],
  );
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
          configKey={JSON.stringify([picture, planKey(plan, bands, hidden), options])}
          configure={(nowOf: () => PlotMoment) => configure(bands, hidden, nowOf)}
          now={now}
          data={data}
          width={plotWidth}
          height={plotHeight}
          label={label}
          focused={pointed === null ? null : series.findIndex(({ key }) => key === pointed) + 1}
        />
      )}
    </LegendedPlot>
  );
}
