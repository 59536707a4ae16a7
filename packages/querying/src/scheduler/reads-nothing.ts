import { type Expr, walk } from "@narthex/promql";

/**
 * Returns whether an expression reads no stored data, and computes each of its parts at most once for each evaluation
 * time.
 */
export function readsNothing(expr: Expr): boolean {
  let reads = false;
  walk(expr, (part) => {
    const { kind } = part;
    reads ||= kind === "vectorSelector" || kind === "matrixSelector" || kind === "subquery";
    // Counts info() as a read, because it searches for metrics whose names are not in the expression.
    reads ||= kind === "call" && part.func === "info";
  });
  return !reads;
}
