import type { Expr } from "../../syntax/ast.ts";
import { printExpression } from "../../syntax/printer.ts";
import { walk } from "../../syntax/walk.ts";

/** Functions whose result depends on the evaluation time even if their arguments do not. */
const TIME_BOUND = new Set(
  "days_in_month day_of_month day_of_week day_of_year end hour minute month predict_linear range start step time timestamp year".split(
    " ",
  ),
);

/**
 * Returns the expression with `@` added to every selector, and the times at which the result must equal that of the
 * original. Undefined if a function depends on the evaluation time.
 */
export function pinnedVariants(
  expr: Expr,
  at: number,
): { readonly text: string; readonly times: readonly number[] } | undefined {
  let timeBound = false;
  walk(expr, (node, path) => {
    const underPinned = path.some((above) => above.kind === "subquery");
    if (node.kind === "call" && TIME_BOUND.has(node.func) && !underPinned) timeBound = true;
  });
  if (timeBound) return undefined;
  const times = at === 0 ? [-1000, 0, 1000] : [-10 * at, 0, Math.trunc(at / 5), at, 10 * at];
  return { text: printExpression(pin(expr, at)), times };
}

/**
 * Adds `@` to the selectors of an expression. For a subquery, `@` is added to the subquery itself and not to its
 * selectors.
 */
function pin(expr: Expr, ms: number): Expr {
  const at = { kind: "timestamp", ms } as const;
  switch (expr.kind) {
    case "vectorSelector":
    case "subquery":
      return expr.at?.kind === "timestamp" ? expr : { ...expr, at };
    case "matrixSelector":
      return { ...expr, selector: pin(expr.selector, ms) as typeof expr.selector };
    case "aggregate":
      return { ...expr, expr: pin(expr.expr, ms), param: expr.param && pin(expr.param, ms) };
    case "binary":
      return { ...expr, lhs: pin(expr.lhs, ms), rhs: pin(expr.rhs, ms) };
    case "call":
      return { ...expr, args: expr.args.map((arg) => pin(arg, ms)) };
    case "paren":
    case "unary":
      return { ...expr, expr: pin(expr.expr, ms) };
    case "number":
    case "string":
      return expr;
  }
}
