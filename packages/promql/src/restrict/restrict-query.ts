import type { Matcher } from "@narthex/model";
import type { ParseError } from "../syntax/parse-error.ts";
import { parseExpression } from "../syntax/parse.ts";
import { printExpression } from "../syntax/printer.ts";
import type { ParserOptions } from "../syntax/token-stream.ts";
import { restrictSelectors } from "./restrict-selectors.ts";

/** The text of a restricted query, or the error of a text that is not a query. */
export type RestrictedQuery =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: ParseError };

/**
 * Returns the text of a query that reads only series that the matchers accept. A text that cannot be parsed is an error:
 * nothing is known about what another parser would read for this text.
 */
export function restrictQuery(
  text: string,
  matchers: readonly Matcher[],
  options: ParserOptions = {},
): RestrictedQuery {
  if (matchers.length === 0) return { ok: true, text };
  const parsed = parseExpression(text, options);
  if (!parsed.ok) return { ok: false, error: parsed.errors[0] };
  return { ok: true, text: printExpression(restrictSelectors(parsed.expr, matchers)) };
}
