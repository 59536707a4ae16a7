import type { Matcher } from "@narthex/model";
import type { ParseError } from "../syntax/parse-error.ts";
import { parseExpression, parseSelectors } from "../syntax/parse.ts";
import { printExpression } from "../syntax/printer.ts";
import { SELECTOR_LIMITS } from "../syntax/text-budget.ts";
import type { ParserOptions } from "../syntax/token-stream.ts";
import { restrictSelectors } from "./restrict-selectors.ts";

/** The text of a restricted query, or the error of a text that is not a query. */
export type RestrictedQuery =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: ParseError };

/** Limits for the size of a restricted query. The limits are low because the caller's thread parses the query. */
const LIMITS = { ...SELECTOR_LIMITS, characters: 2 ** 16 };

/**
 * Returns the text of a query that reads only series that the matchers accept. A text that cannot be parsed is refused,
 * because another parser might read any series for it.
 */
export function restrictQuery(
  text: string,
  matchers: readonly Matcher[],
  options: ParserOptions = {},
): RestrictedQuery {
  if (matchers.length === 0) return { ok: true, text };
  const parsed = parseExpression(text, options, LIMITS);
  if (!parsed.ok) return { ok: false, error: parsed.errors[0] };
  return { ok: true, text: printExpression(restrictSelectors(parsed.expr, matchers)) };
}

/** The texts of restricted selectors, or the error of the first text that is not a selector. */
export type RestrictedSelectors =
  | { readonly ok: true; readonly texts: readonly string[] }
  | { readonly ok: false; readonly error: ParseError };

/**
 * Returns selectors (`match[]`) that select only series that the matchers accept. Without selectors, which means all
 * series, returns a selector of the matchers.
 */
export function restrictSelectorTexts(texts: readonly string[], matchers: readonly Matcher[]): RestrictedSelectors {
  if (matchers.length === 0) return { ok: true, texts };
  const parsed = parseSelectors(texts);
  if (!parsed.ok) return { ok: false, error: parsed.errors[0] };
  const selectors = parsed.selectors.length === 0 ? [[]] : parsed.selectors;
  return { ok: true, texts: selectors.map((own) => `{${[...matchers, ...own].map(String).join(",")}}`) };
}
