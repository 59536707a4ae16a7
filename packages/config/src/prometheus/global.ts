import type { Labels, NameValidation } from "@narthex/model";

/** Formats that a scrape may request, as the files name them. */
export type ScrapeProtocol =
  | "OpenMetricsText0.0.1"
  | "OpenMetricsText1.0.0"
  | "PrometheusProto"
  | "PrometheusText0.0.4"
  | "PrometheusText1.0.0";

/** How names with other characters than classic names are requested. */
export type NameEscaping = "allow-utf-8" | "underscores" | "dots" | "values";

/** Limits of one scrape, or of one target list; 0 = no limit. */
export interface ScrapeLimits {
  /** Bytes of an uncompressed body. */
  readonly bodySizeLimit: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  /** Maximum number of dropped targets that are kept for the API; 0 = all. */
  readonly keepDroppedTargets: number;
}

/** The `global` section with defaults filled in. */
export interface GlobalConfig extends ScrapeLimits {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** Undefined if not given; each job then has its own default. */
  readonly scrapeProtocols: readonly ScrapeProtocol[] | undefined;
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  /** "" = off. */
  readonly queryLogFile: string;
  /** "" = off. */
  readonly scrapeFailureLogFile: string;
  /** External labels after environment variables were expanded. */
  readonly externalLabels: Labels;
  readonly metricNameValidationScheme: NameValidation;
  /** "" if the section exists without this field; jobs then follow the validation scheme. */
  readonly metricNameEscapingScheme: NameEscaping | "";
  readonly scrapeNativeHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly extraScrapeMetrics: boolean;
}

/** The `runtime` section. Go's garbage collector percentage is kept only for status pages. */
export interface RuntimeConfig {
  readonly gogc: number;
}
