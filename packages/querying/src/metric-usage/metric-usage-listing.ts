import type { MetricReference } from "./metric-references.ts";

/** Texts of a server's alerting and recording rules in which metrics may be used. */
export interface RuleTexts {
  readonly expressions: readonly string[];
  /** Templates of labels and annotations, which may contain queries. */
  readonly templates: readonly string[];
  /** Names of the metrics that the recording rules write. */
  readonly recorded: readonly string[];
}

/** A request for the stored metrics that are unused. The object can be posted to a thread. */
export interface MetricUsageListing {
  readonly kind: "metric usage";
  /** Always empty. Other listings have their selectors in this field, for lists of active requests. */
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
  /** Time since which queries are recorded, epoch ms. Earlier queries are unknown. */
  readonly recordedSince: number;
  /** Time from which a use counts, epoch ms. An older use of a metric is ignored. */
  readonly usedSince: number;
  /**
   * Largest number of listed metrics; 0 for all. Metrics with the most samples come first. Suggested drop rules contain
   * only listed metrics.
   */
  readonly limit: number;
}
