import type { JsonObject } from "@narthex/dashboards";
import type { TimeRange, VariableValue } from "../data-source.ts";
import { numberAt, textAt } from "../json-values.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";
import type { TagScope, TempoApi } from "./tempo-api.ts";

/** The values that are no attributes. Their names have no scope. */
const INTRINSICS: ReadonlySet<string> = new Set([
  "duration",
  "kind",
  "name",
  "rootName",
  "rootServiceName",
  "status",
  "statusMessage",
  "traceDuration",
]);

/** Returns the name of an attribute with its scope, as the server expects it. */
export const scopedTag = (label: string): string =>
  INTRINSICS.has(label) || /^(?:resource|span|event|link|instrumentation)?\./.test(label) || label.includes(":")
    ? label
    : `.${label}`;

/** Returns the names of attributes in all scopes, without duplicates. */
const tagNames = (scopes: readonly TagScope[]): readonly string[] => [
  ...new Set(scopes.filter(({ name }) => name !== "intrinsic").flatMap(({ tags }) => tags)),
];

/**
 * Returns the options of a variable. The query has the form of Grafana's editor: type 0 for the names of attributes,
 * type 1 for the values of the attribute `label`. Throws QueryFailure for another query.
 */
export async function tempoVariableValues(
  api: TempoApi,
  query: string | JsonObject,
  range: TimeRange,
  call: ApiCall,
): Promise<readonly VariableValue[]> {
  const texts = await valuesOf(api, typeof query === "string" ? queryOfText(query) : query, range, call);
  return texts.map((text) => ({ text, value: text }));
}

function queryOfText(text: string): JsonObject {
  const trimmed = text.trim();
  if (trimmed === "label_names()") return { type: 0 };
  const label = /^label_values\(([^()]{1,1000})\)$/.exec(trimmed)?.[1];
  if (label !== undefined) return { type: 1, label: label.trim() };
  if (trimmed === "") return { type: 1 };
  throw new QueryFailure(
    400,
    `the variable's query "${trimmed.slice(0, 200)}" is not label_names() or label_values(attribute)`,
  );
}

async function valuesOf(api: TempoApi, query: JsonObject, range: TimeRange, call: ApiCall): Promise<readonly string[]> {
  const type = numberAt(query, "type");
  if (type === undefined) {
    const text = textAt(query, "query");
    return text === "" ? [] : valuesOf(api, queryOfText(text), range, call);
  }
  if (type === 0) return tagNames(await api.tags(range, call));
  const label = textAt(query, "label").trim();
  return label === "" ? [] : api.tagValues(scopedTag(label), textAt(query, "stream"), range, call);
}
