/** Numbers of io.prometheus.client.MetricType in protobuf. */
export const COUNTER = 0;
export const GAUGE = 1;
export const SUMMARY = 2;
export const UNTYPED = 3;
export const HISTOGRAM = 4;
export const GAUGE_HISTOGRAM = 5;

/**
 * Names of the metric types in the protobuf schema, which the API and Pushgateway's messages use. The index is the
 * type's number.
 */
export const TYPE_NAMES = ["COUNTER", "GAUGE", "SUMMARY", "UNTYPED", "HISTOGRAM", "GAUGE_HISTOGRAM"] as const;

/** Names of the metric types in the text format. The index is the type's number. */
export const TYPE_WORDS = ["counter", "gauge", "summary", "untyped", "histogram", "gaugehistogram"] as const;

/** For each metric type, the number of the field in the protobuf message Metric that contains the value. */
export const VALUE_FIELDS = [3, 2, 4, 5, 7, 7] as const;

export const isHistogramType = (type: number): boolean => type === HISTOGRAM || type === GAUGE_HISTOGRAM;

/**
 * Returns the label that distinguishes the lines of one metric in text bodies: `quantile` for summaries, `le` for
 * histograms. Undefined for other types.
 */
export function partLabel(type: number): string | undefined {
  if (type === SUMMARY) return "quantile";
  return isHistogramType(type) ? "le" : undefined;
}
