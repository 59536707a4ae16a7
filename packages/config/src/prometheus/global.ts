import type { Labels, NameValidation } from "@narthex/model";

/** Exposition formats that a scrape may request, in the spelling of configuration files. */
export type ScrapeProtocol =
  | "OpenMetricsText0.0.1"
  | "OpenMetricsText1.0.0"
  | "PrometheusProto"
  | "PrometheusText0.0.4"
  | "PrometheusText1.0.0";

/** Form in which a scrape requests metric names with unusual characters: as UTF-8, or escaped in one of three ways. */
export type NameEscaping = "allow-utf-8" | "underscores" | "dots" | "values";

/** Limits of one scrape, or of one list of targets. 0 means no limit. */
export interface ScrapeLimits {
  /** Maximum size of an uncompressed body in bytes. */
  readonly bodySizeLimit: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  /** Maximum number of dropped targets that are kept for the API. 0 means all. */
  readonly keepDroppedTargets: number;
}

/** The `global` section with defaults filled in. */
export interface GlobalConfig extends ScrapeLimits {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /**
   * Exposition formats that jobs request, in order of preference. Undefined if not set: each job then uses its own
   * default.
   */
  readonly scrapeProtocols: readonly ScrapeProtocol[] | undefined;
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  /** Path of the query log; "" means no log. */
  readonly queryLogFile: string;
  /** Path of the log of failed scrapes; "" means no log. */
  readonly scrapeFailureLogFile: string;
  /** External labels with environment variables already expanded. */
  readonly externalLabels: Labels;
  readonly metricNameValidationScheme: NameValidation;
  /**
   * Escaping scheme for metric names. "" if the section `global` exists without this key; jobs then derive the scheme
   * from the validation scheme.
   */
  readonly metricNameEscapingScheme: NameEscaping | "";
  readonly scrapeNativeHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly extraScrapeMetrics: boolean;
}

/**
 * The `runtime` section. The percentage for Go's garbage collector has no effect, and is kept only for status pages.
 */
export interface RuntimeConfig {
  readonly gogc: number;
}
