import { type Field, type JsonObject } from "@narthex/dashboards";
import type { VariableValue } from "../data-source.ts";
import { asObject, objectAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { cellText } from "../sql/cell-text.ts";

/**
 * Returns the target of a variable's query: an object, its JSON, or a URL of JSON. Returns undefined if the query is
 * empty. Throws QueryFailure for other queries.
 */
export function infinityOptions(query: string | JsonObject): JsonObject | undefined {
  if (typeof query === "string") return textQuery(query.trim());
  const inner = objectAt(query, "infinityQuery");
  if (inner !== undefined) return inner;
  const kind = textAt(query, "queryType");
  if (kind !== "" && kind !== "infinity")
    throw new QueryFailure(400, `the variable's query is of type "${kind}", which is not supported; use infinity`);
  return textAt(query, "query") === "" ? query : textQuery(textAt(query, "query").trim());
}

function textQuery(text: string): JsonObject | undefined {
  if (text === "") return undefined;
  if (!text.startsWith("{")) return { type: "json", source: "url", url: text };
  try {
    const target = asObject(JSON.parse(text));
    if (target !== undefined) return target;
  } catch {
    // The sentence below names what is expected.
  }
  throw new QueryFailure(400, "the variable's query is not a URL and not the JSON of a query");
}

/** Returns the options in a table: the first column is the text, the second one the value. Each text occurs once. */
export function optionsIn(fields: readonly Field[], rows: number): readonly VariableValue[] {
  const [first, second = first] = fields;
  if (first === undefined || second === undefined) return [];
  const options = new Map<string, VariableValue>();
  for (let row = 0; row < rows; row++) {
    const [text, value] = [cellText(first, row), cellText(second, row)];
    if (text !== null && value !== null && !options.has(text)) options.set(text, { text, value });
  }
  return [...options.values()];
}
