import { CreatedLinesReader } from "./text/created-lines.ts";
import type { EntryReader, SeriesPredictor } from "./entries.ts";
import type { BodyFormat } from "./negotiation/negotiate.ts";
import { NhcbReader } from "./nhcb/nhcb.ts";
import { OpenMetricsReader } from "./text/openmetrics.ts";
import { type ProtobufOptions, ProtobufReader } from "./protobuf/protobuf.ts";
import { TextReader } from "./text/text.ts";

/** Options of a reader: which histograms it returns, and which additional data of series. */
export interface ReaderOptions extends ProtobufOptions {
  /** True to read OpenMetrics' `_created` lines as start times of counters instead of series. */
  readonly createdLines?: boolean;
  /** True if the body is the first window of a body for which readsWindows() returns true. */
  readonly windowed?: boolean;
}

/** Reports whether a body in this format can be read in windows. Other bodies are needed as a whole. */
export const readsWindows = (format: BodyFormat, { createdLines = false }: ReaderOptions): boolean =>
  format === "text" || (format === "openmetrics" && !createdLines);

/** Returns the reader of a body in the format of `bodyFormat`. */
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

/**
 * Returns a predictor without the methods for several lines, for a reader that must see every line between series, and
 * not only types.
 */
const lineByLine = (predictor: SeriesPredictor | undefined): SeriesPredictor | undefined =>
  predictor && { predict: (bytes, at) => predictor.predict(bytes, at) };
