import type { Expr } from "../syntax/ast.ts";
import { withoutParens } from "./literals.ts";

/** Functions whose result depends on the evaluation time even if their arguments do not. */
const TIME_DEPENDENT = new Set(
  (
    "days_in_month day_of_month day_of_week day_of_year end hour minute month predict_linear range start step time " +
    "timestamp year"
  ).split(" "),
);

/**
 * Returns whether an expression has the same value at all evaluation times. This requires that every selector has an
 * `@`.
 */
export function isStepInvariant(expr: Expr): boolean {
  switch (expr.kind) {
    case "number":
    case "string":
      return true;
    case "vectorSelector":
    case "subquery":
      return expr.at !== null;
    case "matrixSelector":
      return expr.selector.at !== null;
    case "aggregate":
      // Checks only the aggregated expression and not the parameter, as Prometheus does. The parameter is evaluated
      // only at the first evaluation time.
      return isStepInvariant(expr.expr);
    case "binary":
      return isStepInvariant(expr.lhs) && isStepInvariant(expr.rhs);
    case "paren":
    case "unary":
      return isStepInvariant(expr.expr);
    case "call":
      return callIsInvariant(expr.func, expr.args);
  }
}

function callIsInvariant(func: string, args: readonly Expr[]): boolean {
  if (func === "timestamp") {
    const argument = withoutParens(args[0]!);
    return argument.kind === "vectorSelector" && argument.at !== null;
  }
  return !TIME_DEPENDENT.has(func) && args.every(isStepInvariant);
}
