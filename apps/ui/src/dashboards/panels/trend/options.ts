import { type OptionsOf, text } from "../../contracts/option-table.ts";
import { timeSeriesOptions } from "../timeseries/options.ts";

export const trendOptions = {
  xField: text("xField", "X field", "", {
    input: "field",
    description: "Numbers that ascend; the first field of numbers, where empty",
  }),
  ...timeSeriesOptions,
};
export type TrendOptions = OptionsOf<typeof trendOptions>;
