import type { Evaluation } from "../evaluation.ts";
import { QueryError } from "../query-error.ts";
import type { DurationExpr, DurationOperand } from "../syntax/ast.ts";
import { power } from "../operators/element.ts";

/** Step and range of the query in seconds. Computed durations such as `2 * step()` use these values. */
export interface QuerySpan {
  /** Step of the query; 0 for an instant query. */
  readonly step: number;
  readonly range: number;
}

export const spanOf = ({ grid, end }: Pick<Evaluation, "grid" | "end">): QuerySpan => ({
  step: grid.step / 1000,
  range: (end - grid.start) / 1000,
});

const MAX_SECONDS = 2 ** 63 / 1e9;

const fail = ({ position }: DurationExpr, problem: string): never => {
  throw new QueryError("bad-query", `${position.start}:${position.end}: ${problem}`);
};

function evaluate(operand: DurationOperand | null, span: QuerySpan): number {
  if (operand === null) return 0;
  if (operand.kind === "number") return operand.value;
  const left = evaluate(operand.lhs, span);
  const right = evaluate(operand.rhs, span);
  switch (operand.op) {
    case "step":
      return span.step;
    case "range":
      return span.range;
    case "min_of":
      return Math.min(left, right);
    case "max_of":
      return Math.max(left, right);
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0 ? fail(operand, "division by zero") : left / right;
    case "%":
      return right === 0 ? fail(operand, "modulo by zero") : left % right;
    case "^":
      return power(left, right);
  }
}

/**
 * Computes a duration such as `5m * 2` in whole milliseconds. Throws QueryError "bad-query" if the result is not a
 * valid duration.
 */
export function durationMs(expr: DurationExpr, span: QuerySpan, sign: "positive" | "any"): number {
  const seconds = evaluate(expr, span);
  if (!Number.isFinite(seconds)) fail(expr, "duration is NaN or infinite");
  if (seconds <= 0 && sign === "positive") fail(expr, "duration must be greater than 0");
  if (Math.abs(seconds) > MAX_SECONDS) fail(expr, "duration is out of range");
  return Math.trunc(seconds * 1000);
}
