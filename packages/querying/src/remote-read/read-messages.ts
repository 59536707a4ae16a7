import { type MessageFields, messageFields } from "@narthex/bytes";

// Fields of the messages of Prometheus' remote read,
// https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto
export const READ_REQUEST: MessageFields = messageFields("ReadRequest", "Queries AcceptedResponseTypes");
export const QUERY: MessageFields = messageFields("Query", "StartTimestampMs EndTimestampMs Matchers Hints");
export const LABEL_MATCHER: MessageFields = messageFields("LabelMatcher", "Type Name Value");
export const READ_HINTS: MessageFields = messageFields("ReadHints", "StepMs Func StartMs EndMs Grouping By RangeMs");
export const READ_RESPONSE: MessageFields = messageFields("ReadResponse", "Results");
export const QUERY_RESULT: MessageFields = messageFields("QueryResult", "Timeseries");
export const TIME_SERIES: MessageFields = messageFields("TimeSeries", "Labels Samples Exemplars Histograms");
export const LABEL: MessageFields = messageFields("Label", "Name Value");
export const SAMPLE: MessageFields = messageFields("Sample", "Value Timestamp");
export const CHUNKED_READ_RESPONSE: MessageFields = messageFields("ChunkedReadResponse", "ChunkedSeries QueryIndex");
export const CHUNKED_SERIES: MessageFields = messageFields("ChunkedSeries", "Labels Chunks");
export const CHUNK: MessageFields = messageFields("Chunk", "MinTimeMs MaxTimeMs Type Data");

/** Types of matchers, by their number in requests. */
export const MATCH_TYPES = ["=", "!=", "=~", "!~"] as const;

// Types of answers to a remote read request.
export const SAMPLES = 0;
export const STREAMED_XOR_CHUNKS = 1;
