import type { Labels, NameValidation } from "@narthex/model";

/** Formats a scrape may ask for, as the files name them. */
export type ScrapeProtocol =
  | "OpenMetricsText0.0.1"
  | "OpenMetricsText1.0.0"
  | "PrometheusProto"
  | "PrometheusText0.0.4"
  | "PrometheusText1.0.0";

/** How names outside the classic alphabet are asked for. */
export type NameEscaping = "allow-utf-8" | "underscores" | "dots" | "values";

/** Limits of one scrape, or of one target list; 0 = none. */
export interface ScrapeLimits {
  /** Bytes of an uncompressed body. */
  readonly bodySizeLimit: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  /** Dropped targets kept for the API; 0 = all. */
  readonly keepDroppedTargets: number;
}

/** The `global` section, defaults filled in. */
export interface GlobalConfig extends ScrapeLimits {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** undefined if the file does not say; each job then has its own default. */
  readonly scrapeProtocols: readonly ScrapeProtocol[] | undefined;
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  /** "" = off. */
  readonly queryLogFile: string;
  /** "" = off. */
  readonly scrapeFailureLogFile: string;
  /** Environment variables expanded. */
  readonly externalLabels: Labels;
  readonly metricNameValidationScheme: NameValidation;
  /** "" where the section is there but does not say: jobs go by the validation scheme then. */
  readonly metricNameEscapingScheme: NameEscaping | "";
  readonly scrapeNativeHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly extraScrapeMetrics: boolean;
}

/** The `runtime` section; Go's garbage collector percentage is kept for status pages only. */
export interface RuntimeConfig {
  readonly gogc: number;
}
