import { useMemo, useState } from "react";
import { Legend, type LegendItem } from "../../plot/Legend.tsx";
import { LegendLayout } from "../../plot/LegendLayout.tsx";
import { readOptions } from "../option-table.ts";
import type { PanelProps } from "../panel-kind.ts";
import { type ReducedValue, reducedValues, textOfNothing } from "../values/reduced-values.ts";
import { NoValues } from "../values/ValuesGrid.tsx";
import { pieChartOptions, type PieChartOptions, sliceOptions } from "./options.ts";
import { Pie } from "./Pie.tsx";
import { pieSlices, sortedValues } from "./pie-slices.ts";

const none: ReadonlySet<string> = new Set();
const columnNames = { value: "Value", percent: "Percent" } as const;

/** Values as parts of what they are together. */
export function PieChartPanel({ panel, frames, width, height, context }: PanelProps) {
  const options = useMemo(() => readOptions(pieChartOptions, panel.options), [panel.options]);
  const [hidden, setHidden] = useState(none);
  const [pointed, setPointed] = useState<string | null>(null);
  const { zone, theme, linksOf, viewOf } = context;
  const { scheme } = theme;
  const values = useMemo(() => {
    const reduced = reducedValues(frames, { ...options, orientation: "auto" }, { viewOf, scheme, zone });
    return sortedValues(reduced.values, options.sort);
  }, [frames, options, viewOf, scheme, zone]);
  const slices = useMemo(() => pieSlices(values.filter(({ key }) => !hidden.has(key))), [values, hidden]);
  const items = useMemo(() => legendItems(values, options), [values, options]);
  if (values.length === 0) return <NoValues text={textOfNothing(panel)} width={width} height={height} />;
  const legend =
    options.isLegendShown && options.legendMode !== "hidden" && items.length > 0 ? (
      <Legend
        items={items}
        settings={{
          mode: options.legendMode === "table" ? "table" : "list",
          placement: options.legendPlacement,
          columns: options.legendValues.map((name) => columnNames[name]),
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
    </LegendLayout>
  );
}

/** Shares are of all values, whichever are hidden. */
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
