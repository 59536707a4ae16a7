import { type OptionsOf, text } from "../../contracts/option-table.ts";
import { timeSeriesOptions } from "../timeseries/options.ts";

export const trendOptions = {
  xField: text("xField", "X field", "", {
    input: "field",
    description: "A field of ascending numbers. Empty: the first number field",
  }),
  ...timeSeriesOptions,
};
export type TrendOptions = OptionsOf<typeof trendOptions>;
