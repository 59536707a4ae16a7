import type { Evaluation } from "../evaluation.ts";
import { mapInSlices } from "./slices.ts";
import { executionError, SAME_LABELSET } from "../query-error.ts";
import { heldBytes, type MaterializedVector, materialize, replay } from "./materialized-vector.ts";
import {
  ABSENT,
  HISTOGRAM,
  type OutputSeries,
  type SeriesColumn,
  type VectorOperator,
  histogramSlots,
  distinctList,
} from "./operator.ts";

/** Policy for several series whose labels have become equal because an operator has changed labels. */
export type DuplicatePolicy =
  /** Series with equal labels are merged. The query fails if two of them have a sample at the same time. */
  | "merge"
  /**
   * Series with equal labels are merged as for "merge". In addition, the series with the first sample decides whether
   * the metric name is dropped at the end of the query.
   */
  | "merge by step"
  /** The query fails if two series with equal labels have samples, even at different times. */
  | "refuse";

/**
 * Merges or refuses series with equal labels, after an operator has changed labels. Usually all labels differ, and the
 * series are passed on unchanged.
 */
export function resolveDuplicates(
  input: VectorOperator,
  steps: number,
  evaluation: Evaluation,
  duplicates: DuplicatePolicy,
): VectorOperator {
  let held: Pick<VectorOperator, "next"> | undefined;
  return {
    async prepare(signal) {
      const series = await input.prepare(signal);
      if (series.distinct === true) return series;
      const keys = new Set(await mapInSlices(series, evaluation, ({ labels }) => labels.key));
      if (keys.size === series.length) return series;
      const prepared = { ...input, prepare: () => Promise.resolve(series) };
      const drained = await materialize(prepared, steps, evaluation, signal);
      const bytes = heldBytes(drained);
      const merged = mergeEqual(drained, duplicates);
      evaluation.budget.release(0, bytes - heldBytes(merged));
      held = replay(merged, evaluation);
      return distinctList([...merged.series]);
    },
    next: (out) => (held === undefined ? input.next(out) : held.next(out)),
    close: () => input.close(),
  };
}

/** Merges series with equal labels. A merged series takes the place of its first series in the order. */
export function mergeEqual(drained: MaterializedVector, duplicates: DuplicatePolicy): MaterializedVector {
  const slots = new Map<string, number>();
  const series: OutputSeries[] = [];
  const columns: SeriesColumn[] = [];
  const weights: number[] = [];
  drained.series.forEach((output, i) => {
    const slot = slots.get(output.labels.key);
    if (slot === undefined) {
      slots.set(output.labels.key, series.length);
      series.push(output);
      columns.push(drained.columns[i]!);
      weights.push(drained.weights[i]!);
      return;
    }
    if (duplicates === "refuse") throw executionError(SAME_LABELSET);
    if (duplicates === "merge by step" && beginsBefore(drained.columns[i]!, columns[slot]!)) series[slot] = output;
    addColumn(drained.columns[i]!, columns[slot]!);
    weights[slot]! += drained.weights[i]!;
  });
  return { series, columns, weights };
}

const beginsBefore = (one: SeriesColumn, other: SeriesColumn): boolean => {
  const first = ({ present }: SeriesColumn): number => {
    const step = present.findIndex((slot) => slot !== ABSENT);
    return step < 0 ? Infinity : step;
  };
  return first(one) < first(other);
};

function addColumn(from: SeriesColumn, into: SeriesColumn): void {
  for (let step = 0; step < from.present.length; step++) {
    if (from.present[step] === ABSENT) continue;
    if (into.present[step] !== ABSENT) throw executionError(SAME_LABELSET);
    into.present[step] = from.present[step]!;
    into.values[step] = from.values[step]!;
    if (from.present[step] === HISTOGRAM) {
      into.histograms = into.histograms?.slice() ?? histogramSlots(from.present.length);
      into.histograms[step] = from.histograms![step];
    }
  }
}
