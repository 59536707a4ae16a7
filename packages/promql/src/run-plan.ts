import { compareLabels, type Grid, Labels } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import type { EngineClock } from "./deadline.ts";
import type { Evaluation } from "./evaluation.ts";
import { edgeValues, sampleRangeOf } from "./functions/extended-rate.ts";
import { columnBytes, columnWeight } from "./operators/column-weight.ts";
import { materialize } from "./operators/materialized-vector.ts";
import { mapSeries } from "./operators/map.ts";
import { resolveDuplicates } from "./operators/merge.ts";
import {
  createSeriesColumn,
  FLOAT,
  HISTOGRAM,
  histogramSlots,
  type RangeSource,
  type SeriesColumn,
  type VectorOperator,
} from "./operators/operator.ts";
import { freshWeightOf, WindowSlots } from "./operators/window-slots.ts";
import { mapInSlices } from "./operators/slices.ts";
import { withoutMetadata } from "./operators/metadata-labels.ts";
import { textOf, withoutParens } from "./plan/literals.ts";
import { Planner } from "./plan/planner.ts";
import { executionError, SAME_LABELSET } from "./query-error.ts";
import { InstantSeries, type ResultSeries, type ResultType } from "./query-result.ts";
import type { Expr } from "./syntax/ast.ts";
import { valueTypeOf } from "./syntax/value-type.ts";

/**
 * The result of a plan before the number of series is limited, without warnings and infos, and the durations of the
 * stages in ms.
 */
export interface PlanOutcome {
  readonly type: ResultType;
  readonly series: readonly ResultSeries[];
  readonly text: string;
  readonly planMs: number;
  readonly runMs: number;
  readonly sortMs: number;
}

/** Plans an expression, runs the plan and sorts the result. */
export async function runPlan(
  expr: Expr,
  evaluation: Evaluation,
  instant: boolean,
  signal: AbortSignal,
  clock: Pick<EngineClock, "monotonic">,
): Promise<PlanOutcome> {
  const started = clock.monotonic();
  const type = valueTypeOf(expr);
  if (type === "string") return { type, series: [], text: textOf(expr), planMs: 0, runMs: 0, sortMs: 0 };
  const collect = planExpression(expr, evaluation);
  const planned = clock.monotonic();
  const found = await collect(signal);
  const ran = clock.monotonic();
  const unsorted = instant && type !== "matrix";
  const series = unsorted ? found : found.sort((a, b) => compareLabels(a.labels, b.labels));
  const resultType: ResultType = instant ? (type as ResultType) : "matrix";
  return {
    type: resultType,
    series,
    text: "",
    planMs: planned - started,
    runMs: ran - planned,
    sortMs: unsorted ? 0 : clock.monotonic() - ran,
  };
}

/** Plans an expression. Returns a function that runs the plan. A string literal needs no plan. */
export function planExpression(expr: Expr, evaluation: Evaluation): (signal: AbortSignal) => Promise<ResultSeries[]> {
  const planner = new Planner(evaluation, expr);
  const { grid } = evaluation;
  switch (valueTypeOf(expr)) {
    case "scalar": {
      const scalar = planner.scalar(expr, grid);
      return async (signal) => {
        const values = await scalar.evaluate(signal);
        const column = { values, present: new Uint8Array(grid.count).fill(FLOAT), histograms: undefined };
        return grid.count === 0 ? [] : [{ labels: Labels.EMPTY, times: timesOf(grid), column }];
      };
    }
    case "matrix":
      return planMatrix(withoutParens(expr), planner, evaluation);
    default: {
      const vector = removeNames(planner.vector(expr, grid), grid, evaluation);
      return async (signal) => {
        const times = timesOf(grid);
        if (grid.count === 1) return instantResult(vector, times, evaluation, signal);
        const { series, columns } = await materialize(vector, grid.count, evaluation, signal);
        return series.map(({ labels }, i) => ({ labels, times, column: columns[i]! }));
      };
    }
  }
}

/** Reads the result of a plan for one evaluation time. */
async function instantResult(
  vector: VectorOperator,
  times: Float64Array,
  evaluation: Evaluation,
  signal: AbortSignal,
): Promise<ResultSeries[]> {
  const outputs = await vector.prepare(signal);
  const found: ResultSeries[] = [];
  const column = createSeriesColumn(1);
  for (let i = 0; vector.next(column); i++) {
    const weight = columnWeight(column);
    if (weight > 0) {
      evaluation.budget.take(weight, columnBytes(column, weight));
      const histogram = column.present[0] === HISTOGRAM ? column.histograms![0] : undefined;
      found.push(new InstantSeries(outputs[i]!, times, histogram === undefined ? column.values[0]! : 0, histogram));
    }
    const pause = evaluation.yieldToEventLoop();
    if (pause !== undefined) await pause;
  }
  vector.close();
  return found;
}

function timesOf({ start, step, count }: Grid): Float64Array {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) times[i] = start + i * step;
  return times;
}

/** Drops the metric names whose removal was delayed until the end of the query. */
function removeNames(vector: VectorOperator, grid: Grid, evaluation: Evaluation): VectorOperator {
  if (!evaluation.features.delayedNameRemoval) return vector;
  const nameless = mapSeries(
    vector,
    (list) =>
      mapInSlices(list, evaluation, (series) =>
        series.dropName ? { labels: withoutMetadata(series.labels), dropName: false } : series,
      ),
    () => {},
  );
  return resolveDuplicates(nameless, grid.count, evaluation, "merge");
}

/** Plans a query that is only a range selector or a subquery. Its result is the samples. */
function planMatrix(
  expr: Expr,
  planner: Planner,
  evaluation: Evaluation,
): (signal: AbortSignal) => Promise<ResultSeries[]> {
  const source = planner.range(expr, evaluation.grid);
  return async (signal) => {
    const outputs = await source.prepare(signal);
    const series: ResultSeries[] = [];
    const samples = new SampleColumns();
    const windows = new WindowSlots(source.frame);
    for (let i = 0; source.next(samples); i++) {
      windows.lay(samples);
      if (!source.derived) evaluation.budget.read += freshWeightOf(samples, windows);
      const found = source.frame.mode === "plain" ? samplesOf(samples) : edgesOf(samples, source);
      if (found !== undefined) {
        evaluation.budget.take(found.times.length);
        const { labels, dropName } = outputs[i]!;
        series.push({
          labels: dropName && evaluation.features.delayedNameRemoval ? withoutMetadata(labels) : labels,
          ...found,
        });
      }
      const pause = evaluation.yieldToEventLoop();
      if (pause !== undefined) await pause;
    }
    source.close();
    return evaluation.features.delayedNameRemoval ? withoutTwins(series) : series;
  };
}

/**
 * Merges series that have equal labels after names were dropped. Throws if two of them have a sample at the same time.
 */
function withoutTwins(series: readonly ResultSeries[]): ResultSeries[] {
  const joined = new Map<string, ResultSeries>();
  for (const one of series) {
    const earlier = joined.get(one.labels.key);
    joined.set(one.labels.key, earlier === undefined ? one : { labels: one.labels, ...interleaved(earlier, one) });
  }
  return [...joined.values()];
}

function interleaved(a: Samples, b: Samples): Samples {
  const count = a.times.length + b.times.length;
  const times = new Float64Array(count);
  const column = createSeriesColumn(count);
  for (let i = 0, j = 0; i + j < count;) {
    if (a.times[i] === b.times[j]) throw executionError(SAME_LABELSET);
    const first = j === b.times.length || a.times[i]! < b.times[j]!;
    copySample(first ? a : b, first ? i++ : j++, times, column, i + j - 1);
  }
  return { times, column };
}

function copySample(from: Samples, slot: number, times: Float64Array, into: SeriesColumn, at: number): void {
  times[at] = from.times[slot]!;
  into.values[at] = from.column.values[slot]!;
  into.present[at] = from.column.present[slot]!;
  const histogram = from.column.histograms?.[slot];
  if (histogram !== undefined) (into.histograms ??= histogramSlots(times.length))[at] = histogram;
}

type Samples = Pick<ResultSeries, "times" | "column">;

function samplesOf(samples: SampleColumns): Samples | undefined {
  const { count } = samples;
  if (count === 0) return undefined;
  const column: SeriesColumn = createSeriesColumn(count);
  column.values.set(samples.values.subarray(0, count));
  column.histograms = samples.histograms?.slice(0, count);
  column.present.fill(FLOAT);
  column.histograms?.forEach((histogram, i) => histogram !== undefined && (column.present[i] = HISTOGRAM));
  return { times: samples.timestamps.slice(0, count), column };
}

/**
 * Returns the result of a range selector with `anchored` or `smoothed`: one sample at each edge of the window, and the
 * samples in between.
 */
function edgesOf(samples: SampleColumns, { frame }: RangeSource): Samples | undefined {
  const { count, timestamps, values } = samples;
  const smoothed = frame.mode === "smoothed";
  if (samples.histograms !== undefined) throw executionError(`${frame.mode} modifier is not supported with histograms`);
  if (count === 0) return undefined;
  const range = sampleRangeOf({ timestamps }, 0, count, frame.firstEnd, frame.rangeMs, smoothed);
  if (range === undefined) return undefined;
  const { left, right } = edgeValues({ timestamps, values }, range, false, smoothed, 0);
  let { first, last } = range;
  if (timestamps[first]! <= range.start) first++;
  if (timestamps[last]! >= range.end) last--;
  const inner = Math.max(0, last - first + 1);
  const column = createSeriesColumn(inner + 2);
  const times = new Float64Array(inner + 2);
  times.set(timestamps.subarray(first, first + inner), 1);
  column.values.set(values.subarray(first, first + inner), 1);
  times[0] = range.start;
  times[inner + 1] = range.end;
  column.values[0] = left;
  column.values[inner + 1] = right;
  column.present.fill(FLOAT);
  return { times, column };
}
