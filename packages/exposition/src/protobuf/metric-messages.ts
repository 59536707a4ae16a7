import { type MessageFields, messageFields, WireError } from "@narthex/bytes";

/**
 * Maximum number of labels, buckets, spans, quantiles or exemplars of one metric. A histogram of the finest schema has
 * fewer buckets. The limit of the body's size is not enough, because gzip shrinks a list of zeros a thousandfold.
 */
const MAX_ELEMENTS = 1_000_000;

export function checkCount(count: number, what: string): void {
  if (count > MAX_ELEMENTS) throw new WireError(`more than ${MAX_ELEMENTS} ${what} in one metric`);
}

// Field names of messages in io.prometheus.client and google.protobuf.Timestamp. Fields are numbered from 1 in this
// order.
export const METRIC_FAMILY: MessageFields = messageFields("MetricFamily", "Name Help Type Metric Unit");
export const METRIC: MessageFields = messageFields(
  "Metric",
  "Label Gauge Counter Summary Untyped TimestampMs Histogram",
);
export const LABEL_PAIR: MessageFields = messageFields("LabelPair", "Name Value");
export const GAUGE: MessageFields = messageFields("Gauge", "Value");
export const COUNTER: MessageFields = messageFields("Counter", "Value Exemplar StartTimestamp");
export const UNTYPED: MessageFields = messageFields("Untyped", "Value");
export const SUMMARY: MessageFields = messageFields("Summary", "SampleCount SampleSum Quantile StartTimestamp");
export const QUANTILE: MessageFields = messageFields("Quantile", "Quantile Value");
export const HISTOGRAM: MessageFields = messageFields(
  "Histogram",
  "SampleCount SampleSum Bucket SampleCountFloat Schema ZeroThreshold ZeroCount ZeroCountFloat NegativeSpan NegativeDelta " +
    "NegativeCount PositiveSpan PositiveDelta PositiveCount StartTimestamp Exemplars",
);
export const BUCKET: MessageFields = messageFields(
  "Bucket",
  "CumulativeCount UpperBound Exemplar CumulativeCountFloat",
);
export const BUCKET_SPAN: MessageFields = messageFields("BucketSpan", "Offset Length");
export const EXEMPLAR: MessageFields = messageFields("Exemplar", "Label Value Timestamp");
export const TIMESTAMP: MessageFields = messageFields("Timestamp", "Seconds Nanos");
