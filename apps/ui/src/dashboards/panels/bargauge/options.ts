import { choice, type OptionsOf, toggle } from "../../contracts/option-table.ts";
import { sizingOption } from "../gauge/options.ts";
import { legendOptions } from "../timeseries/options.ts";
import { positive, reduceOptions, textSizeOptions } from "../values/options.ts";

export const barGaugeOptions = {
  ...reduceOptions,
  displayMode: choice(
    "displayMode",
    "Display mode",
    { gradient: "Gradient", lcd: "Retro LCD", basic: "Basic" },
    "gradient",
  ),
  valueMode: choice(
    "valueMode",
    "Value display",
    { color: "Value colour", text: "Text colour", hidden: "Hidden" },
    "color",
  ),
  namePlacement: choice(
    "namePlacement",
    "Name placement",
    { auto: "Auto", top: "Top", left: "Left", hidden: "Hidden" },
    "auto",
    { description: "If bars are side by side, their names are below them" },
  ),
  showsUnfilled: toggle("showUnfilled", "Show unfilled area", true, {
    isShown: ({ displayMode }) => displayMode !== "lcd",
  }),
  sizing: sizingOption,
  minWidth: positive("minVizWidth", 8),
  minHeight: positive("minVizHeight", 16),
  maxHeight: positive("maxVizHeight", 300),
  ...legendOptions,
  isLegendShown: toggle("legend.showLegend", "Legend", false),
  ...textSizeOptions,
};
export type BarGaugeOptions = OptionsOf<typeof barGaugeOptions>;
