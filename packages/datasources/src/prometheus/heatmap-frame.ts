import type { Frame, NumericField } from "@narthex/dashboards";
import { parseGoFloat } from "@narthex/model";
import type { ValueBudget } from "../value-budget.ts";
import { legendOf } from "./legend.ts";
import { type FrameSettings, seriesFrames, timeField } from "./series-frames.ts";
import { labelsKey, type QueryResult, type Series } from "./series.ts";

/**
 * Counts below this limit are treated as 0, because rounding errors make differences of equal sums not exactly zero.
 */
const MIN_COUNT = 1e-9;

/**
 * Converts classic histograms to rows of a heatmap. Each label set (without `le`) becomes a frame with a column for
 * each bucket, in the order of `le`. A value is the count of that bucket alone. Native histograms already are cells of
 * a heatmap. Throws QueryFailure if the budget has too few cells left.
 */
export function heatmapFrames(result: QueryResult, settings: FrameSettings, budget: ValueBudget): readonly Frame[] {
  const classic = result.series.filter(({ times }) => times.length > 0);
  const native = result.series.filter(({ histograms }) => histograms !== undefined);
  const groups = new Map<string, Series[]>();
  for (const series of classic) {
    const { le: _, ...rest } = series.labels;
    const key = labelsKey(rest);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [series]);
    else group.push(series);
  }
  return [
    ...Array.from(groups.values(), (group) => rowsFrame(group, settings, result.resultType, budget)),
    ...seriesFrames({ ...result, series: native.map((series) => ({ ...series, ...NO_SAMPLES })) }, settings),
  ];
}

const NO_SAMPLES = { times: new Float64Array(0), values: new Float64Array(0) };

function rowsFrame(group: readonly Series[], settings: FrameSettings, resultType: string, budget: ValueBudget): Frame {
  const isBuckets = group.every(({ labels }) => Object.hasOwn(labels, "le"));
  const sorted = isBuckets ? group.toSorted((a, b) => upperBound(a) - upperBound(b)) : group;
  const times = unionOfTimes(sorted.map((series) => series.times));
  budget.take(sorted.length * times.length);
  const counts = sorted.map((series) => onTimes(series, times));
  if (isBuckets) subtractLower(counts);
  return {
    refId: settings.refId,
    length: times.length,
    meta: { type: "heatmap-rows", custom: { resultType } },
    fields: [
      timeField("Time", times, settings.stepMs),
      ...sorted.map(({ labels }, i): NumericField => {
        const name = isBuckets ? labels["le"]! : legendOf(settings.legendFormat, labels, settings.expr) || "Value";
        return { name, type: "number", ...counts[i]!, labels, config: { displayNameFromDS: name } };
      }),
    ],
  };
}

/**
 * Returns the upper bound of a bucket, which is the value of the label `le`. A bound that is not a number is sorted
 * last.
 */
function upperBound({ labels }: Series): number {
  const bound = parseGoFloat(labels["le"]!);
  return bound === undefined || Number.isNaN(bound) ? Infinity : bound;
}

/**
 * Returns all times of sorted columns, without duplicates. Columns of one query usually share a grid, so the longest
 * column often contains all times.
 */
function unionOfTimes(columns: readonly Float64Array[]): Float64Array {
  let longest = columns[0] ?? new Float64Array(0);
  for (const column of columns) if (column.length > longest.length) longest = column;
  if (columns.every((column) => column.length === longest.length && column.every((time, i) => time === longest[i])))
    return longest;
  const all = new Set<number>();
  for (const column of columns) for (const time of column) all.add(time);
  return Float64Array.from(all).sort();
}

interface Counts {
  readonly values: Float64Array;
  readonly nulls: Uint8Array;
}

function onTimes({ times, values }: Series, all: Float64Array): Counts {
  const out = { values: new Float64Array(all.length), nulls: new Uint8Array(all.length) };
  let from = 0;
  for (let i = 0; i < all.length; i++) {
    if (times[from] === all[i]) out.values[i] = values[from++]!;
    else out.nulls[i] = 1;
  }
  return out;
}

/**
 * Subtracts from each bucket the count of the next lower one, because the buckets of classic histograms are cumulative.
 */
function subtractLower(counts: readonly Counts[]): void {
  for (let bucket = counts.length - 1; bucket > 0; bucket--) {
    const { values } = counts[bucket]!;
    const lower = counts[bucket - 1]!;
    for (let i = 0; i < values.length; i++) {
      if (lower.nulls[i] === 0) values[i]! -= lower.values[i]!;
      if (values[i]! < MIN_COUNT) values[i] = 0;
    }
  }
}
