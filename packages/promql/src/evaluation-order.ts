import type { Expr, Position } from "./syntax/ast.ts";
import { childrenOf } from "./syntax/walk.ts";

/** What an annotation refers to: an argument of the expression that adds it, or that expression itself. */
export type AnnotationTarget = "argument" | "itself";

/**
 * Returns a function with the rank of annotations at a position. The ranks are those of an evaluation of one expression
 * after the other, with arguments before their call. The operators of this engine run concurrently and add annotations
 * in any order.
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

/** Returns an expression and the content of its parentheses, for which there is no operator. */
function withParens(expr: Expr): Expr[] {
  const chain = [expr];
  for (let inner = expr; inner.kind === "paren";) chain.push((inner = inner.expr));
  return chain;
}
