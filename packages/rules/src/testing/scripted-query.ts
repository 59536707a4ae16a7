import { Labels } from "@narthex/model";
import { printExpression } from "@narthex/promql";
import type { QueryElement, RuleQuery } from "../rule-query.ts";

/** Returns a scripted expression's result at a time (ms); throwing simulates a query error. */
export type Script = (timeMs: number) => readonly QueryElement[];

/**
 * Returns a query function with fixed results by the canonical text of an expression. Other expressions have an empty
 * result.
 */
export function scriptedQuery(scripts: Readonly<Record<string, Script>>): RuleQuery {
  return async (expr, timeMs) => scripts[printExpression(expr)]?.(timeMs) ?? [];
}

/** Returns one element from a record of labels. */
export const element = (labels: Readonly<Record<string, string>>, value = 1): QueryElement => ({
  labels: Labels.of(labels),
  value,
});
