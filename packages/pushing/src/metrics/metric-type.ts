/** io.prometheus.client.MetricType, by its numbers on the wire. */
export const COUNTER = 0;
export const GAUGE = 1;
export const SUMMARY = 2;
export const UNTYPED = 3;
export const HISTOGRAM = 4;
export const GAUGE_HISTOGRAM = 5;

/** The types' names in the protobuf schema, which the API and Pushgateway's messages use. */
export const TYPE_NAMES = ["COUNTER", "GAUGE", "SUMMARY", "UNTYPED", "HISTOGRAM", "GAUGE_HISTOGRAM"] as const;

/** The words of the text format. */
export const TYPE_WORDS = ["counter", "gauge", "summary", "untyped", "histogram", "gaugehistogram"] as const;

/** The field of Metric that holds a type's value. */
export const VALUE_FIELDS = [3, 2, 4, 5, 7, 7] as const;

export const isHistogramType = (type: number): boolean => type === HISTOGRAM || type === GAUGE_HISTOGRAM;

/** The label that stands for a part of a metric, not for the metric: text bodies of these types have it on their lines. */
export function partLabel(type: number): string | undefined {
  if (type === SUMMARY) return "quantile";
  return isHistogramType(type) ? "le" : undefined;
}
