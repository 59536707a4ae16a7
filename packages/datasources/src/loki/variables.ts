import type { JsonObject } from "@narthex/dashboards";
import type { TimeRange, VariableValue } from "../data-source.ts";
import { numberAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import type { LokiApi } from "./loki-api.ts";

/**
 * The query of a dashboard variable: returns label names if `label` is undefined, otherwise the values of this label.
 */
interface LokiVariableQuery {
  readonly label?: string;
  /** Selector of the streams; empty for all. */
  readonly stream: string;
}

/**
 * Parses the query of a variable, which is a text in old dashboards and an object in newer ones. Returns undefined if it
 * is empty. Throws QueryFailure for any other text.
 */
function readLokiVariable(query: string | JsonObject): LokiVariableQuery | undefined {
  if (typeof query === "string") return readText(query.trim());
  const label = textAt(query, "label");
  switch (numberAt(query, "type")) {
    case 0:
      return { stream: "" };
    case 1:
      return label === "" ? undefined : { label, stream: selectorOf(textAt(query, "stream")) };
    default:
      return readText(textAt(query, "query").trim());
  }
}

function readText(text: string): LokiVariableQuery | undefined {
  if (text === "") return undefined;
  if (/^label_names\(\s*\)$/.test(text)) return { stream: "" };
  if (!text.startsWith("label_values(") || !text.endsWith(")"))
    throw new QueryFailure(
      400,
      `the variable's query "${text.slice(0, 200)}" is not label_names(), label_values(label) or label_values({selector}, label)`,
    );
  const inside = text.slice("label_values(".length, -1);
  const comma = inside.lastIndexOf(",");
  const label = inside.slice(comma + 1).trim();
  return label === "" ? undefined : { label, stream: selectorOf(comma < 0 ? "" : inside.slice(0, comma)) };
}

/** Returns a selector. Selectors without matchers become empty, because Loki refuses them. */
function selectorOf(text: string): string {
  const stream = text.trim();
  return /^\{\s*\}$/.test(stream) ? "" : stream;
}

/** Returns the options of a variable in the order in which the server returns them. */
export async function lokiVariableValues(
  api: LokiApi,
  query: string | JsonObject,
  range: TimeRange,
  call: ApiCall,
): Promise<readonly VariableValue[]> {
  const read = readLokiVariable(query);
  if (read === undefined) return [];
  const { label, stream } = read;
  const texts =
    label === undefined ? await api.labelNames(stream, range, call) : await api.labelValues(label, stream, range, call);
  return texts.map((text) => ({ text, value: text }));
}
