import { choice, type OptionsOf, toggle } from "../../contracts/option-table.ts";
import { reduceOptions, textSizeOptions } from "../values/options.ts";

/** Whether the name, the value or both are shown. */
export const textModeOption = choice(
  "textMode",
  "Text mode",
  { auto: "Auto", value: "Value", value_and_name: "Value and name", name: "Name", none: "None" },
  "auto",
);

export const statOptions = {
  ...reduceOptions,
  textMode: textModeOption,
  isWide: toggle("wideLayout", "Wide layout", true, {
    isShown: ({ textMode }) => textMode === "auto" || textMode === "value_and_name",
  }),
  colorMode: choice(
    "colorMode",
    "Colour mode",
    {
      none: "None",
      value: "Value",
      background: "Background gradient",
      background_solid: "Background solid",
    },
    "value",
  ),
  graphMode: choice("graphMode", "Graph mode", { none: "None", area: "Area" }, "area"),
  justifyMode: choice("justifyMode", "Text alignment", { auto: "Auto", center: "Center" }, "auto"),
  showsChange: toggle("showPercentChange", "Show percent change", false),
  changeColor: choice(
    "percentChangeColorMode",
    "Percent change colour",
    { standard: "Standard", inverted: "Inverted", same_as_value: "Same as value" },
    "standard",
    { isShown: ({ showsChange }) => showsChange === true },
  ),
  ...textSizeOptions,
};
export type StatOptions = OptionsOf<typeof statOptions>;
