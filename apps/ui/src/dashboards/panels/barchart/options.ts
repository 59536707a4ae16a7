import { choice, grouped, number, type OptionsOf, text, toggle } from "../../contracts/option-table.ts";
import { axisOptions, hideOptions, legendOptions, tooltipOptions } from "../timeseries/options.ts";

export const barChartOptions = {
  xField: text("xField", "X axis", "", {
    input: "field",
    description: "Empty: the first text field, otherwise the times",
  }),
  orientation: choice(
    "orientation",
    "Orientation",
    { auto: "Auto", horizontal: "Horizontal", vertical: "Vertical" },
    "auto",
  ),
  tickRotation: number("xTickLabelRotation", "Rotate x-axis tick labels", 0, { min: -90, max: 90 }),
  tickMaxLength: number("xTickLabelMaxLength", "X-axis tick label max length", undefined, {
    min: 0,
    integer: true,
    description: "Number of characters; longer labels are cut",
  }),
  tickSpacing: number("xTickLabelSpacing", "X-axis labels minimum spacing", 0, {
    min: -300,
    max: 300,
    description: "Pixels. If negative, the last label is always shown, otherwise the first",
  }),
  showValue: choice("showValue", "Show values", { auto: "Auto", always: "Always", never: "Never" }, "auto"),
  stacking: choice("stacking", "Stacking", { none: "Off", normal: "Normal", percent: "100%" }, "none"),
  groupWidth: number("groupWidth", "Group width", 0.7, {
    min: 0,
    max: 1,
    isShown: ({ stacking }) => stacking === "none",
  }),
  barWidth: number("barWidth", "Bar width", 0.97, { min: 0, max: 1 }),
  barRadius: number("barRadius", "Bar radius", 0, { min: 0, max: 0.5 }),
  highlightsAll: toggle("fullHighlight", "Highlight full area on hover", false),
  colorField: text("colorByField", "Color by field", "", { input: "field" }),
  valueSize: number("text.valueSize", "Value size", undefined, {
    min: 1,
    max: 500,
    isShown: ({ showValue }) => showValue !== "never",
  }),
  ...legendOptions,
  ...tooltipOptions,
};
export type BarChartOptions = OptionsOf<typeof barChartOptions>;

export const barOptions = {
  ...grouped("Graph styles", {
    lineWidth: number("lineWidth", "Line width", 1, { min: 0, max: 10 }),
    fillOpacity: number("fillOpacity", "Fill opacity", 80, { min: 0, max: 100 }),
    gradientMode: choice(
      "gradientMode",
      "Gradient mode",
      { none: "None", opacity: "Opacity", hue: "Hue", scheme: "Scheme" },
      "none",
    ),
  }),
  ...hideOptions,
  ...axisOptions,
};
export type BarOptions = OptionsOf<typeof barOptions>;
