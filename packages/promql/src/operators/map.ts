import type { Evaluation } from "../evaluation.ts";
import { dropNames } from "./series-labels.ts";
import {
  ABSENT,
  FLOAT,
  HISTOGRAM,
  histogramSlots,
  type OutputList,
  type SeriesColumn,
  type VectorOperator,
} from "./operator.ts";
import type { FloatHistogram } from "@narthex/model";

/** Processes series one by one: `relabel` changes the labels, and `apply` changes the values in place. */
export function mapSeries(
  input: VectorOperator,
  relabel: (list: OutputList) => OutputList | Promise<OutputList>,
  apply: (column: SeriesColumn) => void,
  ready?: (signal: AbortSignal) => Promise<void>,
): VectorOperator {
  return {
    async prepare(signal) {
      if (ready !== undefined) await ready(signal);
      return relabel(await input.prepare(signal));
    },
    next(out) {
      if (!input.next(out)) return false;
      apply(out);
      return true;
    },
    close: () => input.close(),
  };
}

/** Applies a function to the float values of all series. Drops histograms and the metric name. */
export function mapFloats(
  input: VectorOperator,
  evaluation: Evaluation,
  compute: (value: number, step: number) => number,
): VectorOperator {
  return mapSeries(
    input,
    (list) => dropNames(list, evaluation),
    (column) => applyToFloats(column, compute),
  );
}

export function applyToFloats(column: SeriesColumn, compute: (value: number, step: number) => number): void {
  const { values, present } = column;
  for (let step = 0; step < present.length; step++) {
    if (present[step] === FLOAT) values[step] = compute(values[step]!, step);
    else present[step] = ABSENT;
  }
  column.histograms = undefined;
}

/** Computes a number from each histogram of a series. Drops floats. */
export function applyToHistograms(
  column: SeriesColumn,
  compute: (histogram: FloatHistogram, step: number) => number,
): void {
  const { values, present, histograms } = column;
  for (let step = 0; step < present.length; step++) {
    if (present[step] === HISTOGRAM) {
      values[step] = compute(histograms![step]!, step);
      present[step] = FLOAT;
    } else {
      present[step] = ABSENT;
    }
  }
  column.histograms = undefined;
}

/**
 * Returns a copy of the histograms in which some are replaced. If `replace` returns undefined, the histogram is
 * removed.
 */
export function replaceHistograms(
  column: SeriesColumn,
  replace: (histogram: FloatHistogram, step: number) => FloatHistogram | undefined,
): void {
  const { histograms, present } = column;
  if (histograms === undefined) return;
  const replaced = histogramSlots(present.length);
  for (let step = 0; step < present.length; step++) {
    if (present[step] !== HISTOGRAM) continue;
    replaced[step] = replace(histograms[step]!, step);
    if (replaced[step] === undefined) present[step] = ABSENT;
  }
  column.histograms = replaced;
}
