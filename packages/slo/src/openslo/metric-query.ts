import { type Expr, parseExpression } from "@narthex/promql/syntax";
import { queryProblem, withWindow } from "../window-template.ts";

/** Resolution at which a query that is no counter is evaluated over a window. */
const STEP = "1m";

/**
 * Returns a query for the number of events in `{{.window}}` from a query of OpenSLO, which has no window. The selectors of
 * a counter get `rate(…[{{.window}}])`. Any other query is summed over the window. Returns the reason if the query cannot
 * be used.
 */
export function eventsQuery(query: string, isCounter: boolean): { readonly text: string } | string {
  if (withWindow(query, 1) !== query) return checked(query);
  const parsed = parseExpression(query);
  if (!parsed.ok) return `could not parse the query: ${parsed.errors[0].toString()}`;
  const selectors = isCounter ? plainSelectors(parsed.expr) : undefined;
  if (selectors === undefined) return checked(`sum_over_time((${query})[{{.window}}:${STEP}])`);
  const bytes = Buffer.from(query, "utf8");
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of selectors.toSorted((a, b) => a.start - b.start)) {
    parts.push(bytes.toString("utf8", at, start), `rate(${bytes.toString("utf8", start, end)}[{{.window}}])`);
    at = end;
  }
  return checked(parts.join("") + bytes.toString("utf8", at));
}

/** Returns a query for the average of a ratio in `{{.window}}`. */
export const ratioQuery = (query: string, step = STEP): { readonly text: string } | string =>
  withWindow(query, 1) === query ? checked(`avg_over_time((${query})[{{.window}}:${step}])`) : checked(query);

function checked(text: string): { readonly text: string } | string {
  const problem = queryProblem(text);
  return problem === undefined ? { text } : problem.message;
}

/** Returns the positions of all selectors, or undefined if a selector already has a range or a modifier. */
function plainSelectors(expr: Expr): readonly { readonly start: number; readonly end: number }[] | undefined {
  const found: { readonly start: number; readonly end: number }[] = [];
  const pending: Expr[] = [expr];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    switch (next.kind) {
      case "vectorSelector":
        if (next.offsetMs !== 0 || next.offsetExpr !== null || next.at !== null) return undefined;
        found.push(next.position);
        break;
      case "matrixSelector":
      case "subquery":
        return undefined;
      case "aggregate":
        pending.push(next.expr);
        break;
      case "binary":
        pending.push(next.lhs, next.rhs);
        break;
      case "call":
        for (const argument of next.args) pending.push(argument);
        break;
      case "paren":
      case "unary":
        pending.push(next.expr);
        break;
      case "number":
      case "string":
        break;
    }
  }
  return found.length === 0 ? undefined : found;
}
