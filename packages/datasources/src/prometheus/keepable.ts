import { type Expr, walk } from "@narthex/promql/syntax";
import { readExpression } from "./read-expression.ts";

const OF_THE_RANGE: ReadonlySet<string> = new Set(["start", "end", "range", "step"]);

/**
 * Reports whether each point of a result depends only on the time of the point, and not on the query range or on later
 * samples. Only such points can be reused for other ranges. Returns false for an expression that cannot be parsed.
 */
export function isKeepable(expr: string): boolean {
  const parsed = readExpression(expr);
  if (!parsed.ok) return false;
  let isKept = true;
  walk(parsed.expr, (part) => {
    isKept &&= isOfItsTime(part);
    return isKept;
  });
  return isKept;
}

function isOfItsTime(part: Expr): boolean {
  switch (part.kind) {
    case "vectorSelector":
      return part.at === null && part.offsetExpr === null && part.offsetMs >= 0;
    case "subquery":
      return (
        part.at === null &&
        part.offsetExpr === null &&
        part.offsetMs >= 0 &&
        part.rangeExpr === null &&
        part.stepExpr === null
      );
    case "matrixSelector":
      return part.rangeExpr === null;
    case "call":
      return !OF_THE_RANGE.has(part.func);
    default:
      return true;
  }
}
