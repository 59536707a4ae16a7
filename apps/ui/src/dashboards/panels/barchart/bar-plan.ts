import {
  type Field,
  findColorMode,
  formatTime,
  type Frame,
  isNumeric,
  joinFormatted,
  type NumericField,
  timeFieldOf,
  timeTickFormat,
  valueAt,
} from "@narthex/dashboards";
import type { FieldView } from "../../contracts/field-view.ts";
import { alignSeries } from "../../plot/aligned-series.ts";
import { UniqueKeys } from "../../../format/unique-keys.ts";
import { withoutNulls } from "../../plot/without-nulls.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { type BarOptions, barOptions, type BarChartOptions } from "./options.ts";
import type { PlotProblem } from "../../plot/planned-panel.tsx";

/** A number column, which has a bar in each group. */
export interface BarSeries {
  readonly key: string;
  readonly field: NumericField;
  readonly view: FieldView;
  readonly options: BarOptions;
  /** One value for each group; NaN if it is missing. */
  readonly values: Float64Array;
}

/** The data of a bar chart: groups of bars in the order of the rows. */
export interface BarPlan {
  readonly labels: readonly string[];
  readonly series: readonly BarSeries[];
  /** Returns the CSS colour of a bar. */
  readonly colorOf: (series: BarSeries, row: number) => string;
}

/** Maximum number of groups. If there were more, bars would be thinner than a pixel on any screen. */
const MAX_GROUPS = 20_000;

interface Table {
  readonly frame: Frame;
  readonly x: Field;
  readonly rows: number;
  readonly columns: readonly { readonly field: NumericField; readonly frame: Frame; readonly values: Float64Array }[];
}

/** Converts data frames to groups of bars: a group for each row, with a bar for each number column. */
export function planBars(
  frames: readonly Frame[],
  options: BarChartOptions,
  context: PanelContext,
): BarPlan | PlotProblem {
  const table = tableOf(frames, options, context);
  if ("problem" in table) return table;
  const { frame, x, rows } = table;
  if (rows > MAX_GROUPS)
    return {
      problem: `There are ${rows} groups of bars, more than ${MAX_GROUPS}. Request fewer rows or a longer step.`,
    };
  const keys = new UniqueKeys();
  const series = table.columns.map(({ field, frame: own, values }): BarSeries => {
    const view = context.viewOf(field, own);
    return { key: keys.next(view.name), field, view, options: readOptions(barOptions, field.config.custom), values };
  });
  if (series.length === 0) return { problem: "No numeric fields found." };
  const labels = labelsOf(x, frame, rows, options, context);
  return { labels, series, colorOf: colorsOf(frame, options.colorField, context) };
}

function tableOf(frames: readonly Frame[], options: BarChartOptions, { viewOf }: PanelContext): Table | PlotProblem {
  const [frame] = frames;
  if (frame === undefined) return { problem: "There is no data." };
  const isNamed = (field: Field, name: string): boolean => field.name === name || viewOf(field, frame).name === name;
  const named = options.xField === "" ? undefined : frame.fields.find((field) => isNamed(field, options.xField));
  if (named === undefined && options.xField !== "")
    return { problem: `There is no field "${options.xField}" for the x axis.` };
  const x = named ?? frame.fields.find(({ type }) => type === "string") ?? timeFieldOf(frame);
  if (x === undefined) return { problem: "A bar chart needs a text field or a time field." };
  if (x.type === "time" && frames.length > 1) return timesTable(frames, x);
  const numbers = frame.fields.filter(
    (field): field is NumericField =>
      isNumeric(field) &&
      field.type === "number" &&
      field !== x &&
      !(options.colorField !== "" && isNamed(field, options.colorField)),
  );
  return {
    frame,
    x,
    rows: frame.length,
    columns: numbers.map((field) => ({ field, frame, values: withoutNulls(field.values, field.nulls) })),
  };
}

/** Joins frames that have times to one table with a row for each time. */
function timesTable(frames: readonly Frame[], x: NumericField): Table {
  const { times, series } = alignSeries(frames);
  const { nulls: _, ...head } = x;
  return {
    frame: frames[0]!,
    x: { ...head, values: times },
    rows: times.length,
    columns: series.map(({ field, frame, values, gaps }) => ({ field, frame, values: withoutNulls(values, gaps) })),
  };
}

function labelsOf(
  x: Field,
  frame: Frame,
  rows: number,
  { tickMaxLength = 0 }: BarChartOptions,
  { viewOf, zone }: PanelContext,
): readonly string[] {
  const text = x.type === "time" ? timeText(x, rows, zone) : fieldText(x, viewOf(x, frame));
  return Array.from({ length: rows }, (_, row) => {
    const label = text(row);
    return tickMaxLength > 0 && label.length > tickMaxLength
      ? `${label.slice(0, tickMaxLength).toWellFormed()}…`
      : label;
  });
}

const fieldText =
  (field: Field, { display }: FieldView) =>
  (row: number): string =>
    joinFormatted(display(valueAt(field, row)));

function timeText({ values }: NumericField, rows: number, zone: string): (row: number) => string {
  const span = rows > 1 ? values[rows - 1]! - values[0]! : 0;
  const format = rows > 1 ? timeTickFormat(Math.max(1000, span / (rows - 1)), span) : "YYYY-MM-DD HH:mm:ss";
  return (row) => formatTime(values[row]!, zone, format);
}

/**
 * Returns a function for the colour of a bar: the colour of the series or, depending on the colour mode, of the value.
 * If `colorField` is set, this column's value in the row determines the colour.
 */
function colorsOf(
  frame: Frame,
  colorField: string,
  { viewOf }: PanelContext,
): (series: BarSeries, row: number) => string {
  const by =
    colorField === ""
      ? undefined
      : frame.fields.find((field) => field.name === colorField || viewOf(field, frame).name === colorField);
  if (by !== undefined) {
    const { display } = viewOf(by, frame);
    return (_series, row) => display(valueAt(by, row)).color;
  }
  return ({ field, view, values }, row) => {
    if (findColorMode(field.config.color?.mode).by !== "value") return view.color;
    const value = values[row]!;
    return view.colorOf(value === value ? value : null);
  };
}

/** Reports whether bars extend to the right. If the option is `auto`, they do in a panel that is higher than wide. */
export const isHorizontal = ({ orientation }: BarChartOptions, width: number, height: number): boolean =>
  orientation === "auto" ? width < height : orientation === "horizontal";
