import { formatInterval, type JsonObject, withReferences } from "@narthex/dashboards";
import type { DataQuery } from "../data-source.ts";
import { textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";

const DURATION = /(["'])(\d{1,10})([mM])\1/g;
const INTERVAL = /\$__interval_ms|\$__interval|\$interval/g;

/** Returns the text of a target as it is stored. References in `targetFull` are already replaced. */
export const targetText = (source: JsonObject): string => textAt(source, "targetFull") || textAt(source, "target");

/**
 * Throws QueryFailure if a parenthesis or a literal does not end. Graphite answers such a target with no series, as if
 * no metric had its name.
 */
function checkClosed(text: string): void {
  let depth = 0;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== "") {
      if (character === "\\") at++;
      else if (character === quote) quote = "";
    } else if (character === "'" || character === '"') quote = character;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
  }
  if (quote !== "") throw new QueryFailure(400, `the target has a text that does not end: write ${quote} after it`);
  if (depth > 0)
    throw new QueryFailure(
      400,
      `the target has ${depth} more opening than closing parentheses: write ) after each call`,
    );
  if (depth < 0)
    throw new QueryFailure(400, `the target has ${-depth} more closing than opening parentheses: remove them`);
}

/**
 * Returns the text of a target that the server gets: references such as `#A` are replaced by the text of the other
 * query. Throws QueryFailure for references to themselves and to unknown queries, and for a call
 * that does not end.
 * @param others texts of the queries of the request, by refId
 */
export function filledTarget(
  text: string,
  { refId, intervalMs }: Pick<DataQuery, "refId" | "intervalMs">,
  others: ReadonlyMap<string, string>,
): string {
  const full = withReferences(text, refId, others);
  if ("problem" in full) throw new QueryFailure(400, `the query refers to #${full.reference}, but ${full.problem}`);
  checkClosed(full.text);
  const ms = Math.max(1, Math.round(intervalMs));
  return full.text
    .replaceAll(INTERVAL, (macro) => (macro === "$__interval_ms" ? String(ms) : formatInterval(ms)))
    .replaceAll(DURATION, (_, quote: string, count: string, unit: string) => {
      return `${quote}${count}${unit === "m" ? "min" : "mon"}${quote}`;
    });
}
