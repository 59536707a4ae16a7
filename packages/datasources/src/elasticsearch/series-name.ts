import type { Labels } from "@narthex/dashboards";
import { textAt } from "../json-values.ts";
import { type ElasticsearchTarget, isPipeline, type Metric } from "./target.ts";

/** Names of metrics in legends and column headers, as in Grafana. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["count", "Count"],
  ["avg", "Average"],
  ["sum", "Sum"],
  ["max", "Max"],
  ["min", "Min"],
  ["extended_stats", "Extended Stats"],
  ["percentiles", "Percentiles"],
  ["cardinality", "Unique Count"],
  ["moving_avg", "Moving Average"],
  ["moving_fn", "Moving Function"],
  ["cumulative_sum", "Cumulative Sum"],
  ["derivative", "Derivative"],
  ["serial_diff", "Serial Difference"],
  ["bucket_script", "Bucket Script"],
  ["rate", "Rate"],
  ["top_metrics", "Top Metrics"],
  ["std_deviation", "Std Dev"],
  ["std_deviation_bounds_upper", "Std Dev Upper"],
  ["std_deviation_bounds_lower", "Std Dev Lower"],
]);

/** Largest length of the name of a series. An alias is part of the name of each series. */
const MAX_NAME = 1000;

export const metricName = (type: string): string => NAMES.get(type) ?? type;

/** A series of an answer: the metric, and the keys of the groups in which it was computed. */
export interface SeriesIdentity {
  readonly metric: Metric;
  /** Type of the metric; for percentiles and statistics the name of the value, such as `p95.0`. */
  readonly type: string;
  readonly field: string;
  readonly labels: Labels;
}

/**
 * Returns the name of a series, as Grafana's server does. Very long names are cut.
 * @param metricTypes number of different types of metrics in the answer
 */
export const seriesName = (identity: SeriesIdentity, target: ElasticsearchTarget, metricTypes: number): string =>
  completeName(identity, target, metricTypes).slice(0, MAX_NAME);

function completeName(identity: SeriesIdentity, target: ElasticsearchTarget, metricTypes: number): string {
  const { labels, field, type } = identity;
  const name = metricName(type);
  if (target.alias !== "") return fillAlias(target.alias.slice(0, MAX_NAME), { ...identity, name });
  const described = describeSeries(identity, target);
  const values = Object.keys(labels)
    .sort()
    .map((key) => labels[key]!);
  if (values.length === 0) return described;
  const joined = values.join(" ").trim();
  return metricTypes === 1 ? joined : `${joined} ${described}`;

  function describeSeries({ metric }: SeriesIdentity, { metrics }: ElasticsearchTarget): string {
    if (!isPipeline(type)) return field === "" ? name : `${name} ${field}`;
    if (type === "bucket_script") return describeScript(metric, metrics);
    const source = metrics.find(({ id }) => id === metric.source);
    return source === undefined ? "Unset" : `${name} ${describeMetric(source)}`;
  }
}

const describeMetric = ({ type, field }: Metric): string =>
  type === "count" ? metricName(type) : `${metricName(type)} ${field.slice(0, MAX_NAME)}`;

/** Returns a script with the descriptions of the metrics instead of its parameters. */
function describeScript({ settings, variables }: Metric, metrics: readonly Metric[]): string {
  const script = textAt(settings, "script").slice(0, MAX_NAME);
  // In one pass, because a description could contain the names of other parameters.
  return script.replaceAll(PARAMETER, (written, name: string) => {
    const source = metrics.find((metric) => metric.id === variables.get(name));
    return source === undefined ? written : describeMetric(source);
  });
}

const PARAMETER = /params\.(\w{1,200})/g;
const PATTERN = /\{\{([^{}]{1,200})\}\}/g;

/** Replaces `{{metric}}`, `{{field}}`, `{{name}}` and `{{term name}}` in an alias. Other patterns stay unchanged. */
function fillAlias(alias: string, { name, field, labels }: SeriesIdentity & { readonly name: string }): string {
  const labelOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return alias.replaceAll(PATTERN, (whole, inside: string) => {
    if (inside.startsWith("term ")) return labelOf(inside.slice("term ".length)) ?? "";
    if (inside === "metric") return name;
    if (inside === "field") return field;
    return labelOf(inside) ?? whole;
  });
}
