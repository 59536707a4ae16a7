import type { JsonObject } from "@narthex/dashboards";
import type { TimeRange, VariableValue } from "../data-source.ts";
import { asObject, numberAt, objectAt, textAt, textsAt } from "../json-values.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { QueryFailure } from "../query-failure.ts";
import { checkSearch } from "./aggregation-frames.ts";
import { bucketsOf } from "./bucket-values.ts";
import { type ElasticsearchApi, reasonOfError } from "./elasticsearch-api.ts";
import { filters } from "./search-body.ts";

const DEFAULT_SIZE = 500;
/** Largest number of options. Elasticsearch itself refuses more buckets by default. */
const MAX_OPTIONS = 65_536;

/** Types of fields by the type in the query of a variable. */
const FIELD_TYPES: Readonly<Record<string, ReadonlySet<string>>> = {
  number: new Set([
    "float",
    "double",
    "integer",
    "long",
    "byte",
    "short",
    "unsigned_long",
    "half_float",
    "scaled_float",
  ]),
  date: new Set(["date", "date_nanos"]),
  string: new Set(["keyword", "text", "string"]),
};

type Ask = (api: ElasticsearchApi, call: ApiCall) => Promise<readonly VariableValue[]>;

/** Returns the request for a variable, or undefined for an empty query. Throws QueryFailure for other queries. */
export function elasticsearchVariable(
  query: string | JsonObject,
  range: TimeRange,
  timeField: string,
): Ask | undefined {
  const written = typeof query === "string" ? parsed(query) : nested(query);
  if (written === undefined) return undefined;
  switch (textAt(written, "find")) {
    case "terms":
      return (api, call) => terms(written, { range, timeField }, api, call);
    case "fields":
      return (api, call) => fields(textsAt(written, "type"), textAt(written, "type"), range, api, call);
  }
  throw new QueryFailure(400, 'the variable\'s query has no "find" with the value "terms" or "fields"');
}

/** Newer dashboards keep the text in the property `query` of an object. */
function nested(query: JsonObject): JsonObject | undefined {
  return textAt(query, "find") === "" ? parsed(textAt(query, "query")) : query;
}

function parsed(text: string): JsonObject | undefined {
  if (text.trim() === "") return undefined;
  try {
    const object = asObject(JSON.parse(text));
    if (object !== undefined) return object;
  } catch {
    // Falls through to the message.
  }
  throw new QueryFailure(
    400,
    'the variable\'s query is not JSON; write for example {"find": "terms", "field": "host"}',
  );
}

async function terms(
  written: JsonObject,
  { range, timeField }: { readonly range: TimeRange; readonly timeField: string },
  api: ElasticsearchApi,
  call: ApiCall,
): Promise<readonly VariableValue[]> {
  const field = textAt(written, "field");
  if (field === "") throw new QueryFailure(400, 'the variable\'s query has no "field"');
  const order = textAt(written, "order");
  const orderBy = textAt(written, "orderBy");
  const byCount = orderBy === "doc_count";
  const isKey = orderBy === "" || orderBy === "key" || orderBy === "term";
  const body: JsonObject = {
    size: 0,
    query: { bool: { filter: filters(textAt(written, "query"), range, timeField) } },
    aggs: {
      1: {
        terms: {
          field,
          size: Math.min(MAX_OPTIONS, numberAt(written, "size") || DEFAULT_SIZE),
          order: {
            [byCount ? "_count" : isKey ? "_key" : orderBy]:
              order === "asc" || order === "desc" ? order : byCount ? "desc" : "asc",
          },
        },
      },
    },
  };
  const [response] = await api.searches([body], range, call);
  checkSearch(response!, reasonOfError);
  const group = objectAt(objectAt(response!, "aggregations") ?? {}, "1") ?? {};
  return [...bucketsOf(group)].map(({ key, value }) => ({ text: key, value: String(value) }));
}

async function fields(
  types: readonly string[],
  type: string,
  range: TimeRange,
  api: ElasticsearchApi,
  call: ApiCall,
): Promise<readonly VariableValue[]> {
  const wanted = type === "" ? types : [type];
  const fits = (found: readonly string[]): boolean =>
    wanted.length === 0 ||
    wanted.some((one) =>
      Object.hasOwn(FIELD_TYPES, one) ? found.some((name) => FIELD_TYPES[one]!.has(name)) : found.includes(one),
    );
  const found = await api.fieldTypes("*", range, call);
  return [...found]
    .filter(([name, kinds]) => !name.startsWith("_") && fits(kinds))
    .slice(0, MAX_OPTIONS)
    .map(([name]) => ({ text: name, value: name }));
}
