import { choice, grouped, type OptionsOf, raw } from "../../contracts/option-table.ts";
import { hideOptions, legendOptions, tooltipOptions } from "../timeseries/options.ts";
import { reduceOptions } from "../values/options.ts";

const { orientation: _, ...reduction } = reduceOptions;
const { legendValues: __, ...legend } = legendOptions;

/** Returns an option that reads a list of known words. Unknown words are ignored. */
const words = <const T extends string>(path: string, known: readonly T[]) =>
  raw<readonly T[]>(
    path,
    (value) => (Array.isArray(value) ? known.filter((word) => value.includes(word)) : undefined),
    [],
  );

export const pieChartOptions = {
  ...reduction,
  shape: choice("pieType", "Pie chart type", { pie: "Pie", donut: "Donut" }, "pie"),
  sort: choice("sort", "Slice sorting", { desc: "Descending", asc: "Ascending", none: "None" }, "desc"),
  // Parts of a slice's label, in display order.
  labels: words("displayLabels", ["name", "value", "percent"]),
  ...legend,
  legendValues: words("legend.values", ["value", "percent"]),
  ...grouped("Tooltip", { ...tooltipOptions }),
};
export type PieChartOptions = OptionsOf<typeof pieChartOptions>;

export const sliceOptions = hideOptions;
