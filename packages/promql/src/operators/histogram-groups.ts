import { type FloatHistogram, type Labels, METRIC_NAME, parseGoFloat, quote } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { ClassicBuckets } from "../functions/classic-buckets.ts";
import type { Position } from "../syntax/ast.ts";
import { floatBytes } from "./column-weight.ts";
import { materialize, release, replay } from "./materialized-vector.ts";
import {
  createSeriesColumn,
  FLOAT,
  HISTOGRAM,
  type OutputSeries,
  type SeriesColumn,
  type VectorOperator,
} from "./operator.ts";
import { withoutMetadata } from "./metadata-labels.ts";
import { dropName } from "./series-labels.ts";

const BUCKET_LABEL = "le";

/**
 * The series that belong to one histogram: several series of classic buckets, or one native series. Both together are a
 * conflict.
 */
interface HistogramGroup {
  readonly classic: { readonly bound: number; readonly column: SeriesColumn }[];
  classicSeries: OutputSeries | undefined;
  native: { readonly series: OutputSeries; readonly column: SeriesColumn } | undefined;
}

/** A function such as histogram_quantile, which computes numbers from classic and native histograms. */
export interface HistogramFunction {
  /** Number of result series for each histogram. */
  readonly outputs: number;
  /** Returns the labels of result series number `index`. `series` is the histogram. */
  outputSeries(series: OutputSeries, index: number): OutputSeries;
  /** Returns whether result series number `index` has a value at an evaluation time. Default: always. */
  applies?(index: number, step: number): boolean;
  classic(buckets: ClassicBuckets, index: number, step: number, metricName: string): number;
  native(histogram: FloatHistogram, index: number, step: number, metricName: string): number;
}

/** Groups series into histograms, then computes the function for each evaluation time. */
export function overHistograms(
  input: VectorOperator,
  steps: number,
  evaluation: Evaluation,
  position: Position,
  prepareFunction: (signal: AbortSignal) => Promise<HistogramFunction>,
): VectorOperator {
  let held: Pick<VectorOperator, "next"> | undefined;
  return {
    async prepare(signal) {
      const compute = await prepareFunction(signal);
      const drained = await materialize(input, steps, evaluation, signal);
      const { series, columns } = drained;
      const groups = gather(series, columns, evaluation, position);
      const outputs: OutputSeries[] = [];
      const results: SeriesColumn[] = [];
      for (const group of groups) {
        const kinds = (group.native === undefined ? 0 : 1) + (group.classic.length === 0 ? 0 : 1);
        const made = kinds * compute.outputs;
        evaluation.budget.take(made * steps, made * floatBytes(steps));
        computeGroup(group, compute, steps, evaluation, position, outputs, results);
        const pause = evaluation.yieldToEventLoop();
        if (pause !== undefined) await pause;
      }
      release(drained, evaluation);
      held = replay({ series: outputs, columns: results, weights: results.map(() => steps) }, evaluation);
      return outputs;
    },
    next: (out) => held?.next(out) ?? false,
    close() {
      held = undefined;
      input.close();
    },
  };
}

function gather(
  series: readonly OutputSeries[],
  columns: readonly SeriesColumn[],
  evaluation: Evaluation,
  position: Position,
): HistogramGroup[] {
  const groups = new Map<string, HistogramGroup>();
  const groupOf = (key: string): HistogramGroup => {
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { classic: [], classicSeries: undefined, native: undefined }));
    return group;
  };
  series.forEach((output, i) => {
    const column = columns[i]!;
    if (column.present.includes(HISTOGRAM)) groupOf(output.labels.key).native = { series: output, column };
    if (!column.present.includes(FLOAT)) return;
    const bound = parseGoFloat(output.labels.get(BUCKET_LABEL));
    if (bound === undefined) {
      evaluation.annotations.warn(badBucketLabel(output.labels, evaluation), position);
      return;
    }
    const labels = output.labels.without(BUCKET_LABEL);
    const group = groupOf(labels.key);
    group.classicSeries ??= { labels, dropName: true };
    group.classic.push({ bound, column });
  });
  return [...groups.values()];
}

const namePart = (name: string): string => (name === "" ? "" : ` for metric name ${quote(name)}`);

function badBucketLabel(labels: Labels, evaluation: Evaluation): string {
  const name = evaluation.features.delayedNameRemoval ? labels.get(METRIC_NAME) : "";
  return `bucket label "le" is missing or has a malformed value of ${quote(labels.get(BUCKET_LABEL))}${namePart(name)}`;
}

function computeGroup(
  group: HistogramGroup,
  compute: HistogramFunction,
  steps: number,
  evaluation: Evaluation,
  position: Position,
  outputs: OutputSeries[],
  results: SeriesColumn[],
): void {
  const { classic, native } = group;
  const nativeColumns =
    native === undefined ? undefined : Array.from({ length: compute.outputs }, () => createSeriesColumn(steps));
  const classicColumns =
    classic.length === 0 ? undefined : Array.from({ length: compute.outputs }, () => createSeriesColumn(steps));
  const delayed = evaluation.features.delayedNameRemoval;
  const nameOf = (series: OutputSeries | undefined): string => (delayed ? (series?.labels.get(METRIC_NAME) ?? "") : "");
  const nativeName = nameOf(native?.series);
  const classicName = nameOf(group.classicSeries);
  for (let step = 0; step < steps; step++) {
    const buckets: ClassicBuckets = { bounds: [], counts: [] };
    for (const { bound, column } of classic) {
      if (column.present[step] !== FLOAT) continue;
      buckets.bounds.push(bound);
      buckets.counts.push(column.values[step]!);
    }
    const histogram = native?.column.present[step] === HISTOGRAM ? native.column.histograms![step]! : undefined;
    if (histogram !== undefined && buckets.bounds.length > 0) {
      evaluation.annotations.warn(
        `vector contains a mix of classic and native histograms${namePart(nativeName)}`,
        position,
      );
      continue;
    }
    for (let index = 0; index < compute.outputs; index++) {
      if (compute.applies?.(index, step) === false) continue;
      if (histogram !== undefined)
        put(nativeColumns![index]!, step, compute.native(histogram, index, step, nativeName));
      if (buckets.bounds.length > 0)
        put(classicColumns![index]!, step, compute.classic(buckets, index, step, classicName));
    }
  }
  for (let index = 0; index < compute.outputs; index++) {
    if (nativeColumns !== undefined) {
      outputs.push(compute.outputSeries(dropName(native!.series, evaluation), index));
      results.push(nativeColumns[index]!);
    }
    if (classicColumns !== undefined) {
      const labels = delayed ? group.classicSeries!.labels : withoutMetadata(group.classicSeries!.labels);
      outputs.push(compute.outputSeries({ labels, dropName: true }, index));
      results.push(classicColumns[index]!);
    }
  }
}

function put(column: SeriesColumn, step: number, value: number): void {
  column.values[step] = value;
  column.present[step] = FLOAT;
}
