import { executionError } from "../query-error.ts";
import type { Expr } from "../syntax/ast.ts";

/** Returns the expression inside any number of parentheses. */
export function withoutParens(expr: Expr): Expr {
  return expr.kind === "paren" ? withoutParens(expr.expr) : expr;
}

/** Returns the text of a string literal. */
export function textOf(expr: Expr): string {
  const literal = withoutParens(expr);
  if (literal.kind !== "string") throw executionError(`unhandled expression of type: ${literal.kind}`);
  return literal.value;
}
