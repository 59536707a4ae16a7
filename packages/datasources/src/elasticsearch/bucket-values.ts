import type { JsonObject } from "@narthex/dashboards";
import { asObject, listAt, numberAt, objectAt, objectsAt, textAt, textsAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { Metric } from "./target.ts";

/** A value of a metric in a bucket. */
export interface MetricValue {
  /** Type of the metric; for percentiles and statistics the name of the value. */
  readonly type: string;
  readonly field: string;
  /** Undefined if the bucket has no such value. */
  readonly value: number | undefined;
}

/** The statistics of `extended_stats` that a query can show. */
const STATISTICS: ReadonlySet<string> = new Set([
  "count",
  "min",
  "max",
  "avg",
  "sum",
  "sum_of_squares",
  "variance",
  "variance_population",
  "variance_sampling",
  "std_deviation",
  "std_deviation_population",
  "std_deviation_sampling",
  "std_deviation_bounds_upper",
  "std_deviation_bounds_lower",
]);

/** Returns the values of a metric in a bucket: several for percentiles, statistics and top metrics. */
export function metricValues(metric: Metric, bucket: JsonObject): readonly MetricValue[] {
  const { type, field, id, settings } = metric;
  const result = objectAt(bucket, id) ?? {};
  switch (type) {
    case "count":
      return [{ type, field: "", value: numberAt(bucket, "doc_count") }];
    case "percentiles": {
      const values = objectAt(result, "values") ?? {};
      return Object.keys(values)
        .filter((name) => !name.endsWith("_as_string"))
        .sort()
        .map((name) => ({ type: `p${name}`, field, value: numberAt(values, name) }));
    }
    case "extended_stats":
      return shownStatistics(metric).map((name) => ({ type: name, field, value: statistic(result, name) }));
    case "top_metrics": {
      const top = objectAt(objectsAt(result, "top")[0] ?? {}, "metrics") ?? {};
      return textsAt(settings, "metrics").map((name) => ({ type, field: name, value: numberAt(top, name) }));
    }
    default: {
      const key = Object.hasOwn(result, "normalized_value") ? "normalized_value" : "value";
      return [{ type, field, value: numberAt(result, key) }];
    }
  }
}

const shownStatistics = ({ meta }: Metric): readonly string[] =>
  Object.keys(meta)
    .filter((name) => STATISTICS.has(name) && meta[name] === true)
    .sort();

function statistic(result: JsonObject, name: string): number | undefined {
  const bounds = objectAt(result, "std_deviation_bounds") ?? {};
  if (name === "std_deviation_bounds_upper") return numberAt(bounds, "upper");
  if (name === "std_deviation_bounds_lower") return numberAt(bounds, "lower");
  return numberAt(result, name);
}

/** A bucket of a group, with its key as text and as it was sent. */
export interface Bucket {
  readonly key: string;
  readonly value: string | number;
  readonly content: JsonObject;
}

/** Largest number of filters of a group, whose buckets are sorted by name. */
const MAX_FILTERS = 10_000;

/**
 * Returns the buckets of a group one after the other, because they may be very many. Groups of filters have an object
 * instead of a list. Throws QueryFailure for too many filters.
 */
export function* bucketsOf(group: JsonObject): Generator<Bucket> {
  const named = objectAt(group, "buckets");
  const names = Object.keys(named ?? {});
  if (names.length > MAX_FILTERS)
    throw new QueryFailure(422, `a group of the answer has more than ${MAX_FILTERS} filters; ask for fewer`);
  for (const key of names.sort()) {
    const content = objectAt(named!, key);
    if (content !== undefined) yield { key, value: key, content };
  }
  for (const entry of listAt(group, "buckets")) {
    const content = asObject(entry);
    if (content === undefined) continue;
    const value = content["key"];
    const isKnown = typeof value === "string" || typeof value === "number";
    const key = textAt(content, "key_as_string") || textAt(content, "key");
    yield { key, value: isKnown ? value : key, content };
  }
}
