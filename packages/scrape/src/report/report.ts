import { type Labels, METRIC_NAME } from "@narthex/model";
import {
  type Appender,
  type MetricMetadata,
  NO_SERIES,
  OUTCOME_UNKNOWN_SERIES,
  type SeriesRef,
} from "@narthex/storage";
import type { SampleBuffer } from "../ingest/sample-buffer.ts";

/** The report of a scrape, which is stored as series next to the scraped series. */
export interface ScrapeReport {
  readonly up: boolean;
  readonly durationSeconds: number;
  readonly samplesScraped: number;
  readonly samplesAdded: number;
  readonly seriesAdded: number;
  /** Uncompressed size of the body in bytes; -1 if it exceeds the limit, 0 for other failures. */
  readonly bodyBytes: number;
}

/**
 * Name, help and unit of the report series, which are all gauges. The help texts are those of Prometheus, because they
 * are stored and sent to other servers.
 */
const SERIES = [
  ["up", "Health of the scrape target. 1 means the target is healthy, 0 if the scrape failed.", "targets"],
  ["scrape_duration_seconds", "Duration of the last scrape in seconds.", "seconds"],
  ["scrape_samples_scraped", "Number of samples last scraped.", "samples"],
  [
    "scrape_samples_post_metric_relabeling",
    "Number of samples remaining after metric relabeling was applied.",
    "samples",
  ],
  ["scrape_series_added", "Number of series in the last scrape.", "series"],
] as const;

const EXTRA_SERIES = [
  ["scrape_timeout_seconds", "The configured scrape timeout for a target.", "seconds"],
  [
    "scrape_sample_limit",
    "The configured sample limit for a target. Returns zero if there is no limit configured.",
    "samples",
  ],
  [
    "scrape_body_size_bytes",
    "The uncompressed size of the last scrape response, if successful. Scrapes failing because body_size_limit is " +
      "exceeded report -1, other scrape failures report 0.",
    "bytes",
  ],
] as const;

const ALL_SERIES = [...SERIES, ...EXTRA_SERIES];

const METADATA: readonly MetricMetadata[] = ALL_SERIES.map(([, help, unit]) => ({ type: "gauge", help, unit }));

export class ReportSeries {
  readonly #target: Labels;
  readonly #count: number;
  /** Storage references of the report series, or undefined if they are not known or no longer valid. */
  #refs: readonly SeriesRef[] | undefined;

  constructor(target: Labels, extra: boolean) {
    this.#target = target;
    this.#count = extra ? ALL_SERIES.length : SERIES.length;
  }

  /**
   * Appends the samples of the report series.
   * @param limits values of the additional report series
   */
  append(
    appender: Appender,
    buffer: SampleBuffer,
    timestamp: number,
    report: ScrapeReport,
    limits: { readonly timeoutMs: number; readonly sampleLimit: number },
  ): void {
    const { batch } = buffer;
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
    for (let refs = this.#refs; ; refs = undefined) {
      const known = refs ?? this.refs(appender);
      batch.count = 0;
      for (let i = 0; i < known.length; i++) buffer.put(known[i]!, timestamp, values[i]!);
      const { count } = batch;
      try {
        appender.append(batch);
      } finally {
        batch.count = 0;
      }
      const forgotten = batch.outcomes.subarray(0, count).includes(OUTCOME_UNKNOWN_SERIES);
      // Appends the report a second time if the storage has forgotten a series. The second append of an accepted sample
      // has no effect.
      if (refs === undefined || !forgotten) return;
    }
  }

  /** Appends the metadata of the report series. */
  describe(appender: Appender): void {
    for (const [i, ref] of this.refs(appender).entries()) appender.appendMetadata?.(ref, METADATA[i]!);
  }

  /** Returns the storage references of the report series. Creates missing series if the storage has room. */
  refs(appender: Appender): readonly SeriesRef[] {
    const names = ALL_SERIES.slice(0, this.#count);
    const refs = names.map(([name]) => appender.series(this.#target.with([[METRIC_NAME, name]])));
    this.#refs = refs.includes(NO_SERIES) ? undefined : refs;
    return refs;
  }
}
