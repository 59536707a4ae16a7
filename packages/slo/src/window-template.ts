import { formatDuration } from "@narthex/model";
import { parseExpression } from "@narthex/promql/syntax";

/** Matches the place of the range in a query. */
const WINDOW = /\{\{\s{0,9}\.window\s{0,9}\}\}/g;

/** Replaces `{{.window}}` in a query by a duration. */
export const withWindow = (query: string, windowMs: number): string =>
  query.replaceAll(WINDOW, () => formatDuration(windowMs));

/** Returns what is wrong with a query that contains `{{.window}}`, and what to do, or undefined. */
export function queryProblem(query: string): { readonly message: string; readonly hint: string } | undefined {
  if (query.trim() === "") return { message: "the query is empty", hint: "write a PromQL query with [{{.window}}]" };
  const filled = withWindow(query, 60_000);
  if (filled === query)
    return { message: "the query does not contain {{.window}}", hint: "write [{{.window}}] in place of the range" };
  if (filled.includes("{{"))
    return { message: "the query contains a template other than {{.window}}", hint: "write {{.window}}, nothing else" };
  const parsed = parseExpression(filled);
  return parsed.ok ? undefined : { message: `could not parse the query: ${parsed.errors[0].toString()}`, hint: "" };
}
