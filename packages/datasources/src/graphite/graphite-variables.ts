import { type JsonObject, splitArguments } from "@narthex/dashboards";
import type { TimeRange, VariableValue } from "../data-source.ts";
import { objectAt, textAt } from "../json-values.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { MAX_OPTIONS } from "../sql/sql-answers.ts";
import { type GraphiteApi, withRange } from "./graphite-api.ts";
import { readFound, readTexts } from "./read-graphite.ts";

/** Largest number of tags or values that the server is asked for. */
const MAX_TAG_VALUES = 10_000;

/** A query of a variable, and whether the options are the names of the whole paths or of their last part. */
interface VariableQuery {
  readonly text: string;
  readonly type: "Default" | "Value" | "Metric Name";
}

/** Reads the query of a variable, which is a text in old dashboards and an object in newer ones. */
export function readVariable(query: string | JsonObject): VariableQuery {
  if (typeof query === "string") return { text: query.trim(), type: "Default" };
  const inner = objectAt(query, "query") ?? query;
  const type = textAt(inner, "queryType");
  const text = (textAt(inner, "query") || textAt(inner, "target")).trim();
  return { text, type: type === "Value" || type === "Metric Name" ? type : "Default" };
}

/** Returns the options of `tags(…)`, `tag_values(…)`, `expand(…)` or a path with wildcards. */
export async function graphiteOptions(
  api: GraphiteApi,
  text: string,
  range: TimeRange,
  call: ApiCall,
): Promise<readonly VariableValue[]> {
  const wanted = text.replaceAll("$__searchFilter", "*");
  const texts = await foundTexts(api, wanted, range, call);
  return [...new Set(texts)].map((one) => ({ text: one, value: one }));
}

async function foundTexts(api: GraphiteApi, text: string, range: TimeRange, call: ApiCall): Promise<readonly string[]> {
  const values = argumentsOf(text, "tag_values");
  const tags = values ?? argumentsOf(text, "tags");
  if (tags !== undefined) {
    const [first = "", ...others] = tags;
    const parameters = withRange(new URLSearchParams({ limit: String(MAX_TAG_VALUES) }), range);
    if (values !== undefined) parameters.set("tag", first);
    for (const expression of values === undefined ? tags : others)
      if (expression !== "") parameters.append("expr", expression);
    const path = values === undefined ? "/tags/autoComplete/tags" : "/tags/autoComplete/values";
    const bytes = await api.send("GET", path, parameters, call);
    return api.read(readTexts(bytes, MAX_OPTIONS));
  }
  const expanded = argumentsOf(text, "expand");
  const parameters = withRange(new URLSearchParams({ query: expanded?.join(",") ?? text }), range);
  if (expanded === undefined) {
    const bytes = await api.send("POST", "/metrics/find", parameters, call);
    return api.read(readFound(bytes, MAX_OPTIONS));
  }
  const bytes = await api.send("GET", "/metrics/expand", parameters, call);
  return api.read(readTexts(bytes, MAX_OPTIONS, "results"));
}

/** Returns the arguments of a call without quotes, or undefined if the text is not a call of the function. */
function argumentsOf(text: string, name: string): readonly string[] | undefined {
  if (!text.startsWith(`${name}(`) || !text.endsWith(")")) return undefined;
  return splitArguments(text.slice(name.length + 1, -1)).map((one) => {
    const part = one.trim();
    const quote = part[0];
    const isQuoted = part.length >= 2 && (quote === "'" || quote === '"') && part.endsWith(quote);
    return isQuoted ? part.slice(1, -1) : part;
  });
}
