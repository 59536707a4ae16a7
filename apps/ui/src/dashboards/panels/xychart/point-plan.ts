import {
  compileFieldMatcher,
  compileFrameMatcher,
  type Field,
  type FieldTest,
  findColorMode,
  type Frame,
  isNumeric,
  isObject,
  type JsonObject,
  type Matcher,
  type NumericField,
} from "@narthex/dashboards";
import type { FieldView } from "../../contracts/field-view.ts";
import { UniqueKeys } from "../../../format/unique-keys.ts";
import type { ScaleSettings } from "../../plot/value-scale.ts";
import { withoutNulls } from "../../plot/without-nulls.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { axisScale } from "../timeseries/axis-scale.ts";
import { axisOptions } from "../timeseries/options.ts";
import { type PointOptions, pointOptions, type XYChartOptions } from "./options.ts";
import type { PlotProblem } from "../../plot/planned-panel.tsx";

/** A series of points, one for each row: a column of vertical positions over a column of horizontal positions. */
export interface PointSeries {
  readonly key: string;
  readonly name: string;
  /** Colour of the whole series. */
  readonly color: string;
  readonly frame: Frame;
  readonly x: NumericField;
  readonly y: NumericField;
  /** Column whose values determine the colours of the points. Undefined if all points have the same colour. */
  readonly colorField: NumericField | undefined;
  readonly sizeField: NumericField | undefined;
  readonly options: PointOptions;
  readonly scale: ScaleSettings;
  /** Horizontal and vertical positions, one for each row; NaN if a position is missing. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** Diameters of the points, CSS pixels; undefined if all points have the size `options.pointSize`. */
  readonly sizes: Float64Array | undefined;
  readonly colors: readonly string[] | undefined;
}

export interface PointPlan {
  readonly series: readonly PointSeries[];
  readonly x: { readonly view: FieldView; readonly scale: ScaleSettings };
}

type Chosen = Pick<PointSeries, "frame" | "x" | "y" | "colorField" | "sizeField"> & { readonly name: string };

const isNumber = (field: Field): field is NumericField => isNumeric(field) && field.type === "number";

/** Converts data frames to series of points, or returns why nothing can be drawn. */
export function planPoints(
  frames: readonly Frame[],
  { mapping, series: mapped }: Pick<XYChartOptions, "mapping" | "series">,
  { viewOf, theme }: Pick<PanelContext, "viewOf" | "theme">,
): PointPlan | PlotProblem {
  const isManual = mapping === "manual";
  if (isManual && mapped.length === 0)
    return { problem: "No series is mapped. Select the x and y fields of a series." };
  const chosen = (mapped.length === 0 ? [{}] : mapped).flatMap((one) => chosenOf(one, frames, isManual));
  const [first] = chosen;
  if (first === undefined) return { problem: missing(frames, isManual) };
  const keys = new UniqueKeys();
  const series = chosen.map(({ name: own, ...one }, at): PointSeries => {
    const view = viewOf(one.y, one.frame);
    const options = readOptions(pointOptions, one.y.config.custom);
    const mode = findColorMode(one.y.config.color?.mode);
    const palette = mode.by === "series" && mode.isByName !== true ? mode.colors(theme.scheme) : [];
    const color = palette[at % palette.length] ?? view.color;
    const name = own === "" ? view.name : own;
    const colorView = one.colorField === undefined ? undefined : viewOf(one.colorField, one.frame);
    return {
      ...one,
      key: keys.next(name),
      name,
      color,
      options,
      scale: axisScale(one.y, options, color),
      xs: withoutNulls(one.x.values, one.x.nulls),
      ys: withoutNulls(one.y.values, one.y.nulls),
      sizes: one.sizeField === undefined ? undefined : sizesOf(one.sizeField),
      colors:
        colorView &&
        Array.from(one.colorField!.values, (value, row) =>
          colorView.colorOf(one.colorField!.nulls?.[row] === 1 ? null : value),
        ),
    };
  });
  const view = viewOf(first.x, first.frame);
  const scale = axisScale(first.x, readOptions(axisOptions, first.x.config.custom), view.color);
  return { series, x: { view, scale: { ...scale, label: scale.label === "" ? view.name : scale.label } } };
}

function missing(frames: readonly Frame[], isManual: boolean): string {
  if (frames.length === 0) return "There is no data.";
  return isManual
    ? "The x and y of the series select no number fields."
    : "An XY chart needs two number fields in a frame.";
}

function matcherAt(mapped: JsonObject, part: string): Matcher | undefined {
  const holder = mapped[part];
  const matcher = isObject(holder) ? holder["matcher"] : undefined;
  return isObject(matcher) && typeof matcher["id"] === "string" ? { ...matcher, id: matcher["id"] } : undefined;
}

function nameAt({ name }: JsonObject): string {
  const fixed = isObject(name) ? name["fixed"] : name;
  return typeof fixed === "string" ? fixed : "";
}

/**
 * Returns the columns that a series mapping of the panel selects in each frame. A manual mapping selects only the first
 * matching column of a frame, other mappings select all.
 */
function chosenOf(mapped: JsonObject, frames: readonly Frame[], isManual: boolean): Chosen[] {
  const test = (part: string): FieldTest | undefined => {
    const matcher = matcherAt(mapped, part);
    return matcher === undefined ? undefined : (compileFieldMatcher(matcher, frames) ?? (() => false));
  };
  const [x, y, color, size] = [test("x"), test("y"), test("color"), test("size")];
  if (isManual && (x === undefined || y === undefined)) return [];
  const isChosen = frameTest(matcherAt(mapped, "frame"));
  return frames.filter(isChosen).flatMap((frame): Chosen[] => {
    const numbers = frame.fields.filter(isNumber);
    const xField = numbers.find((field) => x?.(field, frame) ?? true);
    if (xField === undefined) return [];
    const colorField = numbers.find((field) => field !== xField && color?.(field, frame) === true);
    const sizeField = numbers.find(
      (field) => field !== xField && field !== colorField && size?.(field, frame) === true,
    );
    const ys = numbers.filter((field) => {
      if (field === xField || (!isManual && (field === colorField || field === sizeField))) return false;
      return y?.(field, frame) ?? true;
    });
    const name = nameAt(mapped);
    return (isManual ? ys.slice(0, 1) : ys).map((field) => ({
      frame,
      x: xField,
      y: field,
      colorField,
      sizeField,
      name,
    }));
  });
}

function frameTest(matcher: Matcher | undefined): (frame: Frame, index: number) => boolean {
  if (matcher === undefined) return () => true;
  if (matcher.id === "byIndex") return (_frame, index) => index === Number(matcher.options);
  const test = compileFrameMatcher(matcher);
  return (frame) => test?.(frame) === true;
}

/** Returns the diameters of points. A point's area is proportional to its value. */
function sizesOf({ values, nulls, config }: NumericField): Float64Array {
  const { pointSizeMin, pointSizeMax } = readOptions(pointOptions, config.custom);
  const numbers = withoutNulls(values, nulls);
  let [low, high] = [Infinity, -Infinity];
  for (const value of numbers) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const [least, most] = [pointSizeMin ** 2, Math.max(pointSizeMin, pointSizeMax) ** 2];
  return numbers.map((value) => {
    if (!Number.isFinite(value)) return pointSizeMin;
    return Math.sqrt(least + (high > low ? (value - low) / (high - low) : 0) * (most - least));
  });
}

/** Returns the smallest and the largest number that can be drawn. A logarithmic axis can only show positive numbers. */
export function extentOf(
  columns: readonly Float64Array[],
  { distribution }: ScaleSettings,
): readonly [low: number | null, high: number | null] {
  const floor = distribution === "log" ? 0 : -Infinity;
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns)
    for (const value of column) {
      if (!(value > floor) || value === Infinity) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? [low, high] : [null, null];
}
