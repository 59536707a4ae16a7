import type { SelfMetrics } from "@narthex/http";

export type ScrapeMetrics = ReturnType<typeof scrapeMetrics>;

const QUANTILES = [0.01, 0.05, 0.5, 0.9, 0.99] as const;
const SCRAPE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Registers the self metrics of scraping. Must be called only once per process. */
export const scrapeMetrics = (self: SelfMetrics) => ({
  ...intervalMetrics(self),
  ...poolMetrics(self),
  ...sampleMetrics(self),
});

const intervalMetrics = (self: SelfMetrics) => ({
  intervalLength: self.summary(
    "prometheus_target_interval_length_seconds",
    "Actual intervals between scrapes.",
    QUANTILES,
    ["interval"],
  ),
  reloadLength: self.summary(
    "prometheus_target_reload_length_seconds",
    "Actual interval to reload the scrape pool with a given configuration.",
    QUANTILES,
    ["interval"],
  ),
  syncLength: self.summary(
    "prometheus_target_sync_length_seconds",
    "Actual interval to sync the scrape pool.",
    QUANTILES,
    ["scrape_job"],
  ),
});

const poolMetrics = (self: SelfMetrics) => ({
  syncFailed: self.counter("prometheus_target_sync_failed_total", "Total number of target sync failures.", [
    "scrape_job",
  ]),
  poolSyncs: self.counter(
    "prometheus_target_scrape_pool_sync_total",
    "Total number of syncs that were executed on a scrape pool.",
    ["scrape_job"],
  ),
  poolTargets: self.gauge("prometheus_target_scrape_pool_targets", "Current number of targets in this scrape pool.", [
    "scrape_job",
  ]),
  poolTargetLimit: self.gauge(
    "prometheus_target_scrape_pool_target_limit",
    "Maximum number of targets allowed in this scrape pool.",
    ["scrape_job"],
  ),
  symbolTableItems: self.gauge(
    "prometheus_target_scrape_pool_symboltable_items",
    "Current number of symbols in the symbol table for this scrape pool.",
    ["scrape_job"],
  ),
  pools: self.counter("prometheus_target_scrape_pools_total", "Total number of scrape pool creation attempts."),
  poolsFailed: self.counter(
    "prometheus_target_scrape_pools_failed_total",
    "Total number of scrape pool creations that failed.",
  ),
  poolReloads: self.counter("prometheus_target_scrape_pool_reloads_total", "Total number of scrape pool reloads."),
  poolReloadsFailed: self.counter(
    "prometheus_target_scrape_pool_reloads_failed_total",
    "Total number of failed scrape pool reloads.",
  ),
  exceededTargetLimit: self.counter(
    "prometheus_target_scrape_pool_exceeded_target_limit_total",
    "Total number of times scrape pools hit the target limit, during sync or config reload.",
  ),
  metadataEntries: self.gauge(
    "prometheus_target_metadata_cache_entries",
    "Total number of metric metadata entries in the cache",
    ["scrape_job"],
  ),
  metadataBytes: self.gauge(
    "prometheus_target_metadata_cache_bytes",
    "The number of bytes that are currently used for storing metric metadata in the cache",
    ["scrape_job"],
  ),
});

const sampleMetrics = (self: SelfMetrics) => ({
  exceededLabelLimits: self.counter(
    "prometheus_target_scrape_pool_exceeded_label_limits_total",
    "Total number of times scrape pools hit the label limits, during sync or config reload.",
  ),
  exceededBodySize: self.counter(
    "prometheus_target_scrapes_exceeded_body_size_limit_total",
    "Total number of scrapes that hit the body size limit",
  ),
  exceededSampleLimit: self.counter(
    "prometheus_target_scrapes_exceeded_sample_limit_total",
    "Total number of scrapes that hit the sample limit and were rejected.",
  ),
  exceededBucketLimit: self.counter(
    "prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total",
    "Total number of scrapes that hit the native histogram bucket limit and were rejected.",
  ),
  duplicates: self.counter(
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "Total number of samples rejected due to duplicate timestamps but different values.",
  ),
  outOfOrder: self.counter(
    "prometheus_target_scrapes_sample_out_of_order_total",
    "Total number of samples rejected due to not being out of the expected order.",
  ),
  outOfBounds: self.counter(
    "prometheus_target_scrapes_sample_out_of_bounds_total",
    "Total number of samples rejected due to timestamp falling outside of the time bounds.",
  ),
  exemplarsOutOfOrder: self.counter(
    "prometheus_target_scrapes_exemplar_out_of_order_total",
    "Total number of exemplar rejected due to not being out of the expected order.",
  ),
  cacheFlushForced: self.counter(
    "prometheus_target_scrapes_cache_flush_forced_total",
    "How many times a scrape cache was flushed due to getting big while scrapes are failing.",
  ),
  scrapeDuration: self.histogram(
    "prometheus_target_scrape_duration_seconds",
    "Total duration of the scrape from start to commit completion in seconds.",
    SCRAPE_SECONDS,
  ),
});
