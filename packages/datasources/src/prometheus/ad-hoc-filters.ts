import { Matcher, type MatchType, PatternError } from "@narthex/model";
import { type Expr, printExpression, type VectorSelector } from "@narthex/promql/syntax";
import { QueryFailure } from "../query-failure.ts";
import { readExpression } from "./read-expression.ts";
import type { AdHocFilter } from "./target.ts";

/** Adds filters to each selector of an expression. Throws QueryFailure if the expression or a filter is invalid. */
export function withAdHocFilters(expr: string, filters: readonly AdHocFilter[]): string {
  if (filters.length === 0) return expr;
  const parsed = readExpression(expr);
  if (!parsed.ok) throw new QueryFailure(400, `filters cannot be added to the query: ${parsed.errors[0].toString()}`);
  const matchers = filters.map(matcherOf);
  return printExpression(
    mapSelectors(parsed.expr, (selector) => ({ ...selector, matchers: [...selector.matchers, ...matchers] })),
  );
}

function matcherOf({ key, operator, value, values }: AdHocFilter): Matcher {
  const listed = values.length > 0 ? values : [value];
  try {
    switch (operator) {
      case "=|":
      case "!=|":
        return new Matcher(operator === "=|" ? "=~" : "!~", key, listed.map(escapePattern).join("|"));
      case "=":
      case "!=":
      case "=~":
      case "!~":
        return new Matcher(operator satisfies MatchType, key, value);
    }
  } catch (error) {
    if (error instanceof PatternError) throw new QueryFailure(400, `filter on ${key}: ${error.message}`);
    throw error;
  }
  throw new QueryFailure(400, `filter on ${key}: operator "${operator}" is not one of =, !=, =~, !~, =| and !=|`);
}

const escapePattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** Returns a copy of the expression in which `replace` has replaced each selector. */
function mapSelectors(expr: Expr, replace: (selector: VectorSelector) => VectorSelector): Expr {
  const below = (part: Expr): Expr => mapSelectors(part, replace);
  switch (expr.kind) {
    case "vectorSelector":
      return replace(expr);
    case "matrixSelector":
      return { ...expr, selector: replace(expr.selector) };
    case "aggregate":
      return { ...expr, expr: below(expr.expr), param: expr.param === null ? null : below(expr.param) };
    case "binary":
      return { ...expr, lhs: below(expr.lhs), rhs: below(expr.rhs) };
    case "call":
      // The second argument of info() is not changed, because it selects the labels of other series.
      return { ...expr, args: expr.args.map((arg, i) => (expr.func === "info" && i === 1 ? arg : below(arg))) };
    case "paren":
    case "subquery":
    case "unary":
      return { ...expr, expr: below(expr.expr) };
    case "number":
    case "string":
      return expr;
  }
}
