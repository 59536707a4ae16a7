import type { TlsConfig } from "../http-client/http-client.ts";

/** Retention, or undefined if the flags apply. */
export interface RetentionConfig {
  /** Time in ms; 0 = keep for ever. */
  readonly timeMs: number;
  /** Bytes; 0 = no limit. */
  readonly sizeBytes: number;
  /** Percentage of the disk, 0 … 100; 0 = no limit. */
  readonly percentage: number;
}

/** The `storage` section. */
export interface StorageConfig {
  readonly outOfOrderTimeWindowMs: number;
  /** Share from 0 to 1. */
  readonly staleSeriesCompactionThreshold: number;
  readonly floatChunkEncoding: "" | "xor" | "xor2";
  /** If the block is present, it replaces all retention flags. */
  readonly retention: RetentionConfig | undefined;
  /** undefined if the block is absent. */
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
  /** Timeout in ms; 0 = the sender's default, 10 s. */
  readonly timeoutMs: number;
}

/** How OTLP names are converted to Prometheus names. */
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
