import type { JsonObject } from "@narthex/dashboards";
import { asObject, listAt, textAt } from "../../json-values.ts";
import { type AdHocFilter, readTarget } from "../../prometheus/target.ts";

/** A part of a column or of the grouping, such as a field, a function or an alias. */
export interface QueryPart {
  readonly type: string;
  readonly params: readonly string[];
}

/** A condition on a tag or field. */
export interface TagCondition {
  readonly key: string;
  /** Empty for `=`, or `=~` if the value is a regular expression. */
  readonly operator: string;
  readonly value: string;
  /** `AND` or `OR`, or empty for `AND`. Not used by the first condition. */
  readonly condition: string;
}

export type ResultFormat = "time_series" | "table" | "logs";

/** A target in the form in which Grafana's query editor for InfluxDB saves it. */
export interface InfluxqlTarget {
  /** The query as text. If undefined, the other properties describe the query. */
  readonly rawText: string | undefined;
  readonly measurement: string;
  readonly policy: string;
  /** The columns, each with its parts from the inside to the outside. */
  readonly select: readonly (readonly QueryPart[])[];
  readonly tags: readonly TagCondition[];
  readonly groupBy: readonly QueryPart[];
  readonly orderByTime: string;
  readonly limit: string;
  readonly slimit: string;
  readonly timeZone: string;
  readonly resultFormat: ResultFormat;
  readonly alias: string;
  readonly adHocFilters: readonly AdHocFilter[];
}

const DEFAULT_SELECT: readonly (readonly QueryPart[])[] = [
  [
    { type: "field", params: ["value"] },
    { type: "mean", params: [] },
  ],
];
const DEFAULT_GROUPS: readonly QueryPart[] = [
  { type: "time", params: ["$__interval"] },
  { type: "fill", params: ["null"] },
];
/** Largest number of columns, parts of a column, conditions and groups. */
const MAX_PARTS = 200;

/** Reads a target. Values of a wrong type are treated as absent. Absent columns and groups have Grafana's defaults. */
export function readInfluxqlTarget(source: JsonObject): InfluxqlTarget {
  const measurement = textAt(source, "measurement");
  const query = textAt(source, "query");
  const isRaw = query.trim() !== "" && (source["rawQuery"] === true || measurement === "");
  const format = textAt(source, "resultFormat");
  const policy = textAt(source, "policy");
  const select = listAt(source, "select").slice(0, MAX_PARTS);
  return {
    rawText: isRaw ? query : undefined,
    measurement,
    policy: policy === "default" ? "" : policy,
    select:
      select.length === 0 ? DEFAULT_SELECT : select.map((column) => (Array.isArray(column) ? readParts(column) : [])),
    tags: listAt(source, "tags").slice(0, MAX_PARTS).flatMap(readCondition),
    groupBy: Array.isArray(source["groupBy"]) ? readParts(source["groupBy"]) : DEFAULT_GROUPS,
    orderByTime: textAt(source, "orderByTime"),
    limit: textAt(source, "limit"),
    slimit: textAt(source, "slimit"),
    timeZone: textAt(source, "tz"),
    resultFormat: format === "table" || format === "logs" ? format : "time_series",
    alias: textAt(source, "alias"),
    adHocFilters: readTarget(source).adHocFilters,
  };
}

const readParts = (list: readonly unknown[]): readonly QueryPart[] =>
  list.slice(0, MAX_PARTS).flatMap((one) => {
    const part = asObject(one);
    if (part === undefined) return [];
    const params = listAt(part, "params").slice(0, MAX_PARTS);
    return [{ type: textAt(part, "type"), params: params.map((param) => textAt({ param }, "param")) }];
  });

function readCondition(one: unknown): readonly TagCondition[] {
  const tag = asObject(one);
  const key = tag === undefined ? "" : textAt(tag, "key");
  if (tag === undefined || key === "") return [];
  const [operator, value, condition] = ["operator", "value", "condition"].map((name) => textAt(tag, name));
  return [{ key, operator: operator!, value: value!, condition: condition! }];
}
