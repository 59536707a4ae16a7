import type { JsonObject } from "@narthex/dashboards";
import { flagAt, listAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { type AdHocFilter, readTarget } from "../prometheus/target.ts";
import { QueryFailure } from "../query-failure.ts";

/** A metric of a query: a number that is computed for each bucket, or the documents themselves. */
export interface Metric {
  readonly id: string;
  readonly type: string;
  readonly field: string;
  readonly isHidden: boolean;
  readonly settings: JsonObject;
  /** Statistics of `extended_stats` that are shown, by name. */
  readonly meta: JsonObject;
  /** Id of the metric from which a pipeline aggregation computes. */
  readonly source: string;
  /** Ids of the metrics that a bucket script reads, by the name of the parameter. */
  readonly variables: ReadonlyMap<string, string>;
}

/** A level of grouping. */
export interface BucketAggregation {
  readonly id: string;
  readonly type: string;
  readonly field: string;
  readonly settings: JsonObject;
}

/** A target in the form in which Grafana's query editor for Elasticsearch saves it. */
export interface ElasticsearchTarget {
  /** Query in the syntax of Lucene, with ad hoc filters. Empty for all documents. */
  readonly query: string;
  readonly alias: string;
  readonly metrics: readonly Metric[];
  readonly buckets: readonly BucketAggregation[];
}

const COUNT: Metric = {
  id: "1",
  type: "count",
  field: "",
  isHidden: false,
  settings: {},
  meta: {},
  source: "",
  variables: new Map(),
};

const DOCUMENTS: ReadonlySet<string> = new Set(["raw_data", "raw_document", "logs"]);
const METRICS: ReadonlySet<string> = new Set([
  "count",
  "avg",
  "sum",
  "min",
  "max",
  "extended_stats",
  "percentiles",
  "cardinality",
  "rate",
  "top_metrics",
  "derivative",
  "moving_avg",
  "moving_fn",
  "cumulative_sum",
  "serial_diff",
  "bucket_script",
  ...DOCUMENTS,
]);
const BUCKETS: ReadonlySet<string> = new Set([
  "date_histogram",
  "histogram",
  "terms",
  "filters",
  "geohash_grid",
  "nested",
]);
/** Metrics that compute from other metrics. */
const PIPELINES: ReadonlySet<string> = new Set([
  "derivative",
  "moving_avg",
  "moving_fn",
  "cumulative_sum",
  "serial_diff",
  "bucket_script",
]);
/** Largest number of metrics, of levels of grouping, and of entries in the lists of a metric. */
const MAX_PARTS = 50;

export const isPipeline = (type: string): boolean => PIPELINES.has(type);

/** Returns the type of the documents that a target asks for, or undefined if it asks for metrics. */
export function documentType({ metrics }: ElasticsearchTarget): "raw_data" | "raw_document" | "logs" | undefined {
  const type = metrics[0]!.type;
  return DOCUMENTS.has(type) ? (type as "raw_data" | "raw_document" | "logs") : undefined;
}

/**
 * Reads a target. A target without metrics and groups counts documents over time. Throws QueryFailure for types of
 * metrics and groups that do not exist.
 */
export function readElasticsearchTarget(source: JsonObject): ElasticsearchTarget {
  // Without this refusal, the answer would count documents, because the query for traces has no metrics.
  if (textAt(source, "luceneQueryType") === "Traces")
    throw new QueryFailure(400, "traces of OpenSearch are not supported; choose metrics, logs or raw data");
  const metrics = objectsAt(source, "metrics").map(readMetric);
  const buckets = objectsAt(source, "bucketAggs").map(readBuckets);
  for (const { type } of metrics) checkType("metric", type, METRICS);
  for (const { type } of buckets) checkType("group", type, BUCKETS);
  if (metrics.length > MAX_PARTS || buckets.length > MAX_PARTS)
    throw new QueryFailure(400, `the query has more than ${MAX_PARTS} metrics or groups`);
  for (const { variables, settings } of metrics)
    if (variables.size > MAX_PARTS || listAt(settings, "metrics").length > MAX_PARTS)
      throw new QueryFailure(400, `a metric of the query names more than ${MAX_PARTS} other metrics or fields`);
  checkGroups(buckets);
  const isAbsent = metrics.length === 0 && buckets.length === 0;
  const histogram = { id: "2", type: "date_histogram", field: "", settings: { interval: "auto" } };
  const target = {
    query: withFilters(textAt(source, "query"), readTarget(source).adHocFilters),
    alias: textAt(source, "alias"),
    metrics: metrics.length === 0 ? [COUNT] : metrics,
    buckets: isAbsent ? [histogram] : buckets,
  };
  if (target.buckets.length === 0 && documentType(target) === undefined)
    throw new QueryFailure(400, "invalid query, missing metrics and aggregations");
  return target;
}

/** Throws QueryFailure if two groups have the same id. At each level of an answer, the groups are found by their ids. */
function checkGroups(groups: readonly BucketAggregation[]): void {
  const ids = new Set<string>();
  for (const { id } of groups) {
    if (ids.has(id)) throw new QueryFailure(400, `two groups have the id "${id.slice(0, 50)}"; give each its own`);
    ids.add(id);
  }
}

function readMetric(metric: JsonObject): Metric {
  const variables = objectsAt(metric, "pipelineVariables").map(
    (one) => [textAt(one, "name"), textAt(one, "pipelineAgg")] as const,
  );
  return {
    id: textAt(metric, "id"),
    type: textAt(metric, "type"),
    field: textAt(metric, "field"),
    isHidden: flagAt(metric, "hide") === true,
    settings: objectAt(metric, "settings") ?? {},
    meta: objectAt(metric, "meta") ?? {},
    source: textAt(metric, "field") || textAt(metric, "pipelineAgg"),
    variables: new Map(variables),
  };
}

const readBuckets = (group: JsonObject): BucketAggregation => ({
  id: textAt(group, "id"),
  type: textAt(group, "type"),
  field: textAt(group, "field"),
  settings: objectAt(group, "settings") ?? {},
});

function checkType(what: string, type: string, known: ReadonlySet<string>): void {
  if (known.has(type)) return;
  throw new QueryFailure(
    400,
    `${what} type "${type.slice(0, 50)}" is not supported; types are ${[...known].join(", ")}`,
  );
}

/** Adds ad hoc filters to a query in the syntax of Lucene. Throws QueryFailure for an operator that does not exist. */
function withFilters(query: string, filters: readonly AdHocFilter[]): string {
  const texts = filters.filter(({ key }) => key !== "").map(filterText);
  if (texts.length === 0) return query;
  return [...(query.trim() === "" ? [] : [`(${query})`]), ...texts].join(" AND ");
}

function filterText({ key, operator, value, values }: AdHocFilter): string {
  const field = key
    .replaceAll("\\", "\\\\")
    .replaceAll(":", "\\:")
    .replaceAll(/[\s()"]/g, "\\$&");
  switch (operator) {
    case "=":
      return `${field}:${quoted(value)}`;
    case "!=":
      return `-${field}:${quoted(value)}`;
    case "=~":
      return `${field}:/${value.replaceAll("/", "\\/")}/`;
    case "!~":
      return `-${field}:/${value.replaceAll("/", "\\/")}/`;
    case ">":
    case "<":
      return `${field}:${operator}${quoted(value)}`;
    case "=|":
    case "!=|": {
      const listed = values.length > 0 ? values : [value];
      return `${operator === "=|" ? "" : "-"}${field}:(${listed.map(quoted).join(" OR ")})`;
    }
  }
  throw new QueryFailure(400, `filter on ${key}: operator "${operator}" is not one of =, !=, =~, !~, =|, !=|, < and >`);
}

const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
