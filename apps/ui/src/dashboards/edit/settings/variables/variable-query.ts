import { isObject, type JsonObject } from "@narthex/dashboards";

/** The types of variable queries at a Prometheus data source. `text` is a query of another form. */
export type VariableQueryKind = "label values" | "label names" | "metrics" | "query result" | "text";

/** The parts of a variable's query, such as `label_values(up, instance)`. */
export interface VariableQueryParts {
  readonly kind: VariableQueryKind;
  /** The label of `label_values`. */
  readonly label: string;
  /** The selector of `label_values`, the pattern of `label_names` and `metrics`, or the expression of `query_result`. */
  readonly inside: string;
}

const FUNCTIONS = {
  "label values": "label_values",
  "label names": "label_names",
  metrics: "metrics",
  "query result": "query_result",
} as const;

type FunctionKind = keyof typeof FUNCTIONS;
const KINDS = Object.keys(FUNCTIONS) as readonly FunctionKind[];

/** Parses the text of a variable's query. An empty text asks for the values of a label that is not chosen yet. */
export function variableQueryParts(text: string): VariableQueryParts {
  const query = text.trim();
  if (query === "") return { kind: "label values", label: "", inside: "" };
  const kind = KINDS.find((one) => query.startsWith(`${FUNCTIONS[one]}(`) && query.endsWith(")"));
  if (kind === undefined) return { kind: "text", label: "", inside: query };
  const inside = query.slice(FUNCTIONS[kind].length + 1, -1).trim();
  if (kind !== "label values") return { kind, label: "", inside };
  const comma = inside.lastIndexOf(",");
  return { kind, label: inside.slice(comma + 1).trim(), inside: comma < 0 ? "" : inside.slice(0, comma).trim() };
}

/** Writes the text of a variable's query. */
export function variableQueryText({ kind, label, inside }: VariableQueryParts): string {
  if (kind === "text") return inside;
  if (kind !== "label values") return `${FUNCTIONS[kind]}(${inside})`;
  return inside === "" ? `label_values(${label})` : `label_values(${inside}, ${label})`;
}

/** Returns the text of a variable's query in the dashboard's JSON: a text, or an object of a newer Grafana. */
export function storedQueryText(query: unknown): string {
  if (typeof query === "string") return query;
  if (!isObject(query)) return "";
  const textAt = (name: string): string => (typeof query[name] === "string" ? query[name] : "");
  const text = textAt("query") || textAt("classicQuery");
  if (text !== "") return text;
  switch (query["qryType"]) {
    case 0:
      return variableQueryText({ kind: "label names", label: "", inside: textAt("match") });
    case 1:
      return variableQueryText({ kind: "label values", label: textAt("label"), inside: selectorOf(query) });
    case 2:
      return variableQueryText({ kind: "metrics", label: "", inside: textAt("metric") });
    case 3:
      return variableQueryText({ kind: "query result", label: "", inside: textAt("varQuery") });
    default:
      return textAt("seriesQuery");
  }
}

/** Returns the selector of a metric with label filters in an object. */
function selectorOf({ metric, labelFilters }: JsonObject): string {
  const filters = (Array.isArray(labelFilters) ? labelFilters : []).flatMap((one: unknown) =>
    isObject(one) && typeof one["label"] === "string" && typeof one["value"] === "string"
      ? [`${one["label"]}${typeof one["op"] === "string" ? one["op"] : "="}${JSON.stringify(one["value"])}`]
      : [],
  );
  const name = typeof metric === "string" ? metric : "";
  return filters.length === 0 ? name : `${name}{${filters.join(",")}}`;
}
