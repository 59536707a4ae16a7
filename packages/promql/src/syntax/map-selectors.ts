import type { Call, Expr, VectorSelector } from "./ast.ts";

/**
 * Function for calls that need special treatment. Returns the replacement of a call, or undefined if the selectors in
 * its arguments are replaced as usual. `map` replaces the selectors of one argument.
 */
export type MapCall = (call: Call, map: (arg: Expr) => Expr) => Call | undefined;

/**
 * Returns a copy of the expression in which `replace` has replaced each selector, also within subqueries and
 * aggregations. `mapCall` replaces calls that need special treatment.
 */
export function mapSelectors(
  expr: Expr,
  replace: (selector: VectorSelector) => VectorSelector,
  mapCall?: MapCall,
): Expr {
  const below = (part: Expr): Expr => mapSelectors(part, replace, mapCall);
  switch (expr.kind) {
    case "aggregate":
      return { ...expr, param: expr.param === null ? null : below(expr.param), expr: below(expr.expr) };
    case "binary":
      return { ...expr, lhs: below(expr.lhs), rhs: below(expr.rhs) };
    case "call":
      return mapCall?.(expr, below) ?? { ...expr, args: expr.args.map(below) };
    case "matrixSelector":
      return { ...expr, selector: replace(expr.selector) };
    case "paren":
    case "subquery":
    case "unary":
      return { ...expr, expr: below(expr.expr) };
    case "vectorSelector":
      return replace(expr);
    case "number":
    case "string":
      return expr;
  }
}
