import { literalPattern, Matcher, type MatchType, PatternError } from "@narthex/model";
import { mapSelectors, printExpression } from "@narthex/promql/syntax";
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
    mapSelectors(
      parsed.expr,
      (selector) => ({ ...selector, matchers: [...selector.matchers, ...matchers] }),
      // Does not add filters to the second argument of info(), because it selects the labels of other series.
      (call, map) =>
        call.func === "info" ? { ...call, args: call.args.map((arg, i) => (i === 1 ? arg : map(arg))) } : undefined,
    ),
  );
}

function matcherOf({ key, operator, value, values }: AdHocFilter): Matcher {
  const listed = values.length > 0 ? values : [value];
  try {
    switch (operator) {
      case "=|":
      case "!=|":
        return new Matcher(operator === "=|" ? "=~" : "!~", key, listed.map(literalPattern).join("|"));
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
