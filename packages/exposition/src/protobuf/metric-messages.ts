import { WireError, type WireReader } from "@narthex/bytes";

/** Fields of a message by number: the names that upstream's errors give them. */
export interface MessageFields {
  readonly message: string;
  readonly names: ReadonlyMap<number, string>;
}

const fields = (message: string, names: string): MessageFields => ({
  message,
  names: new Map(names.split(" ").map((name, i) => [i + 1, name] as const)),
});

// io.prometheus.client and google.protobuf.Timestamp; fields are numbered from 1 in this order.
export const METRIC_FAMILY: MessageFields = fields("MetricFamily", "Name Help Type Metric Unit");
export const METRIC: MessageFields = fields("Metric", "Label Gauge Counter Summary Untyped TimestampMs Histogram");
export const LABEL_PAIR: MessageFields = fields("LabelPair", "Name Value");
export const GAUGE: MessageFields = fields("Gauge", "Value");
export const COUNTER: MessageFields = fields("Counter", "Value Exemplar StartTimestamp");
export const UNTYPED: MessageFields = fields("Untyped", "Value");
export const SUMMARY: MessageFields = fields("Summary", "SampleCount SampleSum Quantile StartTimestamp");
export const QUANTILE: MessageFields = fields("Quantile", "Quantile Value");
export const HISTOGRAM: MessageFields = fields(
  "Histogram",
  "SampleCount SampleSum Bucket SampleCountFloat Schema ZeroThreshold ZeroCount ZeroCountFloat NegativeSpan NegativeDelta " +
    "NegativeCount PositiveSpan PositiveDelta PositiveCount StartTimestamp Exemplars",
);
export const BUCKET: MessageFields = fields("Bucket", "CumulativeCount UpperBound Exemplar CumulativeCountFloat");
export const BUCKET_SPAN: MessageFields = fields("BucketSpan", "Offset Length");
export const EXEMPLAR: MessageFields = fields("Exemplar", "Label Value Timestamp");
export const TIMESTAMP: MessageFields = fields("Timestamp", "Seconds Nanos");

/** Passes over a field that the message does not have; one that it has is of the wrong wire type here. Throws WireError. */
export function skipUnknown(wire: WireReader, tag: number, { names }: MessageFields): void {
  const name = names.get(Math.floor(tag / 8));
  if (name !== undefined) throw new WireError(`wrong wireType = ${tag & 7} for field ${name}`);
  wire.skip(tag);
}
