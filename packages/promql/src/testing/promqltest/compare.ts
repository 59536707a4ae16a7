import {
  compareLabels,
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
  formatFloat,
  formatHistogram,
  HistogramBuilder,
  type Labels,
  type Span,
} from "@narthex/model";
import type { SequenceValue } from "../../syntax/series-values.ts";
import type { EvalCommand } from "./script.ts";

interface ScriptPoint {
  readonly timestamp: number;
  readonly value: number | FloatHistogram;
}

/** The actual result of a query, which is compared with the expected result. */
export type ScriptValue =
  | { readonly type: "scalar"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | {
      readonly type: "vector";
      readonly samples: readonly { readonly labels: Labels; readonly value: number | FloatHistogram }[];
    }
  | {
      readonly type: "matrix";
      readonly series: readonly { readonly labels: Labels; readonly points: readonly ScriptPoint[] }[];
    };

const EPSILON = 1e-6;
const MIN_NORMAL = 2 ** -1022;

/**
 * Returns whether two numbers are equal except for rounding: their relative difference is below one millionth. NaN
 * equals NaN.
 */
export function almostEqual(a: number, b: number, epsilon = EPSILON): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (a === b) return true;
  const size = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || size < MIN_NORMAL) return difference < epsilon * MIN_NORMAL;
  return difference / Math.min(size, Number.MAX_VALUE) < epsilon;
}

const compact = (histogram: FloatHistogram): FloatHistogram => new HistogramBuilder(histogram).compact().toHistogram();

function sameBuckets(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((count, i) => almostEqual(count, b[i]!));
}

/** Formats the spans of a histogram. An empty span is merged into the offset of the following span. */
function mergedSpans(spans: readonly Span[]): string {
  const merged: string[] = [];
  let skipped = 0;
  for (const { offset, length } of spans) {
    if (length > 0) merged.push(`${skipped + offset}+${length}`);
    skipped = length > 0 ? 0 : skipped + offset;
  }
  return merged.join(",");
}

/**
 * Returns whether two histograms are equal except for rounding errors and empty buckets. The reset hint is compared
 * only with `withHint`.
 */
export function sameHistogram(expected: FloatHistogram, actual: FloatHistogram, withHint: boolean): boolean {
  const a = compact(expected);
  const b = compact(actual);
  if (a.schema !== b.schema || a.zeroThreshold !== b.zeroThreshold) return false;
  if (a.schema === CUSTOM_BUCKETS_SCHEMA && String(a.customBounds) !== String(b.customBounds)) return false;
  if (withHint && a.resetHint !== b.resetHint) return false;
  if (![a.count, a.sum, a.zeroCount].every((value, i) => almostEqual(value, [b.count, b.sum, b.zeroCount][i]!)))
    return false;
  return (
    mergedSpans(a.positiveSpans) === mergedSpans(b.positiveSpans) &&
    mergedSpans(a.negativeSpans) === mergedSpans(b.negativeSpans) &&
    sameBuckets(a.positiveBuckets, b.positiveBuckets) &&
    sameBuckets(a.negativeBuckets, b.negativeBuckets)
  );
}

const show = (value: number | FloatHistogram): string =>
  typeof value === "number"
    ? formatFloat(value)
    : `${formatHistogram(value)} (schema ${value.schema}, hint ${value.resetHint})`;

function showExpected(value: SequenceValue | undefined): string {
  if (value === undefined || value.kind === "omitted" || value.kind === "stale") return value?.kind ?? "nothing";
  return show(value.kind === "float" ? value.value : value.histogram);
}

function matches(expected: SequenceValue, actual: number | FloatHistogram): boolean {
  if (expected.kind === "float") return typeof actual === "number" && almostEqual(expected.value, actual);
  return (
    expected.kind === "histogram" &&
    typeof actual !== "number" &&
    sameHistogram(expected.histogram, actual, expected.hintSet)
  );
}

/**
 * Returns a sentence about the first difference between the expected and the actual result; undefined if they are
 * equal.
 */
export function compareResult(command: EvalCommand, result: ScriptValue): string | undefined {
  switch (result.type) {
    case "string":
      if (command.expectedString === result.value) return undefined;
      return `expected string "${command.expectedString ?? ""}" but got "${result.value}"`;
    case "scalar":
      if (command.expectedScalar === undefined)
        return `expected vector or matrix result, but got scalar ${show(result.value)}`;
      if (almostEqual(command.expectedScalar, result.value)) return undefined;
      return `expected scalar ${show(command.expectedScalar)} but got ${show(result.value)}`;
    case "vector":
      if (command.expectedScalar !== undefined) return "expected scalar result, but got vector";
      return compareVector(command, result.samples);
    case "matrix":
      if (command.ordered) return "expected ordered result, but query returned a matrix";
      if (command.expectedScalar !== undefined) return "expected scalar result, but got matrix";
      return unsorted(result.series) ?? compareMatrix(command, result.series);
  }
}

type VectorSamples = Extract<ScriptValue, { type: "vector" }>["samples"];
type MatrixSeries = Extract<ScriptValue, { type: "matrix" }>["series"];

function compareVector(command: EvalCommand, samples: VectorSamples): string | undefined {
  const seen = new Set<string>();
  for (const [i, { labels, value }] of samples.entries()) {
    const expected = command.series.get(labels.key);
    if (expected === undefined) return `unexpected metric ${labels.toString()} in result, has value ${show(value)}`;
    if (command.ordered && expected.position !== i + 1) {
      return `expected metric ${labels.toString()} at position ${expected.position} but was at ${i + 1}`;
    }
    const wanted = expected.values[0];
    if (wanted === undefined || !matches(wanted, value)) {
      return `expected ${showExpected(wanted)} for ${labels.toString()} but got ${show(value)}`;
    }
    seen.add(labels.key);
  }
  for (const [key, { labels, values }] of command.series) {
    if (!seen.has(key)) return `expected metric ${labels.toString()} with ${showExpected(values[0])} not found`;
  }
  return undefined;
}

function compareMatrix(command: EvalCommand, series: MatrixSeries): string | undefined {
  const seen = new Set<string>();
  for (const { labels, points } of series) {
    const expected = command.series.get(labels.key);
    const found = points.map(({ timestamp, value }) => `${show(value)} @[${timestamp}]`).join(" ");
    if (expected === undefined) return `unexpected metric ${labels.toString()} in result, has ${found}`;
    seen.add(labels.key);
    const problem = comparePoints(command, expected.values, points);
    if (problem !== undefined) return `${problem} for ${labels.toString()} (result has ${found})`;
  }
  for (const [key, { labels }] of command.series)
    if (!seen.has(key)) return `expected metric ${labels.toString()} not found`;
  return undefined;
}

function comparePoints(
  command: EvalCommand,
  values: readonly SequenceValue[],
  points: readonly ScriptPoint[],
): string | undefined {
  let next = 0;
  for (const [i, value] of values.entries()) {
    const timestamp = command.start + i * command.step;
    if (timestamp > command.end)
      return `expected ${values.length} points, but query time range cannot return this many points`;
    if (value.kind === "omitted") continue;
    const point = points[next++];
    if (point === undefined || point.timestamp !== timestamp || !matches(value, point.value)) {
      return `expected ${showExpected(value)} at t=${timestamp} but got ${point === undefined ? "no point" : `${show(point.value)} @[${point.timestamp}]`}`;
    }
  }
  return next < points.length ? `expected ${next} points but got ${points.length}` : undefined;
}

/** Returns an error if the series of a result are not sorted by their labels; otherwise undefined. */
export function unsorted(series: MatrixSeries): string | undefined {
  const at = series.findIndex((one, i) => i > 0 && compareLabels(series[i - 1]!.labels, one.labels) > 0);
  if (at < 0) return undefined;
  return `matrix results should always be sorted by labels, but ${series[at]!.labels.toString()} comes after ${series[at - 1]!.labels.toString()}`;
}
