import { choice, number, type OptionsOf, span, toggle } from "../../contracts/option-table.ts";
import { hideOptions, legendOptions, tooltipOptions } from "../timeseries/options.ts";

/** Options that the state timeline and the status history have in common. */
export const timelineOptions = {
  showValue: choice("showValue", "Show values", { auto: "Auto", always: "Always", never: "Never" }, "auto"),
  rowHeight: number("rowHeight", "Row height", 0.9, { min: 0.05, max: 1 }),
  perPage: number("perPage", "Rows of a page", 20, { min: 1, max: 1000, integer: true }),
  ...legendOptions,
  ...tooltipOptions,
};
export type TimelineOptions = OptionsOf<typeof timelineOptions>;

/** Settings under `custom` of a field that is drawn as a row. */
export const rowOptions = {
  lineWidth: number("lineWidth", "Line width", 0, { min: 0, max: 10 }),
  fillOpacity: number("fillOpacity", "Fill opacity", 70, { min: 0, max: 100 }),
  spanNulls: span("spanNulls", "Connect null values", true),
  insertNulls: span("insertNulls", "Disconnect values", false),
  ...hideOptions,
};
export type RowOptions = OptionsOf<typeof rowOptions>;

export const areValuesMerged = toggle("mergeValues", "Merge equal consecutive values", true);
