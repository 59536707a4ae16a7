import type { Expr } from "./ast.ts";

/**
 * Returns the expressions directly within an expression, in the order of the text. Computed durations are not
 * expressions.
 */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "aggregate":
      return expr.param === null ? [expr.expr] : [expr.param, expr.expr];
    case "binary":
      return [expr.lhs, expr.rhs];
    case "call":
      return expr.args;
    case "matrixSelector":
      return [expr.selector];
    case "paren":
    case "subquery":
    case "unary":
      return [expr.expr];
    case "number":
    case "string":
    case "vectorSelector":
      return [];
  }
}

/**
 * Calls `visit` with an expression and all expressions inside it, parents first. Skips the inner expressions if `visit`
 * returns false. `path` leads from the root to the parent.
 */
export function walk(expr: Expr, visit: (expr: Expr, path: readonly Expr[]) => boolean | void): void {
  const path: Expr[] = [];
  const descend = (node: Expr): void => {
    if (visit(node, path) === false) return;
    path.push(node);
    for (const child of childrenOf(node)) descend(child);
    path.pop();
  };
  descend(expr);
}
