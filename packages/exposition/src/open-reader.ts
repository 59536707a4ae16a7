import type { EntryReader, SeriesPredictor } from "./entries.ts";
import type { BodyFormat } from "./negotiate.ts";
import { NhcbReader } from "./nhcb.ts";
import { OpenMetricsReader } from "./openmetrics.ts";
import { type ProtobufOptions, ProtobufReader } from "./protobuf.ts";
import { TextReader } from "./text.ts";

/** How histograms are to be read. */
export interface ReaderOptions extends ProtobufOptions {
  /** Classic histograms become native ones with custom buckets. */
  readonly convertToNhcb?: boolean;
}

/** The reader of a body in the format that `bodyFormat` found. */
export function openReader(
  format: BodyFormat,
  body: Uint8Array,
  predictor?: SeriesPredictor,
  options: ReaderOptions = {},
): EntryReader {
  if (options.convertToNhcb !== true) return openFormat(format, body, predictor, options);
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
      return new TextReader(body, predictor);
    case "openmetrics":
      return new OpenMetricsReader(body, predictor);
    case "protobuf":
      return new ProtobufReader(body, options, predictor);
  }
}
