import type { TlsConfig } from "../http-client/http-client.ts";

/** Limits of age and size. Data beyond them is deleted. */
export interface RetentionConfig {
  /** Maximum age of data in ms; 0 means that data is kept forever. */
  readonly timeMs: number;
  /** Maximum size of the data in bytes; 0 means no limit. */
  readonly sizeBytes: number;
  /** Maximum share of the disk that data may use, in percent from 0 to 100; 0 means no limit. */
  readonly percentage: number;
}

/** The `storage` section. */
export interface StorageConfig {
  readonly outOfOrderTimeWindowMs: number;
  /** Fraction of ended series, from 0 to 1, above which the head (the recent data in memory) is compacted. */
  readonly staleSeriesCompactionThreshold: number;
  readonly floatChunkEncoding: "" | "xor" | "xor2";
  /**
   * Limits of age and size in the file, which replace all retention flags. Undefined if the file does not configure
   * them.
   */
  readonly retention: RetentionConfig | undefined;
  /** Maximum number of exemplars in memory. Undefined if the file has no `exemplars` section. */
  readonly maxExemplars: number | undefined;
}

/** The `tracing` section. */
export interface TracingConfig {
  readonly clientType: "grpc" | "http";
  readonly endpoint: string;
  readonly samplingFraction: number;
  readonly insecure: boolean;
  readonly tls: TlsConfig;
  readonly headers: ReadonlyMap<string, string>;
  readonly compression: "" | "gzip";
  /** Timeout in ms; 0 means the sender's default of 10 s. */
  readonly timeoutMs: number;
}

/** Conversions of OTLP names to Prometheus names. */
export type OtlpTranslation =
  | "UnderscoreEscapingWithSuffixes"
  | "UnderscoreEscapingWithoutSuffixes"
  | "NoUTF8EscapingWithSuffixes"
  | "NoTranslation";

/** The `otlp` section. */
export interface OtlpConfig {
  readonly promoteAllResourceAttributes: boolean;
  readonly promoteResourceAttributes: readonly string[];
  readonly ignoreResourceAttributes: readonly string[];
  readonly translationStrategy: OtlpTranslation;
  readonly keepIdentifyingResourceAttributes: boolean;
  readonly convertHistogramsToNhcb: boolean;
  readonly promoteScopeMetadata: boolean;
  readonly labelNameUnderscoreSanitization: boolean;
  readonly labelNamePreserveMultipleUnderscores: boolean;
}
