import { goJson } from "@narthex/model";
import { expressionToJson, parseExpression, type ParserOptions, prettyPrint, QueryError } from "@narthex/promql";
import { referencesOf } from "../metric-usage/metric-references.ts";

/** Output for a parsed expression: its formatted text, its syntax tree, or the metrics that it reads. */
export type ExpressionFormat = "formatted" | "tree" | "references";

/**
 * Parses an expression without evaluating it, and returns its text, tree or metrics as JSON. Throws QueryError
 * "bad-query".
 */
export function formatExpression(text: string, format: ExpressionFormat, options: ParserOptions): string {
  const parsed = parseExpression(text, options);
  if (!parsed.ok) throw new QueryError("bad-query", parsed.errors[0].toString());
  if (format === "references") return goJson([...referencesOf(parsed.expr)]);
  return goJson(format === "tree" ? expressionToJson(parsed.expr) : prettyPrint(parsed.expr));
}
