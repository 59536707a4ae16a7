import { kindMetrics } from "../../kind-metrics.ts";

/** Metrics of the requests for monitoring assignments. */
export const kumaMetrics = kindMetrics((self) => ({
  failures: self.counter("prometheus_sd_kuma_fetch_failures_total", "The number of Kuma MADS fetch call failures."),
  skippedUpdates: self.counter(
    "prometheus_sd_kuma_fetch_skipped_updates_total",
    "The number of Kuma MADS fetch calls that result in no updates to the targets.",
  ),
  duration: self.summary(
    "prometheus_sd_kuma_fetch_duration_seconds",
    "The duration of a Kuma MADS fetch call.",
    [0.5, 0.9, 0.99],
  ),
}));
