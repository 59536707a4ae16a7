import type { TlsConfig } from "../http-client/http-client.ts";

/** Limits after which data is deleted. */
export interface RetentionConfig {
  /** Maximum age of data in ms; 0 means that data is kept forever. */
  readonly timeMs: number;
  /** Maximum size of the data in bytes; 0 means no limit. */
  readonly sizeBytes: number;
  /** Maximum share of the disk in percent, from 0 to 100; 0 means no limit. */
  readonly percentage: number;
}

/** The `storage` section. */
export interface StorageConfig {
  readonly outOfOrderTimeWindowMs: number;
  /** Fraction of stale series above which the head is compacted, from 0 to 1. */
  readonly staleSeriesCompactionThreshold: number;
  readonly floatChunkEncoding: "" | "xor" | "xor2";
  /** Retention of the file, which replaces all retention flags; undefined if the file does not configure it. */
  readonly retention: RetentionConfig | undefined;
  /** Undefined if the file has no `exemplars` section. */
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
