import { choice, grouped, type OptionsOf, raw } from "../../contracts/option-table.ts";
import { hideOptions, legendOptions, tooltipOptions } from "../timeseries/options.ts";
import { reduceOptions } from "../values/options.ts";

const { orientation: _, ...reduction } = reduceOptions;
const { legendValues: __, ...legend } = legendOptions;

/** Returns an option that reads a list of words. Unknown words are ignored. */
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
  // Texts in the label of a slice, in the order in which they are shown.
  labels: words("displayLabels", ["name", "value", "percent"]),
  ...legend,
  legendValues: words("legend.values", ["value", "percent"]),
  ...grouped("Tooltip", { ...tooltipOptions }),
};
export type PieChartOptions = OptionsOf<typeof pieChartOptions>;

/** `custom` settings of a field. */
export const sliceOptions = hideOptions;
