import { Labels } from "@narthex/model";
import { printExpression } from "@narthex/promql";
import type { QueryElement, RuleQuery } from "../rule-query.ts";

/** What a scripted expression answers at a time (ms); throwing stands for a query error. */
export type Script = (timeMs: number) => readonly QueryElement[];

/** A query engine with fixed answers, by canonical expression; the answer to any other is empty. */
export function scriptedQuery(scripts: Readonly<Record<string, Script>>): RuleQuery {
  return async (expr, timeMs) => scripts[printExpression(expr)]?.(timeMs) ?? [];
}

/** One element from a record of labels. */
export const element = (labels: Readonly<Record<string, string>>, value = 1): QueryElement => ({
  labels: Labels.of(labels),
  value,
});
