import type { Grid } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { RangeSource, ScalarOperator, VectorOperator } from "../operators/operator.ts";
import type { Call } from "../syntax/ast.ts";

/** One call of a function, with its arguments planned on demand over the grid of the call. */
export interface FunctionCall {
  readonly expr: Call;
  readonly grid: Grid;
  readonly evaluation: Evaluation;
  vector(index: number): VectorOperator;
  scalar(index: number): ScalarOperator;
  range(index: number): RangeSource;
  /** The text of a string literal. */
  text(index: number): string;
}

/** Builds the operator of a function that yields a vector. */
export type VectorFunction = (call: FunctionCall) => VectorOperator;

/** Builds the operator of a function that yields a scalar. */
export type ScalarFunction = (call: FunctionCall) => ScalarOperator;
