export { buildInfoFamily } from "./own/build-info-family.ts";
export { goMetrics } from "./own/go-metrics.ts";
export { processMetrics } from "./own/process-metrics.ts";
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
  type SeriesPredictor,
} from "./entries.ts";
export { MAX_TEXT_BYTES } from "./byte-text.ts";
export { escapeFamilies } from "./escape-families.ts";
export {
  family,
  type FamilySample,
  type HistogramReading,
  histogramSamples,
  type LabelSource,
  type MetricFamily,
  type MetricType,
  sample,
  type SummaryReading,
  summarySamples,
} from "./family.ts";
export { type FamilyWriter, openFamilyWriter, type WrittenMetric } from "./family-writer.ts";
export { gather } from "./gather.ts";
export { isGzipWanted } from "./gzip-wanted.ts";
export { LineCache } from "./line-cache.ts";
export { groupMetrics, type MetricGroup } from "./metric-group.ts";
export { ESCAPING_SCHEMES, escapeName, type EscapingScheme } from "./name-escaping.ts";
export {
  acceptHeader,
  type AnswerFormat,
  bodyFormat,
  type BodyFormat,
  type FormatChoice,
  negotiateAnswer,
  type ScrapeProtocol,
} from "./negotiate.ts";
export { openReader, readsWindows, type ReaderOptions } from "./open-reader.ts";
export { OpenMetricsReader } from "./openmetrics.ts";
export { type FamiliesResult, parseFamilies, parsingFamilies } from "./parse-families.ts";
export { ExpositionError } from "./problem.ts";
export { type ProtobufOptions, ProtobufReader } from "./protobuf.ts";
export { TextReader } from "./text.ts";
export { TextPage } from "./text-page.ts";
export { type ExpositionAnswer, writeAnswer } from "./write-answer.ts";
export { writeOpenMetrics } from "./write-openmetrics.ts";
export { writeProtobuf } from "./write-protobuf.ts";
export { writeText } from "./write-text.ts";
