import type { JsonObject } from "@narthex/dashboards";
import { compileCapturing, formatSampleValue, PatternError, quote } from "@narthex/model";
import type { TimeRange, VariableValue } from "../data-source.ts";
import { asObject, listAt, numberAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { ApiCall, PrometheusCalls } from "./prometheus-api.ts";
import { type QueryResult, seriesName } from "./series.ts";

export type VariableQuery =
  | { readonly kind: "label names"; readonly match: string }
  | { readonly kind: "label values"; readonly label: string; readonly match: string }
  | { readonly kind: "metrics"; readonly pattern: string }
  | { readonly kind: "query result"; readonly expr: string }
  | { readonly kind: "series"; readonly match: string }
  | { readonly kind: "nothing" };

const NOTHING: VariableQuery = { kind: "nothing" };
const METRIC_NAME = "__name__";

/** Parses the query of a variable, which is a text in old dashboards and an object in newer ones. */
export function readVariableQuery(query: string | JsonObject): VariableQuery {
  if (typeof query === "string") return readText(query);
  const text = textAt(query, "query") || textAt(query, "classicQuery");
  if (text !== "") return numberAt(query, "qryType") === 4 ? { kind: "series", match: text } : readText(text);
  switch (numberAt(query, "qryType")) {
    case 0: {
      const pattern = textAt(query, "match");
      return { kind: "label names", match: pattern === "" ? "" : nameSelector(pattern) };
    }
    case 1: {
      const label = textAt(query, "label");
      return label === "" ? NOTHING : { kind: "label values", label, match: filteredMetric(query) };
    }
    case 2:
      return { kind: "metrics", pattern: textAt(query, "metric") };
    case 3:
      return { kind: "query result", expr: textAt(query, "varQuery") };
    case 4:
      return { kind: "series", match: textAt(query, "seriesQuery") };
    default:
      return NOTHING;
  }
}

/**
 * Returns a selector such as `metric{a="b"}` for the metric and label filters in an object. Empty if the object has
 * neither.
 */
function filteredMetric(query: JsonObject): string {
  const filters = listAt(query, "labelFilters").flatMap((one) => {
    const filter = asObject(one);
    if (filter === undefined || textAt(filter, "label") === "") return [];
    return [`${textAt(filter, "label")}${textAt(filter, "op") || "="}${quote(textAt(filter, "value"))}`];
  });
  const metric = textAt(query, "metric");
  return filters.length === 0 ? metric : `${metric}{${filters.join(",")}}`;
}

const nameSelector = (pattern: string): string => `{${METRIC_NAME}=~${quote(`.*${pattern}.*`)}}`;

function readText(text: string): VariableQuery {
  const query = text.trim();
  const inside = (call: string): string | undefined =>
    query.startsWith(`${call}(`) && query.endsWith(")") ? query.slice(call.length + 1, -1).trim() : undefined;
  const names = inside("label_names");
  if (names !== undefined) return { kind: "label names", match: names === "" ? "" : nameSelector(names) };
  const values = inside("label_values");
  if (values !== undefined) return readLabelValues(values);
  const metrics = inside("metrics");
  if (metrics !== undefined) return metrics === "" ? NOTHING : { kind: "metrics", pattern: metrics };
  const expr = inside("query_result");
  if (expr !== undefined) return expr === "" ? NOTHING : { kind: "query result", expr };
  return query === "" ? NOTHING : { kind: "series", match: query };
}

/** Parses `label` or `selector, label`. The label is the part after the last comma. */
function readLabelValues(inside: string): VariableQuery {
  const comma = inside.lastIndexOf(",");
  const label = unquoted(inside.slice(comma + 1).trim());
  const match = comma < 0 ? "" : inside.slice(0, comma).trim();
  if (label === "") return NOTHING;
  return { kind: "label values", label, match: match.replaceAll(/\s/g, "") === "{}" ? "" : match };
}

const unquoted = (name: string): string => (/^"[^"\\]+"$/.test(name) ? name.slice(1, -1) : name);

/** Returns the options of a variable in the order in which the server returns them. Throws QueryFailure. */
export async function variableValues(
  api: PrometheusCalls,
  text: string | JsonObject,
  range: TimeRange,
  usesSeriesEndpoint: boolean,
  call: ApiCall,
): Promise<readonly VariableValue[]> {
  const query = readVariableQuery(text);
  switch (query.kind) {
    case "nothing":
      return [];
    case "label names":
      return choices(await api.labelNames(query.match, range, call));
    case "label values": {
      if (!usesSeriesEndpoint || query.match === "")
        return choices(await api.labelValues(query.label, query.match, range, call));
      const found = await api.series(query.match, range, call);
      const values = found.map((labels) => (Object.hasOwn(labels, query.label) ? labels[query.label]! : ""));
      return choices([...new Set(values.filter((value) => value !== ""))]);
    }
    case "metrics":
      return choices((await api.labelValues(METRIC_NAME, "", range, call)).filter(searchOf(query.pattern)));
    case "query result":
      return choices(resultTexts(await api.instant(query.expr, range.to, call)));
    case "series":
      return choices((await api.series(query.match, range, call)).map((labels) => seriesName(labels, ",")));
  }
}

const choices = (texts: readonly string[]): readonly VariableValue[] => texts.map((text) => ({ text, value: text }));

/** Returns a function that reports whether a text contains a match of the pattern. */
function searchOf(pattern: string): (text: string) => boolean {
  try {
    const compiled = compileCapturing(pattern, false);
    return (text) => compiled.test(text);
  } catch (error) {
    if (error instanceof PatternError) throw new QueryFailure(400, `metrics(${pattern}): ${error.message}`);
    throw error;
  }
}

/**
 * Returns the elements of a result as texts such as `metric{label="value"} 1.5 1700000000000`, from which the
 * variable's expression extracts parts.
 */
function resultTexts({ resultType, series, text }: QueryResult): readonly string[] {
  if (resultType === "string") return text === undefined ? [] : [text.value];
  if (resultType === "scalar") return series.map(({ values }) => formatSampleValue(values[0]!));
  return series
    .filter(({ times }) => times.length > 0)
    .map(({ labels, times, values }) => {
      const name = seriesName(labels, ",");
      return `${name.endsWith("}") ? name : `${name}{}`} ${formatSampleValue(values.at(-1)!)} ${times.at(-1)}`;
    });
}
