import type { JsonObject } from "@narthex/dashboards";
import type { TimeRange } from "../data-source.ts";
import { listAt, numberAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { type BucketAggregation, documentType, type ElasticsearchTarget, isPipeline, type Metric } from "./target.ts";

const DEFAULT_SIZE = 500;
/** Largest number of documents. Elasticsearch itself refuses more by default. */
const MAX_DOCUMENTS = 10_000;
/** Intervals whose length depends on the calendar. */
const CALENDAR = /^1[wMqy]$/;
/** Types of metrics whose settings contain a script. */
const SCRIPTED: ReadonlySet<string> = new Set(["avg", "sum", "min", "max", "bucket_script"]);
/** Settings of metrics that must be numbers. The pages store them as texts. */
const NUMBERS: ReadonlySet<string> = new Set([
  "window",
  "predict",
  "lag",
  "shift",
  "precision_threshold",
  "sigma",
  "size",
  "alpha",
  "beta",
  "gamma",
  "period",
]);

interface SearchContext {
  readonly range: TimeRange;
  readonly timeField: string;
  readonly intervalMs: number;
}

type Body = Record<string, unknown>;

/** Returns the body of a search for a target, as Grafana's server writes it. */
export function searchBody(target: ElasticsearchTarget, context: SearchContext): JsonObject {
  const { range, timeField } = context;
  const query = { bool: { filter: filters(target.query, range, timeField) } };
  const type = documentType(target);
  if (type === undefined) return { size: 0, query, aggs: aggregations(target, context) };
  const { settings } = target.metrics[0]!;
  const order = type === "logs" && textAt(settings, "sortDirection") === "asc" ? "asc" : "desc";
  const wanted = wholeNumber(settings, type === "logs" ? "limit" : "size", DEFAULT_SIZE);
  return {
    size: Math.min(MAX_DOCUMENTS, wanted),
    sort: [{ [timeField]: { order, unmapped_type: "boolean" } }, { _doc: { order } }],
    query,
  };
}

/** Returns the filters of a search: the range, and the query if it is not empty. */
export function filters(query: string, { from, to }: TimeRange, timeField: string): readonly JsonObject[] {
  const range = { range: { [timeField]: { gte: Math.floor(from), lte: Math.floor(to), format: "epoch_millis" } } };
  return query.trim() === "" ? [range] : [range, queryString(query)];
}

const queryString = (query: string): JsonObject => ({ query_string: { analyze_wildcard: true, query } });

/** Returns the nested groups, with the metrics in the innermost one. */
function aggregations({ buckets, metrics }: ElasticsearchTarget, context: SearchContext): JsonObject {
  const root: Body = {};
  let level = root;
  for (const group of buckets) {
    const body = groupBody(group, metrics, context);
    if (body === undefined) continue;
    level[group.id] = body;
    level = (body["aggs"] ??= {}) as Body;
  }
  for (const metric of metrics) {
    const body = metricBody(metric, metrics);
    if (body !== undefined) level[metric.id] = body;
  }
  return withoutEmpty(root);
}

/** Removes empty `aggs`, which Elasticsearch accepts and OpenSearch refuses. */
function withoutEmpty(root: Body): Body {
  for (let level: Body | undefined = root; level !== undefined;) {
    let next: Body | undefined;
    for (const body of Object.values(level) as Body[]) {
      if (body["aggs"] === undefined) continue;
      if (Object.keys(body["aggs"] as Body).length === 0) delete body["aggs"];
      // Only the group of a level has groups or metrics of its own; groups are written before metrics.
      else if (next === undefined) next = body["aggs"] as Body;
    }
    level = next;
  }
  return root;
}

function groupBody(group: BucketAggregation, metrics: readonly Metric[], context: SearchContext): Body | undefined {
  const { type, field, settings } = group;
  switch (type) {
    case "date_histogram":
      return { date_histogram: dateHistogram(group, context) };
    case "histogram":
      return {
        histogram: {
          field,
          interval: numberAt(settings, "interval") || 1000,
          min_doc_count: numberAt(settings, "min_doc_count") ?? 0,
          ...given(settings, "missing", numberAt(settings, "missing")),
        },
      };
    case "terms":
      return terms(group, metrics);
    case "filters": {
      const written = objectsAt(settings, "filters");
      if (written.length === 0) return undefined;
      const named = written.map((one) => {
        const query = textAt(one, "query");
        return [textAt(one, "label") || query, queryString(query || "*")] as const;
      });
      return { filters: { filters: Object.fromEntries(named) } };
    }
    case "geohash_grid":
      return { geohash_grid: { field, precision: wholeNumber(settings, "precision", 3) } };
    default:
      return { nested: { path: field } };
  }
}

function dateHistogram({ field, settings }: BucketAggregation, { range, timeField, intervalMs }: SearchContext): Body {
  const written = textAt(settings, "interval") || "auto";
  const interval = written === "auto" ? `${Math.max(1, Math.floor(intervalMs))}ms` : written;
  const zone = textAt(settings, "timeZone");
  return {
    field: field || timeField,
    [CALENDAR.test(interval) ? "calendar_interval" : "fixed_interval"]: interval,
    min_doc_count: numberAt(settings, "min_doc_count") ?? 0,
    extended_bounds: { min: Math.floor(range.from), max: Math.floor(range.to) },
    format: textAt(settings, "format") || "epoch_millis",
    ...given(settings, "offset", textAt(settings, "offset") || undefined),
    ...given(settings, "missing", textAt(settings, "missing") || undefined),
    ...(zone !== "" && zone !== "utc" && { time_zone: zone }),
  };
}

function terms({ field, settings }: BucketAggregation, metrics: readonly Metric[]): Body {
  const order = textAt(settings, "order") === "asc" ? "asc" : "desc";
  const orderBy = textAt(settings, "orderBy");
  const body: Body = {
    terms: {
      field,
      size: wholeNumber(settings, "size", DEFAULT_SIZE),
      ...given(settings, "min_doc_count", numberAt(settings, "min_doc_count")),
      ...given(settings, "missing", textAt(settings, "missing") || undefined),
      ...(orderBy !== "" && { order: { [orderKey(orderBy, metrics)]: order } }),
    },
  };
  const metric = orderMetric(orderBy, metrics);
  if (metric !== undefined && metric.type !== "count") {
    const sorted = metricBody(metric, metrics);
    if (sorted !== undefined) body["aggs"] = { [metric.id]: sorted };
  }
  return body;
}

/** Returns the metric by which terms are sorted: `1`, or for metrics with several values `1[95.0]`. */
const orderMetric = (orderBy: string, metrics: readonly Metric[]): Metric | undefined => {
  const id = /^\d+/.exec(orderBy)?.[0];
  return metrics.find((metric) => metric.id === id);
};

function orderKey(orderBy: string, metrics: readonly Metric[]): string {
  // Versions before 6 called the key `_term`.
  if (orderBy === "_term") return "_key";
  return orderMetric(orderBy, metrics)?.type === "count" ? "_count" : orderBy;
}

/** Returns a metric's aggregation. Undefined for the number of documents, and for incomplete metrics. */
function metricBody(metric: Metric, metrics: readonly Metric[]): Body | undefined {
  const { type, field } = metric;
  const settings = metricSettings(metric);
  if (type === "count") return undefined;
  if (type === "top_metrics") return { top_metrics: topMetrics(metric.settings) };
  if (!isPipeline(type)) return { [type]: { ...(field !== "" && { field }), ...settings } };
  if (type === "bucket_script") {
    const paths = [...metric.variables].flatMap(([name, id]) => {
      const path = pathOf(id, metrics);
      return path === undefined ? [] : [[name, path] as const];
    });
    return paths.length === 0 ? undefined : { bucket_script: { buckets_path: Object.fromEntries(paths), ...settings } };
  }
  const path = pathOf(metric.source, metrics);
  return path === undefined ? undefined : { [type]: { buckets_path: path, ...settings } };
}

/** Returns the path to the metric with an id, from which a pipeline aggregation computes. */
function pathOf(id: string, metrics: readonly Metric[]): string | undefined {
  const source = metrics.find((metric) => metric.id === id);
  return source === undefined ? undefined : source.type === "count" ? "_count" : id;
}

function metricSettings({ type, settings }: Metric): Body {
  const body = asNumbers(settings);
  if (SCRIPTED.has(type)) {
    const script = textAt(settings, "script") || textAt(objectAt(settings, "script") ?? {}, "inline");
    if (script === "") delete body["script"];
    else body["script"] = script;
  }
  return body;
}

/** Returns settings with numbers instead of texts, also in the settings of a model. Nulls are left out. */
function asNumbers(settings: JsonObject): Body {
  const entries = Object.entries(settings).filter(([key, value]) => key !== "" && value !== null && value !== "");
  const body: Body = Object.fromEntries(
    entries.map(([key, value]) => [key, NUMBERS.has(key) ? (numberAt(settings, key) ?? value) : value]),
  );
  const model = objectAt(settings, "settings");
  if (model !== undefined)
    body["settings"] = Object.fromEntries(
      Object.entries(model).map(([key, value]) => [key, NUMBERS.has(key) ? (numberAt(model, key) ?? value) : value]),
    );
  return body;
}

function topMetrics(settings: JsonObject): Body {
  const orderBy = textAt(settings, "orderBy");
  return {
    metrics: listAt(settings, "metrics")
      .filter((name) => typeof name === "string")
      .map((field) => ({ field })),
    size: 1,
    ...(orderBy !== "" && { sort: [{ [orderBy]: textAt(settings, "order") === "asc" ? "asc" : "desc" }] }),
  };
}

const given = (settings: JsonObject, key: string, value: unknown): Body =>
  Object.hasOwn(settings, key) && value !== undefined ? { [key]: value } : {};

/** Returns a positive whole number of the settings. Zero means the usual number. */
function wholeNumber(settings: JsonObject, key: string, usual: number): number {
  const number = Math.floor(numberAt(settings, key) ?? 0);
  return number > 0 ? number : usual;
}
