import type { Expr, Position } from "./syntax/ast.ts";
import { childrenOf } from "./syntax/walk.ts";

/** Where an annotation points: at an argument of the expression that annotations, or at that expression. */
export type AnnotationTarget = "argument" | "itself";

/**
 * When annotations at a place are raised, as a rank: expressions are done one after the other, arguments before the call that
 * takes them. Operators here run side by side and annotate in any order.
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

/** An expression, and what its parentheses hold: they do nothing themselves. */
function withParens(expr: Expr): Expr[] {
  const chain = [expr];
  for (let inner = expr; inner.kind === "paren";) chain.push((inner = inner.expr));
  return chain;
}
