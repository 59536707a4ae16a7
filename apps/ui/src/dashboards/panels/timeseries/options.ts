import {
  choice,
  color,
  grouped,
  list,
  number,
  type OptionsOf,
  pick,
  raw,
  span,
  text,
  toggle,
} from "../../contracts/option-table.ts";

const showsLegend = ({ isLegendShown }: Readonly<Record<string, unknown>>): boolean => isLegendShown === true;
const isTooltipMulti = ({ tooltipMode }: Readonly<Record<string, unknown>>): boolean => tooltipMode === "multi";

export const legendOptions = grouped("Legend", {
  isLegendShown: toggle("legend.showLegend", "Visibility", true),
  legendMode: choice("legend.displayMode", "Mode", { list: "List", table: "Table", hidden: "Hidden" }, "list", {
    isShown: showsLegend,
  }),
  legendPlacement: choice("legend.placement", "Placement", { bottom: "Bottom", right: "Right" }, "bottom", {
    isShown: showsLegend,
  }),
  legendWidth: number("legend.width", "Width", undefined, {
    min: 0,
    isShown: (options) => showsLegend(options) && options["legendPlacement"] === "right",
  }),
  legendValues: list("legend.calcs", "Values", "reducers", [], {
    description: "Values or calculations to show in the legend",
    isShown: showsLegend,
  }),
  legendSortBy: text("legend.sortBy", "Sorted by", "", {
    description: "Name of one of the values, for a legend in the form of a table",
    isShown: (options) => showsLegend(options) && options["legendMode"] === "table",
  }),
  legendSortDescending: toggle("legend.sortDesc", "Greatest first", false, {
    isShown: (options) => showsLegend(options) && options["legendMode"] === "table",
  }),
});

export const tooltipOptions = grouped("Tooltip", {
  tooltipMode: choice("tooltip.mode", "Tooltip mode", { single: "Single", multi: "All", none: "Hidden" }, "single"),
  tooltipSort: choice(
    "tooltip.sort",
    "Values sort order",
    { none: "None", asc: "Ascending", desc: "Descending" },
    "none",
    { isShown: isTooltipMulti },
  ),
  tooltipHidesZeros: toggle("tooltip.hideZeros", "Hide zeros", false, { isShown: isTooltipMulti }),
  tooltipMaxHeight: number("tooltip.maxHeight", "Max height", undefined, { min: 0 }),
});

export const timeSeriesOptions = { ...legendOptions, ...tooltipOptions };
export type TimeSeriesOptions = OptionsOf<typeof timeSeriesOptions>;

/** Settings that hide a series in the legend, the tooltip or the plot. */
export const hideOptions = grouped("Hide in area", {
  isHiddenInLegend: toggle("hideFrom.legend", "Hide in legend", false),
  isHiddenInTooltip: toggle("hideFrom.tooltip", "Hide in tooltip", false),
  isHiddenInPlot: toggle("hideFrom.viz", "Hide in plot", false),
});

export const axisOptions = grouped("Axis", {
  axisPlacement: choice(
    "axisPlacement",
    "Placement",
    { auto: "Auto", left: "Left", right: "Right", hidden: "Hidden" },
    "auto",
  ),
  axisLabel: text("axisLabel", "Label"),
  axisWidth: number("axisWidth", "Width", undefined, { min: 0 }),
  axisSoftMin: number("axisSoftMin", "Soft min", undefined),
  axisSoftMax: number("axisSoftMax", "Soft max", undefined),
  isAxisCentered: toggle("axisCenteredZero", "Centered zero", false),
  axisColorMode: choice("axisColorMode", "Color", { text: "Text", series: "Series" }, "text"),
  isAxisBorderShown: toggle("axisBorderShow", "Show border", false),
  isGridShown: pick<boolean | undefined>(
    "axisGridShow",
    "Show grid lines",
    [
      [undefined, "Auto"],
      [true, "On"],
      [false, "Off"],
    ],
    undefined,
  ),
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
    { isShown: ({ scaleType }) => scaleType === "log" || scaleType === "symlog" },
  ),
  scaleThreshold: number("scaleDistribution.linearThreshold", "Linear threshold", 1, {
    min: 0,
    isShown: ({ scaleType }) => scaleType === "symlog",
  }),
});

const isLine = ({ drawStyle }: Readonly<Record<string, unknown>>): boolean => drawStyle === "line";
const isBars = ({ drawStyle }: Readonly<Record<string, unknown>>): boolean => drawStyle === "bars";

const styleOptions = grouped("Graph styles", {
  drawStyle: choice("drawStyle", "Style", { line: "Lines", bars: "Bars", points: "Points" }, "line"),
  interpolation: choice(
    "lineInterpolation",
    "Line interpolation",
    { linear: "Linear", smooth: "Smooth", stepBefore: "Step before", stepAfter: "Step after" },
    "linear",
    { isShown: isLine },
  ),
  lineWidth: number("lineWidth", "Line width", 1, {
    min: 0,
    max: 10,
    isShown: ({ drawStyle }) => drawStyle !== "points",
  }),
  fillOpacity: number("fillOpacity", "Fill opacity", 0, {
    min: 0,
    max: 100,
    isShown: ({ drawStyle }) => drawStyle !== "points",
  }),
  gradientMode: choice(
    "gradientMode",
    "Gradient mode",
    { none: "None", opacity: "Opacity", hue: "Hue", scheme: "Scheme" },
    "none",
  ),
  barAlignment: pick<-1 | 0 | 1>(
    "barAlignment",
    "Bar alignment",
    [
      [-1, "Before"],
      [0, "Center"],
      [1, "After"],
    ],
    0,
    { isShown: isBars },
  ),
  barWidthFactor: number("barWidthFactor", "Bar width factor", 0.6, { min: 0.1, max: 1, isShown: isBars }),
  barMaxWidth: number("barMaxWidth", "Bar max width", 200, { min: 1, isShown: isBars }),
  lineDash: raw<readonly number[] | undefined>(
    "lineStyle.dash",
    (value) =>
      Array.isArray(value)
        ? value.filter((length) => typeof length === "number" && length >= 0 && length < 1000)
        : undefined,
    undefined,
  ),
  lineFill: choice("lineStyle.fill", "Line style", { solid: "Solid", dash: "Dash", dot: "Dots" }, "solid", {
    isShown: isLine,
  }),
  spanNulls: span("spanNulls", "Connect null values", true, { isShown: isLine }),
  insertNulls: span("insertNulls", "Disconnect values", false, { isShown: isLine }),
  pointsShown: choice("showPoints", "Show points", { auto: "Auto", always: "Always", never: "Never" }, "auto"),
  pointSize: number("pointSize", "Point size", 5, { min: 1, max: 40 }),
  stacking: choice("stacking.mode", "Stack series", { none: "Off", normal: "Normal", percent: "100 %" }, "none"),
  // An override removes a series from its stack with the value `false`. The plot treats `false` as the name of a
  // separate stack.
  stackGroup: raw<string>("stacking.group", (value) => JSON.stringify(value), "A"),
  transform: choice("transform", "Transform", { "": "None", constant: "Constant", "negative-Y": "Negative Y" }, ""),
  fillBelowTo: text("fillBelowTo", "Fill below to", "", { input: "field" }),
});

/** Settings under `custom` of a field of a time series panel. */
export const seriesOptions = {
  ...styleOptions,
  thresholdsStyle: choice(
    "thresholdsStyle.mode",
    "Show thresholds",
    {
      off: "Off",
      line: "As lines",
      dashed: "As lines (dashed)",
      area: "As filled regions",
      "line+area": "As filled regions and lines",
      "dashed+area": "As filled regions and lines (dashed)",
      series: "By the series",
    },
    "off",
    { group: "Thresholds" },
  ),
  lineColor: color("lineColor", "Line colour", "", { group: "Graph styles", isShown: () => false }),
  ...axisOptions,
  ...hideOptions,
};
export type SeriesOptions = OptionsOf<typeof seriesOptions>;
