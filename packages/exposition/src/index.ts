export { buildInfoFamily } from "./process/build-info-family.ts";
export { goMetrics } from "./process/go-metrics.ts";
export { processFaults } from "./process/process-faults.ts";
export { processMetrics } from "./process/process-metrics.ts";
export {
  ENTRY_END,
  ENTRY_HELP,
  ENTRY_HISTOGRAM,
  ENTRY_MORE,
  ENTRY_NOTHING,
  ENTRY_SERIES,
  ENTRY_TYPE,
  ENTRY_UNIT,
  type EntryKind,
  type EntryReader,
  type ExposedExemplar,
  type KnownLines,
} from "./entries.ts";
export { MAX_TEXT_BYTES } from "./byte-text.ts";
export {
  family,
  type FamilySample,
  histogramSamples,
  type MetricFamily,
  type MetricType,
  sample,
  summarySamples,
} from "./family.ts";
export { type FamilyWriter, openFamilyWriter } from "./write/family-writer.ts";
export { gather } from "./write/gather.ts";
export { isGzipWanted } from "./negotiation/gzip-wanted.ts";
export { LineCache } from "./line-cache/line-cache.ts";
export { groupMetrics, type MetricGroup } from "./write/metric-group.ts";
export { ESCAPING_SCHEMES, escapeFamilies, escapeName, type EscapingScheme } from "./write/name-escaping.ts";
export {
  acceptHeader,
  type AnswerFormat,
  bodyFormat,
  type BodyFormat,
  negotiateAnswer,
} from "./negotiation/negotiate.ts";
export { openReader, readsWindows, type ReaderOptions } from "./open-reader.ts";
export { OpenMetricsReader } from "./text/openmetrics.ts";
export { parseFamilies, parsingFamilies } from "./text/parse-families.ts";
export { ExpositionError } from "./problem.ts";
export { ProtobufReader } from "./protobuf/protobuf.ts";
export { TextReader } from "./text/text.ts";
export { ProtobufPage } from "./write/protobuf-page.ts";
export { TextPage } from "./write/text-page.ts";
export { writeAnswer } from "./write/write-answer.ts";
export { writeOpenMetrics } from "./write/write-openmetrics.ts";
export { writeProtobuf } from "./write/write-protobuf.ts";
export { writeText } from "./write/write-text.ts";
export { readPacked } from "./protobuf/protobuf-histogram.ts";
export { TYPE_LABEL, UNIT_LABEL } from "./text/type-and-unit.ts";
export { readWrittenHistogram, type TimedHistogram } from "./remote-messages/read-histogram.ts";
export { writeHistogramMessage } from "./remote-messages/write-histogram.ts";
