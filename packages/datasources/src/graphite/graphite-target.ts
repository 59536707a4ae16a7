import { formatInterval, type JsonObject, withReferences } from "@narthex/dashboards";
import type { DataQuery } from "../data-source.ts";
import { textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";

const DURATION = /(["'])(\d{1,10})([mM])\1/g;
const INTERVAL = /\$__interval_ms|\$__interval|\$interval/g;

/** Returns the text of a target as it is stored. References in `targetFull` are already replaced. */
export const targetText = (source: JsonObject): string => textAt(source, "targetFull") || textAt(source, "target");

/**
 * Returns the text of a target that the server gets: references such as `#A` are replaced by the text of the other
 * query. Throws QueryFailure for references to themselves and to unknown queries.
 * @param others texts of the queries of the request, by refId
 */
export function filledTarget(
  text: string,
  { refId, intervalMs }: Pick<DataQuery, "refId" | "intervalMs">,
  others: ReadonlyMap<string, string>,
): string {
  const full = withReferences(text, refId, others);
  if ("problem" in full) throw new QueryFailure(400, `the query refers to #${full.reference}, but ${full.problem}`);
  const ms = Math.max(1, Math.round(intervalMs));
  return full.text
    .replaceAll(INTERVAL, (macro) => (macro === "$__interval_ms" ? String(ms) : formatInterval(ms)))
    .replaceAll(DURATION, (_, quote: string, count: string, unit: string) => {
      return `${quote}${count}${unit === "m" ? "min" : "mon"}${quote}`;
    });
}
