import type { NameValidation, RelabelRule } from "@narthex/model";
import type { Position } from "../problem.ts";
import type { NameEscaping, ScrapeLimits, ScrapeProtocol } from "./global.ts";
import type { HttpClientConfig } from "../http-client/http-client.ts";
import type { DiscoveryConfig, StaticConfig } from "./targets.ts";

/** Maximum number of series that the targets of a job may have together. */
export interface SeriesBudgetConfig {
  readonly series: number;
  /** Share of `series` at which a warning is logged. */
  readonly warnShare: number;
  /** Whether new series beyond the limit are accepted or omitted. */
  readonly action: "warn" | "cut";
}

/** One entry of `scrape_configs`, with all inherited values of `global` filled in. */
export interface ScrapeConfig extends ScrapeLimits {
  /** The scrape config file that contains the job; undefined for the main file. */
  readonly file?: string;
  readonly jobName: string;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly params: ReadonlyMap<string, readonly string[]>;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** In order of preference, never empty. */
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly fallbackScrapeProtocol: ScrapeProtocol | undefined;
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly extraScrapeMetrics: boolean;
  /** "" = off. */
  readonly scrapeFailureLogFile: string;
  readonly metricsPath: string;
  readonly scheme: string;
  readonly enableCompression: boolean;
  /** Maximum number of buckets; 0 = no limit. */
  readonly nativeHistogramBucketLimit: number;
  readonly nativeHistogramMinBucketFactor: number;
  readonly seriesBudget: SeriesBudgetConfig | undefined;
  readonly metricNameValidationScheme: NameValidation;
  readonly metricNameEscapingScheme: NameEscaping;
  readonly httpClient: HttpClientConfig;
  readonly relabelConfigs: readonly RelabelRule[];
  readonly metricRelabelConfigs: readonly RelabelRule[];
  readonly staticConfigs: readonly StaticConfig[];
  readonly discoveryConfigs: readonly DiscoveryConfig[];
  readonly position: Position;
}
