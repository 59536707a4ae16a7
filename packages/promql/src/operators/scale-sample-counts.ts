import type { Evaluation } from "../evaluation.ts";
import type { ScalarOperator, VectorOperator } from "./operator.ts";

/**
 * Counts what an operator looks at `times` over in the statistics: once per step where one evaluation stands for all
 * steps, not at all where its results are counted again as the samples of a subquery.
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

/** The same for scalars. */
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
