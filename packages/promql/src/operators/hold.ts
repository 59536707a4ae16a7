import { createSeriesColumn, HISTOGRAM, type ScalarOperator, type VectorOperator, histogramSlots } from "./operator.ts";
import { columnWeight } from "./drain.ts";
import type { Evaluation } from "../evaluation.ts";

/** Spreads what one evaluation found over all steps: parts of a query that do not depend on the step. */
export function hold(input: VectorOperator, evaluation: Evaluation): VectorOperator {
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

/** The same for scalars. */
export const holdScalar = (input: ScalarOperator, count: number): ScalarOperator => ({
  evaluate: async (signal) => new Float64Array(count).fill((await input.evaluate(signal))[0]!),
  close: () => input.close(),
});
