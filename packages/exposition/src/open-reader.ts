import type { EntryReader, SeriesPredictor } from "./entries.ts";
import type { BodyFormat } from "./negotiate.ts";
import { OpenMetricsReader } from "./openmetrics.ts";
import { type ProtobufOptions, ProtobufReader } from "./protobuf.ts";
import { TextReader } from "./text.ts";

/** The reader of a body in the format that `bodyFormat` found. */
export function openReader(
  format: BodyFormat,
  body: Uint8Array,
  predictor?: SeriesPredictor,
  options?: ProtobufOptions,
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
