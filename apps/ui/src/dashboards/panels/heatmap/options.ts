import { heatSchemes } from "@narthex/dashboards";
import {
  choice,
  color,
  grouped,
  number,
  type OptionsOf,
  pick,
  raw,
  text,
  toggle,
} from "../../contracts/option-table.ts";

type Shown = (options: Readonly<Record<string, unknown>>) => boolean;

const isCalculated: Shown = ({ calculates }) => calculates === true;
const isOpacity: Shown = ({ colorMode }) => colorMode === "opacity";
const isScheme: Shown = ({ colorMode }) => colorMode === "scheme";
const hasTooltip: Shown = ({ tooltipMode }) => tooltipMode !== "none";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const object = (path: string) =>
  raw<Readonly<Record<string, unknown>>>(path, (value) => (isObject(value) ? value : undefined), {});

const schemes = Object.fromEntries(heatSchemes.map(({ id }) => [id, id]));

const axisOptions = grouped("Y axis", {
  axisPlacement: choice(
    "yAxis.axisPlacement",
    "Placement",
    { left: "Left", right: "Right", hidden: "Hidden", auto: "Auto" },
    "left",
  ),
  unit: text("yAxis.unit", "Unit"),
  decimals: number("yAxis.decimals", "Decimals", undefined, { min: 0, max: 20, integer: true }),
  min: number("yAxis.min", "Min value", undefined),
  max: number("yAxis.max", "Max value", undefined),
  axisWidth: number("yAxis.axisWidth", "Axis width", undefined, { min: 0 }),
  axisLabel: text("yAxis.axisLabel", "Axis label"),
  edge: choice(
    "rowsFrame.layout",
    "Tick alignment",
    { auto: "Auto", le: "Top (LE)", unknown: "Middle", ge: "Bottom (GE)" },
    "auto",
    { isShown: (options) => !isCalculated(options) },
  ),
  isReversed: toggle("yAxis.reverse", "Reverse", false),
});

const colorOptions = grouped("Colors", {
  colorMode: choice("color.mode", "Mode", { opacity: "Opacity", scheme: "Scheme" }, "scheme"),
  fill: color("color.fill", "Color", "dark-orange", { isShown: isOpacity }),
  colorScale: choice("color.scale", "Scale", { exponential: "Exponential", linear: "Linear" }, "exponential", {
    isShown: isOpacity,
  }),
  exponent: number("color.exponent", "Exponent", 0.5, {
    min: 0.1,
    max: 2,
    isShown: (options) => isOpacity(options) && options["colorScale"] === "exponential",
  }),
  scheme: choice("color.scheme", "Scheme", schemes, "Oranges", { isShown: isScheme }),
  steps: number("color.steps", "Steps", 64, { min: 2, max: 128, integer: true }),
  isColorReversed: toggle("color.reverse", "Reverse", false),
  colorMin: number("color.min", "Start color scale from value", undefined),
  colorMax: number("color.max", "End color scale at value", undefined),
});

const cellOptions = grouped("Cell display", {
  countName: text("rowsFrame.value", "Value name"),
  showValue: choice("showValue", "Show values", { auto: "Auto", always: "Always", never: "Never" }, "auto"),
  cellUnit: text("cellValues.unit", "Unit"),
  cellDecimals: number("cellValues.decimals", "Decimals", undefined, { min: 0, max: 20, integer: true }),
  cellGap: number("cellGap", "Cell gap", 1, { min: 0, max: 25 }),
  cellRadius: number("cellRadius", "Cell radius", 0, { min: 0, max: 50 }),
  hiddenBelow: number("filterValues.le", "Hide cells with values <=", 1e-9),
  hiddenFrom: number("filterValues.ge", "Hide cells with values >=", undefined),
});

export const heatmapOptions = {
  calculates: toggle("calculate", "Calculate from data", false),
  // Options of the heatmap transformation, which computes the buckets. The panel itself does not use them.
  calculation: object("calculation"),
  ...axisOptions,
  ...colorOptions,
  ...cellOptions,
  ...grouped("Tooltip", {
    tooltipMode: choice("tooltip.mode", "Tooltip mode", { single: "Single", multi: "All", none: "Hidden" }, "single"),
    hasHistogram: toggle("tooltip.yHistogram", "Show histogram (Y axis)", false, { isShown: hasTooltip }),
    hasTooltipScale: toggle("tooltip.showColorScale", "Show color scale", false, { isShown: hasTooltip }),
    tooltipMaxHeight: number("tooltip.maxHeight", "Max height", undefined, { min: 0, isShown: hasTooltip }),
  }),
  ...grouped("Legend", { isLegendShown: toggle("legend.show", "Show legend", true) }),
  ...grouped("Exemplars", { exemplarColor: color("exemplars.color", "Color", "rgba(255,0,255,0.7)") }),
};
export type HeatmapOptions = OptionsOf<typeof heatmapOptions>;

/** Settings under `custom` of the field that contains the counts. */
export const heatFieldOptions = grouped("Y axis", {
  scaleType: choice(
    "scaleDistribution.type",
    "Scale",
    { linear: "Linear", log: "Logarithmic", symlog: "Symlog" },
    "linear",
  ),
  scaleLog: pick<2 | 10>(
    "scaleDistribution.log",
    "Log base",
    [
      [2, "2"],
      [10, "10"],
    ],
    2,
    { isShown: ({ scaleType }) => scaleType !== "linear" },
  ),
});
