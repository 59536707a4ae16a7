import { goJson } from "@narthex/model";
import { expressionToJson, parseExpression, type ParserOptions, prettyPrint, QueryError } from "@narthex/promql";

/** What is wanted of an expression's text: itself, spread over lines; or its tree. */
export type ReadingForm = "formatted" | "tree";

/** Reads an expression without evaluating it; gives JSON. Throws QueryError "bad-query". */
export function readExpression(text: string, form: ReadingForm, options: ParserOptions): string {
  const parsed = parseExpression(text, options);
  if (!parsed.ok) throw new QueryError("bad-query", parsed.errors[0].toString());
  return goJson(form === "tree" ? expressionToJson(parsed.expr) : prettyPrint(parsed.expr));
}
