import { createSeriesColumn, HISTOGRAM, type ScalarOperator, type VectorOperator, histogramSlots } from "./operator.ts";
import { columnWeight } from "./column-weight.ts";
import type { Evaluation } from "../evaluation.ts";

/**
 * Repeats a result at all evaluation times. Used for a part of a query whose value never changes and is computed only
 * once.
 */
export function repeatOverSteps(input: VectorOperator, evaluation: Evaluation): VectorOperator {
  const single = createSeriesColumn(1);
  return {
    prepare: (signal) => input.prepare(signal),
    next(out) {
      if (!input.next(single)) return false;
      const count = out.present.length;
      out.present.fill(single.present[0]!);
      out.values.fill(single.values[0]!);
      out.histograms = single.present[0] === HISTOGRAM ? histogramSlots(count).fill(single.histograms![0]) : undefined;
      const weight = columnWeight(out);
      evaluation.budget.take(weight);
      evaluation.budget.release(weight);
      return true;
    },
    close: () => input.close(),
  };
}

/** Repeats the value of a scalar at all evaluation times. */
export const repeatScalarOverSteps = (input: ScalarOperator, count: number): ScalarOperator => ({
  evaluate: async (signal) => new Float64Array(count).fill((await input.evaluate(signal))[0]!),
  close: () => input.close(),
});
