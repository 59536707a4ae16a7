import type { PrometheusConfig } from "@narthex/config";
import type { TsdbOptions } from "@narthex/tsdb";
import type { FeatureFlags } from "../feature-flags.ts";

/**
 * Returns the encoding of new float chunks: the encoding in the configuration, otherwise the encoding that the enabled
 * features require.
 */
export function floatEncodingOf(features: FeatureFlags, { storage }: PrometheusConfig): "xor" | "xor2" {
  if (storage.floatChunkEncoding !== "") return storage.floatChunkEncoding;
  return features.has("xor2-encoding") ? "xor2" : "xor";
}

/** Returns the reason why the encoding cannot be used with the enabled features. Undefined if it can. */
export function encodingProblem(features: FeatureFlags, config: PrometheusConfig): string | undefined {
  if (!features.has("st-storage") || floatEncodingOf(features, config) === "xor2") return undefined;
  return (
    'float chunk encoding "xor" is incompatible with start-timestamp storage; XOR chunks do not store start ' +
    'timestamps, use "xor2": set storage.tsdb.chunk_encoding.floats in the configuration'
  );
}

export const startTimestampOptions = (
  features: FeatureFlags,
  config: PrometheusConfig,
): Pick<TsdbOptions, "startTimestamps" | "startsAsZeros" | "floatChunkEncoding" | "histogramStartTimestamps"> => ({
  startTimestamps: features.has("st-storage"),
  startsAsZeros: features.has("created-timestamp-zero-ingestion"),
  floatChunkEncoding: floatEncodingOf(features, config),
  histogramStartTimestamps: features.has("histograms-st-encoding"),
});

/** Reports whether start timestamps of counters are stored. If so, scrapes parse them, and prefer protobuf. */
export const readsStartTimestamps = (features: FeatureFlags): boolean =>
  features.has("st-storage") || features.has("created-timestamp-zero-ingestion");
