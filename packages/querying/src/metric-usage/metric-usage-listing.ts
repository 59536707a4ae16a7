import type { MetricReference } from "./metric-references.ts";

/** The texts of a server's rules that may use metrics. */
export interface RuleTexts {
  readonly expressions: readonly string[];
  /** Templates of labels and annotations, which may contain queries. */
  readonly templates: readonly string[];
  /** Names that the rules record. */
  readonly recorded: readonly string[];
}

/** A listing of the stored metrics that are not used. The listing can be posted to a thread. */
export interface MetricUsageListing {
  readonly kind: "metric usage";
  /** Selectors of the listing, which lists of active jobs show. This listing has none. */
  readonly match: readonly string[];
  /** Start and end of the range, epoch ms, both inclusive. Only series with samples in the range are listed. */
  readonly start: number;
  readonly end: number;
  /** References of the metrics that queries have used. */
  readonly used: readonly MetricReference[];
  readonly rules: RuleTexts;
  /** Folders of dashboards to read. */
  readonly dashboards: readonly string[];
  /** Names of the scrape jobs in the configuration, for which rules can be written. */
  readonly jobs: readonly string[];
  /** Start of the record of queries, epoch ms. Earlier queries are unknown. */
  readonly recordedSince: number;
  /** Time from which uses are taken into account, epoch ms. */
  readonly usedSince: number;
  /**
   * Largest number of listed metrics, those with the most samples first; 0 for all. The drop rules contain only listed
   * metrics.
   */
  readonly limit: number;
}
