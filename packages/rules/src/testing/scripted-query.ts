import { Labels } from "@narthex/model";
import { printExpression } from "@narthex/promql";
import type { QueryElement, RuleQuery } from "../rule-query.ts";

/** Returns the result of an expression at a time in Unix ms. If the function throws, the query fails. */
export type Script = (timeMs: number) => readonly QueryElement[];

/**
 * Returns a query function that has fixed results for some expressions, by their canonical text. Other expressions have
 * an empty result.
 */
export function scriptedQuery(scripts: Readonly<Record<string, Script>>): RuleQuery {
  return async (expr, timeMs) => scripts[printExpression(expr)]?.(timeMs) ?? [];
}

/** Returns one element of a query result with the given labels. */
export const element = (labels: Readonly<Record<string, string>>, value = 1): QueryElement => ({
  labels: Labels.of(labels),
  value,
});
