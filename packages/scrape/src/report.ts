import { type Labels, METRIC_NAME } from "@narthex/model";
import type { Appender, SeriesRef } from "@narthex/storage";
import type { SampleSlots } from "./sample-slots.ts";

/** What a scrape says of itself, stored beside its samples. */
export interface ScrapeReport {
  readonly up: boolean;
  readonly durationSeconds: number;
  readonly samplesScraped: number;
  readonly samplesAdded: number;
  readonly seriesAdded: number;
  /** Uncompressed; -1 over the limit, 0 on other failures. */
  readonly bodyBytes: number;
}

const NAMES = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
] as const;

const EXTRA_NAMES = ["scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"] as const;

/** The report series of one target. */
export class ReportSeries {
  readonly #labels: readonly Labels[];

  constructor(target: Labels, extra: boolean) {
    const names: readonly string[] = extra ? [...NAMES, ...EXTRA_NAMES] : NAMES;
    this.#labels = names.map((name) => target.with([[METRIC_NAME, name]]));
  }

  /** Appends the report; `limits` are the values of the extra series. */
  append(
    appender: Appender,
    slots: SampleSlots,
    timestamp: number,
    report: ScrapeReport,
    limits: { readonly timeoutMs: number; readonly sampleLimit: number },
  ): void {
    const values = [
      report.up ? 1 : 0,
      report.durationSeconds,
      report.samplesScraped,
      report.samplesAdded,
      report.seriesAdded,
      limits.timeoutMs / 1000,
      limits.sampleLimit,
      report.bodyBytes,
    ];
    slots.batch.count = 0;
    for (const [i, labels] of this.#labels.entries()) slots.put(appender.series(labels), timestamp, values[i]!);
    appender.append(slots.batch);
    slots.batch.count = 0;
  }

  /** References of the report series, for their end markers. */
  refs(appender: Appender): SeriesRef[] {
    return this.#labels.map((labels) => appender.series(labels));
  }
}
