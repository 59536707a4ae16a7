import { choice, grouped, number, type OptionsOf, toggle } from "../../contracts/option-table.ts";
import { axisOptions, hideOptions, legendOptions, tooltipOptions } from "../timeseries/options.ts";

export const histogramOptions = {
  bucketCount: number("bucketCount", "Bucket count", 30, {
    min: 1,
    max: 10_000,
    integer: true,
    description: "Approximate number, if no size is set",
    isShown: ({ bucketSize }) => bucketSize === undefined,
  }),
  bucketSize: number("bucketSize", "Bucket size", undefined, { min: 0 }),
  bucketOffset: number("bucketOffset", "Bucket offset", 0, { description: "Start of a bucket, for sizes above 1" }),
  combines: toggle("combine", "Combine series", false, { description: "Count the values of all series together" }),
  ...legendOptions,
  ...tooltipOptions,
};
export type HistogramOptions = OptionsOf<typeof histogramOptions>;

/** Settings under `custom` of a column whose values are counted. */
export const countOptions = {
  ...grouped("Graph styles", {
    lineWidth: number("lineWidth", "Line width", 1, { min: 0, max: 10 }),
    fillOpacity: number("fillOpacity", "Fill opacity", 80, { min: 0, max: 100 }),
    gradientMode: choice("gradientMode", "Gradient mode", { none: "None", opacity: "Opacity", hue: "Hue" }, "none"),
    stacking: choice("stacking.mode", "Stacking", { none: "Off", normal: "Normal", percent: "100%" }, "none"),
  }),
  ...hideOptions,
  ...axisOptions,
};
export type CountOptions = OptionsOf<typeof countOptions>;
