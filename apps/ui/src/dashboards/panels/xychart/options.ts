import { isObject, type JsonObject } from "@narthex/dashboards";
import { choice, grouped, number, type OptionsOf, raw } from "../../contracts/option-table.ts";
import { axisOptions, hideOptions, legendOptions, seriesOptions, tooltipOptions } from "../timeseries/options.ts";

export const xyChartOptions = {
  mapping: choice("mapping", "Series mapping", { auto: "Auto", manual: "Manual" }, "auto"),
  series: raw<readonly JsonObject[]>(
    "series",
    (value) => (Array.isArray(value) ? value.filter(isObject) : undefined),
    [],
  ),
  ...legendOptions,
  ...tooltipOptions,
};
export type XYChartOptions = OptionsOf<typeof xyChartOptions>;

type Options = Readonly<Record<string, unknown>>;
const hasPoints = ({ show }: Options): boolean => show !== "lines";
const hasLine = ({ show }: Options): boolean => show !== "points";

/** Settings under `custom` of a column whose values are on the vertical axis. */
export const pointOptions = {
  ...grouped("Graph styles", {
    show: choice("show", "Show", { points: "Points", lines: "Lines", "points+lines": "Both" }, "points"),
    pointSize: number("pointSize.fixed", "Point size", 5, { min: 1, max: 100, isShown: hasPoints }),
    pointSizeMin: number("pointSize.min", "Min point size", 5, {
      min: 0,
      max: 100,
      description: "For a column that determines the sizes of points",
      isShown: hasPoints,
    }),
    pointSizeMax: number("pointSize.max", "Max point size", 100, {
      min: 0,
      max: 100,
      description: "For a column that determines the sizes of points",
      isShown: hasPoints,
    }),
    pointShape: choice("pointShape", "Point shape", { circle: "Circle", square: "Square" }, "circle", {
      isShown: hasPoints,
    }),
    pointStrokeWidth: number("pointStrokeWidth", "Point stroke width", 1, { min: 0, max: 10, isShown: hasPoints }),
    fillOpacity: number("fillOpacity", "Fill opacity", 50, { min: 0, max: 100, isShown: hasPoints }),
    lineWidth: number("lineWidth", "Line width", 2, { min: 0, max: 10, isShown: hasLine }),
    lineFill: { ...seriesOptions.lineFill, isShown: hasLine },
    lineDash: seriesOptions.lineDash,
  }),
  ...axisOptions,
  ...hideOptions,
};
export type PointOptions = OptionsOf<typeof pointOptions>;
