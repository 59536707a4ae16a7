import type { Expr, Position } from "./syntax/ast.ts";
import { childrenOf } from "./syntax/walk.ts";

/**
 * Whether an annotation (a warning or info) is about the expression that adds it, or about an argument of that
 * expression.
 */
export type AnnotationTarget = "argument" | "itself";

/**
 * Returns a function that ranks positions in a query by Prometheus' order of evaluation: one expression after another,
 * arguments before their call. Annotations are sorted by this rank, because operators of this engine run concurrently.
 */
export function evaluationOrder(root: Expr): (position: Position, pointsAt: AnnotationTarget) => number {
  const ranks = { argument: new Map<string, number>(), itself: new Map<string, number>() };
  const visit = (expr: Expr): void => {
    const below = childrenOf(expr).map((child) => withParens(child));
    for (const chain of below) visit(chain.at(-1)!);
    const rank = ranks.itself.size;
    ranks.itself.set(keyOf(expr.position), rank);
    for (const inner of below.flat()) ranks.argument.set(keyOf(inner.position), rank);
  };
  visit(withParens(root).at(-1)!);
  return (position, pointsAt) => ranks[pointsAt].get(keyOf(position)) ?? -1;
}

const keyOf = ({ start, end }: Position): string => `${start}:${end}`;

/**
 * Returns an expression and, if it is in parentheses, the expressions within them. Parentheses have no operator of
 * their own.
 */
function withParens(expr: Expr): Expr[] {
  const chain = [expr];
  for (let inner = expr; inner.kind === "paren";) chain.push((inner = inner.expr));
  return chain;
}
