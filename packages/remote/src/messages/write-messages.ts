import { type MessageFields, messageFields } from "@narthex/bytes";

// Fields of prometheus.WriteRequest, the message of remote write 1.0.
export const WRITE_REQUEST: MessageFields = messageFields("WriteRequest", "Timeseries - Metadata");
export const TIME_SERIES: MessageFields = messageFields("TimeSeries", "Labels Samples Exemplars Histograms");
export const LABEL: MessageFields = messageFields("Label", "Name Value");
export const SAMPLE: MessageFields = messageFields("Sample", "Value Timestamp");
export const EXEMPLAR: MessageFields = messageFields("Exemplar", "Labels Value Timestamp");
export const METRIC_METADATA: MessageFields = messageFields("MetricMetadata", "Type MetricFamilyName - Help Unit");

// Fields of io.prometheus.write.v2.Request, the message of remote write 2.0.
export const REQUEST_V2: MessageFields = messageFields("Request", "Symbols Timeseries", 4);
export const TIME_SERIES_V2: MessageFields = messageFields(
  "TimeSeries",
  "LabelsRefs Samples Histograms Exemplars Metadata",
);
export const SAMPLE_V2: MessageFields = messageFields("Sample", "Value Timestamp StartTimestamp");
export const EXEMPLAR_V2: MessageFields = messageFields("Exemplar", "LabelsRefs Value Timestamp");
export const METADATA_V2: MessageFields = messageFields("Metadata", "Type - HelpRef UnitRef");

/** Names of the metric types, by their number in remote write messages. */
export const METRIC_TYPES: readonly string[] = [
  "unknown",
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
];
