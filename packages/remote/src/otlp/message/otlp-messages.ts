import { type MessageFields, messageFields } from "@narthex/bytes";

/**
 * Encoding of a protobuf field's value. Numbers of the `packed` types may also be written one by one, each with its
 * tag.
 */
export type FieldType =
  | "varint"
  | "fixed64"
  | "bytes"
  | "packed varint"
  | "packed fixed64"
  | "trace id"
  | "span id"
  | OtlpMessage;

/** Describes the fields of one OTLP protobuf message, by field number. */
export interface OtlpMessage {
  readonly fields: MessageFields;
  readonly types: ReadonlyMap<number, FieldType>;
}

/**
 * Creates the description of one OTLP protobuf message.
 * @param names field names separated by spaces, "-" for a number without a field
 * @param types types of the fields
 */
function message(name: string, names: string, types: readonly FieldType[]): OtlpMessage {
  const fields = messageFields(name, names);
  const numbers = [...fields.names.keys()];
  return { fields, types: new Map(types.map((type, i) => [numbers[i]!, type])) };
}

const values: Map<number, FieldType> = new Map();
/** The OTLP message AnyValue, which may be a list or a map of AnyValue messages. */
export const ANY_VALUE: OtlpMessage = {
  fields: messageFields("AnyValue", "StringValue BoolValue IntValue DoubleValue ArrayValue KvlistValue BytesValue"),
  types: values,
};
export const KEY_VALUE: OtlpMessage = message("KeyValue", "Key Value", ["bytes", ANY_VALUE]);
export const ARRAY_VALUE: OtlpMessage = message("ArrayValue", "Values", [ANY_VALUE]);
export const KEY_VALUE_LIST: OtlpMessage = message("KeyValueList", "Values", [KEY_VALUE]);
const VALUE_TYPES: readonly FieldType[] = [
  "bytes",
  "varint",
  "varint",
  "fixed64",
  ARRAY_VALUE,
  KEY_VALUE_LIST,
  "bytes",
];
for (const [i, type] of VALUE_TYPES.entries()) values.set(i + 1, type);

export const RESOURCE: OtlpMessage = message("Resource", "Attributes DroppedAttributesCount", [KEY_VALUE, "varint"]);
export const SCOPE: OtlpMessage = message("InstrumentationScope", "Name Version Attributes DroppedAttributesCount", [
  "bytes",
  "bytes",
  KEY_VALUE,
  "varint",
]);
export const EXEMPLAR: OtlpMessage = message(
  "Exemplar",
  "- TimeUnixNano AsDouble SpanId TraceId AsInt FilteredAttributes",
  ["fixed64", "fixed64", "span id", "trace id", "fixed64", KEY_VALUE],
);
export const NUMBER_POINT: OtlpMessage = message(
  "NumberDataPoint",
  "- StartTimeUnixNano TimeUnixNano AsDouble Exemplars AsInt Attributes Flags",
  ["fixed64", "fixed64", "fixed64", EXEMPLAR, "fixed64", KEY_VALUE, "varint"],
);
export const HISTOGRAM_POINT: OtlpMessage = message(
  "HistogramDataPoint",
  "- StartTimeUnixNano TimeUnixNano Count Sum BucketCounts ExplicitBounds Exemplars Attributes Flags Min Max",
  [
    "fixed64",
    "fixed64",
    "fixed64",
    "fixed64",
    "packed fixed64",
    "packed fixed64",
    EXEMPLAR,
    KEY_VALUE,
    "varint",
    "fixed64",
    "fixed64",
  ],
);
export const BUCKETS: OtlpMessage = message("Buckets", "Offset BucketCounts", ["varint", "packed varint"]);
export const EXPONENTIAL_POINT: OtlpMessage = message(
  "ExponentialHistogramDataPoint",
  "Attributes StartTimeUnixNano TimeUnixNano Count Sum Scale ZeroCount Positive Negative Flags Exemplars Min Max ZeroThreshold",
  [
    KEY_VALUE,
    "fixed64",
    "fixed64",
    "fixed64",
    "fixed64",
    "varint",
    "fixed64",
    BUCKETS,
    BUCKETS,
    "varint",
    EXEMPLAR,
    "fixed64",
    "fixed64",
    "fixed64",
  ],
);
export const QUANTILE: OtlpMessage = message("ValueAtQuantile", "Quantile Value", ["fixed64", "fixed64"]);
export const SUMMARY_POINT: OtlpMessage = message(
  "SummaryDataPoint",
  "- StartTimeUnixNano TimeUnixNano Count Sum QuantileValues Attributes Flags",
  ["fixed64", "fixed64", "fixed64", "fixed64", QUANTILE, KEY_VALUE, "varint"],
);

export const GAUGE: OtlpMessage = message("Gauge", "DataPoints", [NUMBER_POINT]);
export const SUM: OtlpMessage = message("Sum", "DataPoints AggregationTemporality IsMonotonic", [
  NUMBER_POINT,
  "varint",
  "varint",
]);
export const HISTOGRAM: OtlpMessage = message("Histogram", "DataPoints AggregationTemporality", [
  HISTOGRAM_POINT,
  "varint",
]);
export const EXPONENTIAL_HISTOGRAM: OtlpMessage = message("ExponentialHistogram", "DataPoints AggregationTemporality", [
  EXPONENTIAL_POINT,
  "varint",
]);
export const SUMMARY: OtlpMessage = message("Summary", "DataPoints", [SUMMARY_POINT]);
export const METRIC: OtlpMessage = message(
  "Metric",
  "Name Description Unit - Gauge - Sum - Histogram ExponentialHistogram Summary Metadata",
  ["bytes", "bytes", "bytes", GAUGE, SUM, HISTOGRAM, EXPONENTIAL_HISTOGRAM, SUMMARY, KEY_VALUE],
);
export const SCOPE_METRICS: OtlpMessage = message("ScopeMetrics", "Scope Metrics SchemaUrl", [SCOPE, METRIC, "bytes"]);
export const RESOURCE_METRICS: OtlpMessage = message("ResourceMetrics", "Resource ScopeMetrics SchemaUrl", [
  RESOURCE,
  SCOPE_METRICS,
  "bytes",
]);
export const EXPORT_REQUEST: OtlpMessage = message("ExportMetricsServiceRequest", "ResourceMetrics", [
  RESOURCE_METRICS,
]);
