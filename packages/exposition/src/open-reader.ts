import { CreatedLinesReader } from "./text/created-lines.ts";
import type { EntryReader, SeriesPredictor } from "./entries.ts";
import type { BodyFormat } from "./negotiation/negotiate.ts";
import { NhcbReader } from "./nhcb/nhcb.ts";
import { OpenMetricsReader } from "./text/openmetrics.ts";
import { type ProtobufOptions, ProtobufReader } from "./protobuf/protobuf.ts";
import { TextReader } from "./text/text.ts";

/** How histograms and what says more of series are to be read. */
export interface ReaderOptions extends ProtobufOptions {
  /** OpenMetrics' `_created` lines tell when counters began, and are no series. */
  readonly createdLines?: boolean;
  /** The body is the first window of one that readsWindows(). */
  readonly windowed?: boolean;
}

/** Can a body in this format be read in windows? Others are needed as a whole. */
export const readsWindows = (format: BodyFormat, { createdLines = false }: ReaderOptions): boolean =>
  format === "text" || (format === "openmetrics" && !createdLines);

/** The reader of a body in the format that `bodyFormat` found. */
export function openReader(
  format: BodyFormat,
  body: Uint8Array,
  predictor?: SeriesPredictor,
  options: ReaderOptions = {},
): EntryReader {
  // In protobuf the parts of a histogram stand together.
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

/** Where lines between those of series tell more than their types, none may be passed over unread. */
const lineByLine = (predictor: SeriesPredictor | undefined): SeriesPredictor | undefined =>
  predictor && { predict: (bytes, at) => predictor.predict(bytes, at) };
