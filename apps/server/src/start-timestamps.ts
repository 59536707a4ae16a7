import type { PrometheusConfig } from "@narthex/config";
import type { TsdbOptions } from "@narthex/tsdb";
import type { Features } from "./features.ts";

/** Encoding of new float chunks: the configuration's, else that of the features. */
export function floatEncodingOf(features: Features, { storage }: PrometheusConfig): "xor" | "xor2" {
  if (storage.floatChunkEncoding !== "") return storage.floatChunkEncoding;
  return features.has("xor2-encoding") ? "xor2" : "xor";
}

/** Why the server cannot run so; undefined where it can. */
export function refusedEncoding(features: Features, config: PrometheusConfig): string | undefined {
  if (!features.has("st-storage") || floatEncodingOf(features, config) === "xor2") return undefined;
  return (
    'float chunk encoding "xor" is incompatible with start-timestamp storage; XOR chunks do not store start ' +
    'timestamps, use "xor2": set storage.tsdb.chunk_encoding.floats in the configuration'
  );
}

/** What of start timestamps is stored, by features and configuration. */
export const startTimestampOptions = (
  features: Features,
  config: PrometheusConfig,
): Pick<TsdbOptions, "startTimestamps" | "startsAsZeros" | "floatChunkEncoding" | "histogramStartTimestamps"> => ({
  startTimestamps: features.has("st-storage"),
  startsAsZeros: features.has("created-timestamp-zero-ingestion"),
  floatChunkEncoding: floatEncodingOf(features, config),
  histogramStartTimestamps: features.has("histograms-st-encoding"),
});

/** Does anything ask when counters began? Then expositions are read for it, in protobuf where a target has it. */
export const readsStartTimestamps = (features: Features): boolean =>
  features.has("st-storage") || features.has("created-timestamp-zero-ingestion");
