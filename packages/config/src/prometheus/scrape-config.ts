import type { NameValidation, RelabelRule } from "@narthex/model";
import type { Position } from "../problem.ts";
import type { NameEscaping, ScrapeLimits, ScrapeProtocol } from "./global.ts";
import type { HttpClientConfig } from "../http-client/http-client.ts";
import type { DiscoveryConfig, StaticConfig } from "./targets.ts";

/** Limit of the number of series that all targets of a job may have together. */
export interface SeriesBudgetConfig {
  readonly series: number;
  /** Fraction of the limit `series` at which a warning is logged, above 0 and at most 1. */
  readonly warnShare: number;
  /** Describes what happens to new series beyond the limit: `warn` accepts them, `cut` omits them. */
  readonly action: "warn" | "cut";
}

/** One entry of `scrape_configs`. Values inherited from `global` are filled in. */
export interface ScrapeConfig extends ScrapeLimits {
  /** Path of the scrape config file that contains the job; undefined for the main file. */
  readonly file?: string;
  readonly jobName: string;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly params: ReadonlyMap<string, readonly string[]>;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** Exposition formats to request in order of preference; never empty. */
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly fallbackScrapeProtocol: ScrapeProtocol | undefined;
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly extraScrapeMetrics: boolean;
  /** Path of the log of failed scrapes; "" means no log. */
  readonly scrapeFailureLogFile: string;
  readonly metricsPath: string;
  readonly scheme: string;
  readonly enableCompression: boolean;
  /** Maximum number of buckets of a native histogram; 0 means no limit. Larger histograms are reduced in resolution. */
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
