import { HeldMemory } from "../budget.ts";
import type { Expr } from "../syntax/ast.ts";
import type { Evaluation } from "../evaluation.ts";
import { copyColumn, heldBytes, type MaterializedVector, materialize, release } from "./materialized-vector.ts";
import { distinctList, type OutputList, type VectorOperator } from "./operator.ts";

/** The result of a part of a query, for use by equal parts of the query. */
export class SharedResult {
  readonly parts: Expr[] = [];
  found: FoundResult | undefined;
  /** Number of equal parts of the query that still need the result. */
  users = 0;
  /**
   * Whether the evaluation added warnings or infos. Each equal part must then be evaluated separately, because warnings
   * and infos contain a position in the query.
   */
  hasAnnotations = false;
}

interface FoundResult {
  readonly drained: MaterializedVector;
  readonly list: OutputList;
  /** Memory of the result. The memory is released when the last equal part is closed. */
  readonly held: HeldMemory;
  /**
   * Number of samples that the evaluation counted for the statistics. A sample in several windows counts several times.
   * In `read`, each sample counts once.
   */
  readonly totalQueryable: number;
  readonly read: number;
  readonly peak: number;
}

/**
 * Evaluates only one of several equal parts of a query, such as the two `sum(a)` in `(sum(a) - sum(b)) / sum(a)`. The
 * other parts return its result. Samples are counted as if each part had been evaluated.
 */
export function shared(
  input: VectorOperator,
  result: SharedResult,
  steps: number,
  evaluation: Evaluation,
): VectorOperator {
  result.users++;
  let mine: FoundResult | undefined;
  let index = 0;
  let closed = false;
  return {
    async prepare(signal) {
      if (result.hasAnnotations) return input.prepare(signal);
      if (result.found === undefined) {
        mine = await find(input, result, steps, evaluation, signal);
      } else {
        mine = result.found;
        countAgain(mine, evaluation);
      }
      return mine.list;
    },
    next(out) {
      if (mine === undefined) return input.next(out);
      if (index >= mine.drained.columns.length) return false;
      copyColumn(mine.drained.columns[index++]!, out);
      return true;
    },
    close() {
      if (closed) return;
      closed = true;
      input.close();
      mine = undefined;
      if (--result.users > 0) return;
      result.found?.held.release();
      result.found = undefined;
    },
  };
}

async function find(
  input: VectorOperator,
  result: SharedResult,
  steps: number,
  evaluation: Evaluation,
  signal: AbortSignal,
): Promise<FoundResult> {
  const { annotations, budget } = evaluation;
  const { totalQueryable, read, current, peak } = budget;
  const { raised } = annotations;
  budget.peak = current;
  const drained = await materialize(input, steps, evaluation, signal);
  // Subtracts the samples that materialize() has counted, because each part that uses the result counts its own copy.
  // `held` counts the memory of the shared result.
  release(drained, evaluation);
  const held = new HeldMemory(budget);
  if (annotations.raised === raised) held.add(heldBytes(drained));
  const found: FoundResult = {
    drained,
    held,
    list: distinctList([...drained.series], drained.list?.distinct === true),
    totalQueryable: budget.totalQueryable - totalQueryable,
    read: budget.read - read,
    peak: budget.peak - current,
  };
  budget.peak = Math.max(peak, budget.peak);
  if (annotations.raised === raised) result.found = found;
  else result.hasAnnotations = true;
  return found;
}

function countAgain({ totalQueryable, read, peak }: FoundResult, { budget }: Evaluation): void {
  budget.totalQueryable += totalQueryable;
  budget.read += read;
  budget.take(peak);
  budget.release(peak);
}
