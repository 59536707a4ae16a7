import { findReducer, type NumericField, reduceField } from "@narthex/dashboards";
import { useElementSize } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { Legend, type LegendItem } from "../../plot/Legend.tsx";
import { Plot } from "../../plot/Plot.tsx";
import { readOptions } from "../option-table.ts";
import type { PanelProps } from "../panel-kind.ts";
import { timeSeriesOptions, type TimeSeriesOptions } from "./options.ts";
import {
  drawnData,
  planKey,
  type PlannedSeries,
  planSeries,
  plotConfig,
  type PlotMoment,
  type SeriesPlan,
} from "./time-series-plot.ts";
import styles from "./TimeSeriesPanel.module.css";

const css = classesOf(styles);

const none: ReadonlySet<string> = new Set();

/** What a legend says of a series: what was asked of its values. */
function legendItem({ key, view, field }: PlannedSeries, calcs: readonly string[]): LegendItem {
  const results = calcs.length === 0 ? undefined : reduceField(field, calcs);
  return {
    key,
    name: view.name,
    color: view.color,
    values: calcs.map((calc) => {
      const value = results?.get(calc);
      const numeric = typeof value === "number" ? value : null;
      return { text: reducedText(calc, numeric, view.text), numeric };
    }),
  };
}

const COUNTS: ReadonlySet<string> = new Set(["count", "changeCount", "distinctCount", "countAll"]);

const reducedText = (calc: string, value: number | null, text: (value: number | null) => string): string =>
  COUNTS.has(calc) && value !== null ? String(value) : text(value);

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
  const { ref, width: plotWidth, height: plotHeight } = useElementSize<HTMLDivElement>();
  const columns = options.legendValues.map((calc) => findReducer(calc)?.name ?? calc);
  const focused = pointed === null ? null : plan.series.findIndex(({ key }) => key === pointed) + 1;
  const placement = options.legendPlacement;
  const legendStyle =
    placement === "right"
      ? { width: options.legendWidth ?? undefined, maxWidth: Math.max(120, width * 0.5) }
      : { maxHeight: Math.max(24, height * 0.35) };
  return (
    <div className={placement === "right" ? css("panel", "right") : css("panel", "bottom")} style={{ width, height }}>
      <div ref={ref} className={css("canvas")}>
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
      </div>
      {isLegendShown && (
        <div className={css("legend")} style={legendStyle}>
          <Legend
            items={items}
            settings={{
              mode: options.legendMode === "table" ? "table" : "list",
              placement,
              columns,
              sortBy: options.legendSortBy,
              sortDescending: options.legendSortDescending,
            }}
            hidden={hidden}
            onHide={setHidden}
            onPoint={setPointed}
          />
        </div>
      )}
    </div>
  );
}

const legendItems = ({ series }: SeriesPlan, { legendValues }: TimeSeriesOptions): readonly LegendItem[] =>
  series.filter(({ options }) => !options.isHiddenInLegend).map((planned) => legendItem(planned, legendValues));
