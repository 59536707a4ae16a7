import { type Expr, walk } from "@narthex/promql";

/** Does an expression look at no stored data, and compute each of its parts no more often than there are steps? */
export function readsNothing(expr: Expr): boolean {
  let reads = false;
  walk(expr, (part) => {
    const { kind } = part;
    reads ||= kind === "vectorSelector" || kind === "matrixSelector" || kind === "subquery";
    // It looks for metrics that nobody has named.
    reads ||= kind === "call" && part.func === "info";
  });
  return !reads;
}
