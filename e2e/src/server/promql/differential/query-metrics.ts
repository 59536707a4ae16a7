/** Kind of a metric, by which queries choose suitable functions. */
export type MetricKind = "counter" | "gauge" | "odd" | "classic" | "native" | "info";

/** A metric of `query-series.ts`, with the labels that a query may use. */
export interface Metric {
  readonly name: string;
  readonly kind: MetricKind;
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

const instance = ["a:80", "b:80", "c:80"];
const metric = (name: string, kind: MetricKind, labels: Metric["labels"]): Metric => ({ name, kind, labels });

export const METRICS: readonly Metric[] = [
  metric("requests_total", "counter", { instance, code: ["200", "404", "500"] }),
  metric("errors_total", "counter", { instance }),
  metric("duration_seconds_count", "counter", { instance: instance.slice(0, 2) }),
  metric("duration_seconds_sum", "counter", { instance: instance.slice(0, 2) }),
  metric("temperature", "gauge", { instance, room: ["attic", "cellar 1", "cellar 10", "cellar 2"] }),
  metric("queue", "gauge", { instance }),
  metric("limit", "gauge", { instance }),
  metric("moment", "gauge", { instance }),
  metric("sparse", "gauge", { instance }),
  metric("flapping", "gauge", { instance }),
  metric("odd", "odd", {
    kind: ["nan", "inf", "-inf", "mixed", "holes", "huge", "tiny", "zero", "precise", "cancelling"],
  }),
  metric("duration_seconds_bucket", "classic", { instance: instance.slice(0, 2), le: ["0.1", "+Inf"] }),
  metric("damaged_bucket", "classic", { how: ["falls", "open", "unread", "twice", "empty"] }),
  metric("target_info", "info", { instance: instance.slice(0, 2), version: ["1.0", "1.1"] }),
  metric("build_info", "info", { instance }),
  metric("latency_seconds", "native", {
    instance: instance.slice(0, 2),
    of: ["whole", "float", "coarse", "changing", "ending"],
  }),
  metric("sizes", "native", { instance: instance.slice(0, 2) }),
  metric("custom_seconds", "native", { instance: instance.slice(0, 2) }),
  metric("custom_other", "native", { instance: ["a:80"] }),
  metric("unknown_sum", "native", { instance: ["a:80"] }),
  metric("both_kinds", "native", { instance: instance.slice(0, 2) }),
  metric("clash", "native", { instance: ["a:80"] }),
];

/** A metric name that is not an identifier, so queries must write it in braces and quotes. */
export const UTF8_METRIC = "températures.°C";

/**
 * Labels of some metrics, by which queries group and match. The last names are labels of no metric, or are missing in
 * the result of a selector.
 */
export const GROUPING_LABELS: readonly string[] = [
  "instance",
  "job",
  "code",
  "room",
  "kind",
  "le",
  "of",
  "version",
  "__name__",
  "nope",
  '"a.b"',
];
