import type { Evaluation } from "../evaluation.ts";
import type { ScalarOperator, VectorOperator } from "./operator.ts";

/**
 * Multiplies the number of samples that an operator reports in the query statistics. The factor is the number of
 * evaluation times if one result serves all of them, or 0 if the results are counted later as samples of a subquery.
 */
export function scaleSampleCounts(input: VectorOperator, evaluation: Evaluation, times: number): VectorOperator {
  const { budget } = evaluation;
  const recount = (before: number): void => {
    budget.totalQueryable = before + (budget.totalQueryable - before) * times;
  };
  return {
    async prepare(signal) {
      const before = budget.totalQueryable;
      const outputs = await input.prepare(signal);
      recount(before);
      return outputs;
    },
    next(out) {
      const before = budget.totalQueryable;
      const more = input.next(out);
      recount(before);
      return more;
    },
    close: () => input.close(),
  };
}

/** Multiplies the number of samples of a scalar operator in the query statistics. */
export const scaleScalarSampleCounts = (
  input: ScalarOperator,
  evaluation: Evaluation,
  times: number,
): ScalarOperator => ({
  async evaluate(signal) {
    const { budget } = evaluation;
    const before = budget.totalQueryable;
    const values = await input.evaluate(signal);
    budget.totalQueryable = before + (budget.totalQueryable - before) * times;
    return values;
  },
  close: () => input.close(),
});
