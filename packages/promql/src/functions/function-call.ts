import type { Grid } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { RangeSource, ScalarOperator, VectorOperator } from "../operators/operator.ts";
import type { Call } from "../syntax/ast.ts";

/** One call of a function. Its arguments are planned when they are requested, for the grid of the call. */
export interface FunctionCall {
  readonly expr: Call;
  readonly grid: Grid;
  readonly evaluation: Evaluation;
  vector(index: number): VectorOperator;
  scalar(index: number): ScalarOperator;
  range(index: number): RangeSource;
  /** Returns the text of an argument that is a string literal. */
  text(index: number): string;
}

/** Creates the operator of a function that returns a vector. */
export type VectorFunction = (call: FunctionCall) => VectorOperator;

/** Creates the operator of a function that returns a scalar. */
export type ScalarFunction = (call: FunctionCall) => ScalarOperator;
