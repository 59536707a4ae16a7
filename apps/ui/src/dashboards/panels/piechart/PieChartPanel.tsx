import { useMemo, useState } from "react";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import type { LegendItem } from "../../../plot/Legend.tsx";
import { LegendedPlot } from "../../plot/LegendedPlot.tsx";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { type ReducedValue, reducedValues, textOfNothing } from "../values/reduced-values.ts";
import { NoValues } from "../values/ValuesGrid.tsx";
import { pieChartOptions, type PieChartOptions, sliceOptions } from "./options.ts";
import { Pie } from "./Pie.tsx";
import { pieSlices, sortedValues } from "./pie-slices.ts";

/** Panel type that draws values as slices of a pie. */
export function PieChartPanel({ panel, frames, width, height, context }: PanelProps) {
  const options = useMemo(() => readOptions(pieChartOptions, panel.options), [panel.options]);
  const [pointed, setPointed] = useState<string | null>(null);
  const { zone, theme, linksOf, viewOf } = context;
  const { scheme } = theme;
  const values = useMemo(() => {
    const reduced = reducedValues(frames, { ...options, orientation: "auto" }, { viewOf, scheme, zone });
    return sortedValues(reduced.values, options.sort);
  }, [frames, options, viewOf, scheme, zone]);
  const [hidden, hide] = useHiddenSeries(values);
  const slices = useMemo(() => pieSlices(values.filter(({ key }) => !hidden.has(key))), [values, hidden]);
  const items = useMemo(() => legendItems(values, options), [values, options]);
  if (values.length === 0) return <NoValues text={textOfNothing(panel)} width={width} height={height} />;
  return (
    <LegendedPlot
      width={width}
      height={height}
      options={options}
      columnName={(name) => (name === "percent" ? "Percent" : "Value")}
      items={items}
      hidden={hidden}
      onHide={hide}
      onPoint={setPointed}
    >
      {(drawnWidth, drawnHeight) => (
        <Pie
          slices={slices}
          options={options}
          width={drawnWidth}
          height={drawnHeight}
          label={`${panel.title}: ${slices
            .map(({ value, percent }) => `${value.name} ${percent}`)
            .slice(0, 20)
            .join(", ")}`}
          surface={theme.surface}
          linksOf={linksOf}
          pointed={pointed}
        />
      )}
    </LegendedPlot>
  );
}

/** Returns the legend items. Percentages are relative to the sum of all values, including hidden ones. */
const legendItems = (values: readonly ReducedValue[], { legendValues }: PieChartOptions): readonly LegendItem[] =>
  pieSlices(values)
    .filter(({ value }) => !readOptions(sliceOptions, value.field.config.custom).isHiddenInLegend)
    .map(({ value, text, percent, share }) => ({
      key: value.key,
      name: value.name,
      color: value.display.color,
      values: legendValues.map((name) =>
        name === "percent" ? { text: percent, numeric: share } : { text, numeric: value.display.numeric },
      ),
    }));
