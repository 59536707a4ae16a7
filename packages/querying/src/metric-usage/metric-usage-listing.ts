import type { MetricReference } from "./metric-references.ts";

/** Texts of a server's alerting and recording rules in which metrics may be used. */
export interface RuleTexts {
  readonly expressions: readonly string[];
  /** Templates of labels and annotations, which may contain queries. */
  readonly templates: readonly string[];
  /** Names of the metrics that the recording rules write. */
  readonly recorded: readonly string[];
}

/** A request for the stored metrics that nothing uses. Can be posted to a thread. */
export interface MetricUsageListing {
  readonly kind: "metric usage";
  /** Selectors that lists of active requests show; empty here. */
  readonly match: readonly string[];
  /** Start and end of the time range in epoch ms, both inclusive. Only metrics with samples in the range are listed. */
  readonly start: number;
  readonly end: number;
  /** Metrics that queries have used. */
  readonly used: readonly MetricReference[];
  readonly rules: RuleTexts;
  /** Folders with dashboard files to read. */
  readonly dashboards: readonly string[];
  /** Names of the configured scrape jobs. Relabeling rules are suggested for these jobs. */
  readonly jobs: readonly string[];
  /** Time since which queries are recorded, epoch ms. Nothing is known of earlier queries. */
  readonly recordedSince: number;
  /** Time from which the use of a metric counts, epoch ms. */
  readonly usedSince: number;
  /**
   * Maximum number of listed metrics, those with the most samples first; 0 for all. Suggested drop rules contain only
   * listed metrics.
   */
  readonly limit: number;
}
