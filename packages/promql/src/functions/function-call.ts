import type { Grid } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { RangeSource, ScalarOperator, VectorOperator } from "../operators/operator.ts";
import type { Call } from "../syntax/ast.ts";

/** A call of a PromQL function. An argument is planned only when the function needs it. */
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

/** Creates the operator for a call of a PromQL function that returns a vector. */
export type VectorFunction = (call: FunctionCall) => VectorOperator;

/** Creates the operator for a call of a PromQL function that returns a scalar. */
export type ScalarFunction = (call: FunctionCall) => ScalarOperator;
