import {
  type Frame,
  histogramTransformation,
  isNumeric,
  joinFormatted,
  type NumericField,
  runTransformation,
  TransformationError,
  unitFormatter,
} from "@narthex/dashboards";
import type { FieldView } from "../../contracts/field-view.ts";
import { UniqueKeys } from "../../../format/unique-keys.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { type CountOptions, countOptions, type HistogramOptions } from "./options.ts";
import type { PlotProblem } from "../../plot/planned-panel.tsx";

/** A series with the number of its values in each bucket. */
export interface CountSeries {
  readonly key: string;
  readonly name: string;
  readonly color: string;
  readonly field: NumericField;
  readonly values: Float64Array;
  readonly options: CountOptions;
}

/** Buckets in ascending order, with the counts of each series. */
export interface HistogramPlan {
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** Whether the widths of successive buckets grow by a constant factor, as in native histograms. */
  readonly isLogarithmic: boolean;
  readonly series: readonly CountSeries[];
  /** Formats the bound of a bucket with its unit. */
  readonly boundText: (value: number) => string;
  readonly countText: (count: number, decimals?: number) => string;
}

const isNumber = (field: Frame["fields"][number]): field is NumericField => isNumeric(field) && field.type === "number";

/** Counts the values of data frames in buckets. A frame with buckets is used unchanged. */
export function planHistogram(
  frames: readonly Frame[],
  options: HistogramOptions,
  { viewOf, fill, zone }: PanelContext,
): HistogramPlan | PlotProblem {
  const numbers = frames.flatMap((frame) => frame.fields.filter(isNumber).map((field) => viewOf(field, frame)));
  const given = frames.find(isBuckets);
  if (given !== undefined) {
    const views = given.fields.filter(isNumber).map((field) => viewOf(field, given));
    return planOf(given, views.slice(2), false);
  }
  try {
    const { bucketSize, bucketCount, bucketOffset, combines } = options;
    const bucketOptions = { bucketSize, bucketCount, bucketOffset, combine: combines };
    const settings = { interpolate: fill, timeZone: zone };
    const [counted] = runTransformation(histogramTransformation, frames, bucketOptions, settings);
    if (counted === undefined || !isBuckets(counted)) return { problem: "No numeric fields found." };
    return planOf(counted, numbers, combines);
  } catch (error) {
    if (!(error instanceof TransformationError)) throw error;
    return { problem: `The values cannot be counted: ${error.message}.` };
  }
}

const isBuckets = ({ fields }: Frame): boolean =>
  fields[0]?.name === "xMin" && fields[1]?.name === "xMax" && isNumber(fields[0]) && isNumber(fields[1]);

/** @param views display settings of the columns whose values were counted, in the order of the columns */
function planOf(frame: Frame, views: readonly FieldView[], isCombined: boolean): HistogramPlan | PlotProblem {
  const [low, high, ...counts] = frame.fields.filter(isNumber);
  if (counts.length === 0) return { problem: "No numeric fields found." };
  const formatBound = unitFormatter(low!.config.unit);
  const formatCount = unitFormatter("short");
  const keys = new UniqueKeys();
  return {
    lows: low!.values,
    highs: high!.values,
    isLogarithmic: growsByFactor(low!.values, high!.values),
    series: counts.map((field, at): CountSeries => {
      const name = isCombined ? "Count" : (views[at]?.name ?? field.name);
      const color = views[at]?.color ?? "#808080";
      return {
        key: keys.next(name),
        name,
        color,
        field,
        values: field.values,
        options: readOptions(countOptions, field.config.custom),
      };
    }),
    boundText: (value) => joinFormatted(formatBound(value, low!.config.decimals)),
    countText: (count, decimals) => joinFormatted(formatCount(count, decimals)),
  };
}

function growsByFactor(lows: Float64Array, highs: Float64Array): boolean {
  if (lows.length < 2 || !(lows[0]! > 0)) return false;
  const factor = highs[0]! / lows[0]!;
  const widths = highs[1]! - lows[1]! - (highs[0]! - lows[0]!);
  return widths > 0 && lows.every((low, at) => Math.abs(highs[at]! / low / factor - 1) < 1e-6);
}

/** Returns the index of the bucket that contains a value; -1 if no bucket contains it. */
export function bucketAt({ lows, highs }: HistogramPlan, value: number): number {
  let [low, high] = [0, lows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lows[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low > 0 && value < highs[low - 1]! ? low - 1 : -1;
}

/** Returns at most `most` bucket bounds for axis labels, evenly selected. */
export function shownBounds({ lows, highs }: HistogramPlan, most: number): number[] {
  const bounds = [...new Set([...lows, ...highs])].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(bounds.length / Math.max(1, most)));
  return bounds.filter((_, at) => at % every === 0);
}
