import { choice, color, list, number, type OptionsOf, raw, text, toggle } from "../option-table.ts";

/** Legend and tooltip of panels that draw series. */
export const legendOptions = {
  isLegendShown: toggle("legend.showLegend", "Legend", true),
  legendMode: choice("legend.displayMode", "Legend mode", { list: "List", table: "Table", hidden: "Hidden" }, "list"),
  legendPlacement: choice("legend.placement", "Legend placement", { bottom: "Bottom", right: "Right" }, "bottom"),
  legendWidth: number("legend.width", "Legend width", undefined, { min: 0 }),
  legendValues: list("legend.calcs", "Legend values", "reducers"),
  legendSortBy: text("legend.sortBy", "Sorted by"),
  legendSortDescending: toggle("legend.sortDesc", "Greatest first", false),
};

export const tooltipOptions = {
  tooltipMode: choice("tooltip.mode", "Tooltip mode", { single: "Single", multi: "All", none: "Hidden" }, "single"),
  tooltipSort: choice(
    "tooltip.sort",
    "Values sort order",
    { none: "None", asc: "Ascending", desc: "Descending" },
    "none",
  ),
  tooltipHidesZeros: toggle("tooltip.hideZeros", "Hide zeros", false),
  tooltipMaxHeight: number("tooltip.maxHeight", "Max height", undefined, { min: 0 }),
};

export const timeSeriesOptions = { ...legendOptions, ...tooltipOptions };
export type TimeSeriesOptions = OptionsOf<typeof timeSeriesOptions>;

/** What hides a series, in legend, tooltip or drawing. */
export const hideOptions = {
  isHiddenInLegend: toggle("hideFrom.legend", "Hide in legend", false),
  isHiddenInTooltip: toggle("hideFrom.tooltip", "Hide in tooltip", false),
  isHiddenInPlot: toggle("hideFrom.viz", "Hide in plot", false),
};

/** Settings of a value axis. */
export const axisOptions = {
  axisPlacement: choice(
    "axisPlacement",
    "Axis",
    { auto: "Auto", left: "Left", right: "Right", hidden: "Hidden" },
    "auto",
  ),
  axisLabel: text("axisLabel", "Axis label"),
  axisWidth: number("axisWidth", "Axis width", undefined, { min: 0 }),
  axisSoftMin: number("axisSoftMin", "Soft min", undefined),
  axisSoftMax: number("axisSoftMax", "Soft max", undefined),
  isAxisCentered: toggle("axisCenteredZero", "Centered zero", false),
  axisColorMode: choice("axisColorMode", "Axis colour", { text: "Text", series: "Series" }, "text"),
  isAxisBorderShown: toggle("axisBorderShow", "Axis border", false),
  isGridShown: raw<boolean | undefined>(
    "axisGridShow",
    (value) => (typeof value === "boolean" ? value : undefined),
    undefined,
  ),
  scaleType: choice(
    "scaleDistribution.type",
    "Scale",
    { linear: "Linear", log: "Logarithmic", symlog: "Symlog" },
    "linear",
  ),
  scaleLog: raw<2 | 10>("scaleDistribution.log", (value) => (value === 10 ? 10 : value === 2 ? 2 : undefined), 2),
  scaleThreshold: number("scaleDistribution.linearThreshold", "Linear threshold", 1, { min: 0 }),
};

/** `custom` settings of a field of a time series panel. */
export const seriesOptions = {
  drawStyle: choice("drawStyle", "Style", { line: "Lines", bars: "Bars", points: "Points" }, "line"),
  interpolation: choice(
    "lineInterpolation",
    "Line interpolation",
    { linear: "Linear", smooth: "Smooth", stepBefore: "Step before", stepAfter: "Step after" },
    "linear",
  ),
  lineWidth: number("lineWidth", "Line width", 1, { min: 0, max: 10 }),
  fillOpacity: number("fillOpacity", "Fill opacity", 0, { min: 0, max: 100 }),
  gradientMode: choice(
    "gradientMode",
    "Gradient mode",
    { none: "None", opacity: "Opacity", hue: "Hue", scheme: "Scheme" },
    "none",
  ),
  barAlignment: raw<-1 | 0 | 1>("barAlignment", (value) => (value === -1 || value === 1 ? value : undefined), 0),
  barWidthFactor: number("barWidthFactor", "Bar width factor", 0.6, { min: 0.1, max: 1 }),
  barMaxWidth: number("barMaxWidth", "Bar max width", 200, { min: 1 }),
  lineDash: raw<readonly number[] | undefined>(
    "lineStyle.dash",
    (value) =>
      Array.isArray(value)
        ? value.filter((length) => typeof length === "number" && length >= 0 && length < 1000)
        : undefined,
    undefined,
  ),
  lineFill: choice("lineStyle.fill", "Line style", { solid: "Solid", dash: "Dash", dot: "Dots" }, "solid"),
  spanNulls: raw<boolean | number>(
    "spanNulls",
    (value) => (typeof value === "boolean" || typeof value === "number" ? value : undefined),
    false,
  ),
  insertNulls: raw<boolean | number>(
    "insertNulls",
    (value) => (typeof value === "boolean" || typeof value === "number" ? value : undefined),
    false,
  ),
  pointsShown: choice("showPoints", "Show points", { auto: "Auto", always: "Always", never: "Never" }, "auto"),
  pointSize: number("pointSize", "Point size", 5, { min: 1, max: 40 }),
  stacking: choice("stacking.mode", "Stack series", { none: "Off", normal: "Normal", percent: "100 %" }, "none"),
  // Overrides that take a series out of the stack write `false`, which is a group of its own.
  stackGroup: raw<string>("stacking.group", (value) => JSON.stringify(value), "A"),
  transform: choice("transform", "Transform", { "": "None", constant: "Constant", "negative-Y": "Negative Y" }, ""),
  fillBelowTo: text("fillBelowTo", "Fill below to", "", { input: "field" }),
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
  ),
  lineColor: color("lineColor", "Line colour", ""),
  ...hideOptions,
  ...axisOptions,
};
export type SeriesOptions = OptionsOf<typeof seriesOptions>;
