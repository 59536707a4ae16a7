import type { MetricReference } from "./metric-references.ts";

/** The rules of a server, as far as they tell which metrics are used. */
export interface RuleTexts {
  readonly expressions: readonly string[];
  /** Of labels and annotations, which may query. */
  readonly templates: readonly string[];
  /** What they record. */
  readonly recorded: readonly string[];
}

/** Which stored metrics nobody uses; can be posted to a thread as it is. */
export interface MetricUsageListing {
  readonly kind: "metric usage";
  /** For lists of jobs. */
  readonly match: readonly string[];
  /** Series with samples in this range count, ms, both ends inclusive. */
  readonly start: number;
  readonly end: number;
  /** What queries have used. */
  readonly used: readonly MetricReference[];
  readonly rules: RuleTexts;
  /** Folders of dashboards. */
  readonly dashboards: readonly string[];
  /** Scrape jobs of the configuration, which rules can be written for. */
  readonly jobs: readonly string[];
  /** Queries were recorded since then, ms; of those before nothing is known. */
  readonly recordedSince: number;
  /** Uses since then count, ms. */
  readonly usedSince: number;
  /** Metrics that are told, those of most samples first; 0 = all. Rules drop those that are told. */
  readonly limit: number;
}
