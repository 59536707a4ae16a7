import type { MetricReference } from "./metric-references.ts";

/** The texts of a server's rules that may use metrics. */
export interface RuleTexts {
  readonly expressions: readonly string[];
  /** Templates of labels and annotations, which may contain queries. */
  readonly templates: readonly string[];
  /** Names that the rules record. */
  readonly recorded: readonly string[];
}

/** A listing of the stored metrics that are not used. Can be posted to a thread unchanged. */
export interface MetricUsageListing {
  readonly kind: "metric usage";
  /** The selectors of the listing in lists of active jobs; it has none. */
  readonly match: readonly string[];
  /** Series with samples in this range count, epoch ms, both ends inclusive. */
  readonly start: number;
  readonly end: number;
  /** Metrics that queries have used. */
  readonly used: readonly MetricReference[];
  readonly rules: RuleTexts;
  /** Folders of dashboards to read. */
  readonly dashboards: readonly string[];
  /** Scrape jobs of the configuration, for which rules can be written. */
  readonly jobs: readonly string[];
  /** Start of the record of queries, epoch ms. Earlier queries are unknown. */
  readonly recordedSince: number;
  /** Uses from this time on count, epoch ms. */
  readonly usedSince: number;
  /**
   * Largest number of listed metrics, those with the most samples first; 0 for all. The drop rules contain the listed
   * ones.
   */
  readonly limit: number;
}
