import { CreatedLinesReader } from "./text/created-lines.ts";
import type { EntryReader, SeriesPredictor } from "./entries.ts";
import type { BodyFormat } from "./negotiation/negotiate.ts";
import { NhcbReader } from "./nhcb/nhcb.ts";
import { OpenMetricsReader } from "./text/openmetrics.ts";
import { type ProtobufOptions, ProtobufReader } from "./protobuf/protobuf.ts";
import { TextReader } from "./text/text.ts";

/** Options of a reader: which histograms and which additional data it returns. */
export interface ReaderOptions extends ProtobufOptions {
  /** Whether `_created` lines of OpenMetrics are read as start times of counters and not as series. */
  readonly createdLines?: boolean;
  /**
   * Whether the bytes are only the first part of a body. Allowed only if readsWindows() returns true for its format.
   */
  readonly windowed?: boolean;
}

/**
 * Reports whether an exposition in this format can be read in parts. Other expositions must be complete before they are
 * read.
 */
export const readsWindows = (format: BodyFormat, { createdLines = false }: ReaderOptions): boolean =>
  format === "text" || (format === "openmetrics" && !createdLines);

export function openReader(
  format: BodyFormat,
  body: Uint8Array,
  predictor?: SeriesPredictor,
  options: ReaderOptions = {},
): EntryReader {
  // In protobuf a histogram is one message, so NhcbReader is not needed.
  if (options.convertToNhcb !== true || format === "protobuf") return openFormat(format, body, predictor, options);
  const inner = openFormat(format, body, undefined, options);
  return new NhcbReader(inner, options.alwaysClassic === true);
}

function openFormat(
  format: BodyFormat,
  body: Uint8Array,
  predictor: SeriesPredictor | undefined,
  options: ReaderOptions,
): EntryReader {
  switch (format) {
    case "text":
      return new TextReader(body, predictor, options);
    case "openmetrics":
      if (options.createdLines === true) return new CreatedLinesReader(body, lineByLine(predictor), options);
      if (options.typeAndUnitLabels === true) return new OpenMetricsReader(body, lineByLine(predictor), options);
      return new OpenMetricsReader(body, predictor, options);
    case "protobuf":
      return new ProtobufReader(body, options, predictor);
  }
}

/** Removes the methods of a predictor that pass several lines at once. Some readers must see every line. */
const lineByLine = (predictor: SeriesPredictor | undefined): SeriesPredictor | undefined =>
  predictor && { predict: (bytes, at) => predictor.predict(bytes, at) };
