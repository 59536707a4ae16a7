import { limitingMatchers } from "@narthex/http";
import { type ParserOptions, restrictQuery, restrictSelectorTexts } from "@narthex/promql";
import type { FastifyRequest } from "fastify";

/**
 * Returns the text of a query that reads only series that the sender of the request may read. Returns the text
 * unchanged if the sender may read everything.
 * @param unreadable returns the error for a text that is not a query
 */
export function limitedQuery(
  request: FastifyRequest,
  text: string,
  options: ParserOptions,
  unreadable: (problem: string) => Error,
): string {
  const restricted = restrictQuery(text, limitingMatchers(request), options);
  if (!restricted.ok) throw unreadable(restricted.error.toString());
  return restricted.text;
}

/**
 * Returns selectors (`match[]`) of series that the sender of the request may read. Returns the selectors unchanged if
 * the sender may read everything.
 * @param unreadable returns the error for a text that is not a selector
 */
export function limitedSelectors(
  request: FastifyRequest,
  match: readonly string[],
  unreadable: (problem: string) => Error,
): readonly string[] {
  const restricted = restrictSelectorTexts(match, limitingMatchers(request));
  if (!restricted.ok) throw unreadable(restricted.error.toString());
  return restricted.texts;
}
