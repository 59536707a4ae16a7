import { goJson } from "@narthex/model";
import { expressionToJson, parseExpression, type ParserOptions, prettyPrint, QueryError } from "@narthex/promql";

/** How a parsed expression is returned: pretty-printed, or as a syntax tree. */
export type ExpressionFormat = "formatted" | "tree";

/** Parses an expression without evaluating it; returns JSON. Throws QueryError "bad-query". */
export function formatExpression(text: string, format: ExpressionFormat, options: ParserOptions): string {
  const parsed = parseExpression(text, options);
  if (!parsed.ok) throw new QueryError("bad-query", parsed.errors[0].toString());
  return goJson(format === "tree" ? expressionToJson(parsed.expr) : prettyPrint(parsed.expr));
}
