import type { SelfMetrics } from "@narthex/http";
import type { Discoverer } from "./discoverer.ts";
import { kubernetesMetrics } from "./kinds/kubernetes/metrics.ts";

/** Self metrics of discovery, shared by the managers of scraping and of Alertmanagers. */
export type DiscoveryMetrics = ReturnType<typeof discoveryMetrics>;

/**
 * Registers the metrics of discovery in `self`, and the own metrics of all kinds. Must be called only once for each
 * `self`.
 */
export function discoveryMetrics(self: SelfMetrics, kinds: readonly Pick<Discoverer, "metrics">[] = []) {
  for (const { metrics } of kinds) metrics?.of({ self });
  return commonMetrics(self);
}

const commonMetrics = (self: SelfMetrics) => ({
  /** The metrics of the process. Kinds of discovery find their own metrics with it. */
  self,
  discoveredTargets: self.gauge("prometheus_sd_discovered_targets", "Current number of discovered targets.", [
    "name",
    "config",
  ]),
  failedConfigs: self.gauge(
    "prometheus_sd_failed_configs",
    "Current number of service discovery configurations that failed to load.",
    ["name"],
  ),
  receivedUpdates: self.counter(
    "prometheus_sd_received_updates_total",
    "Total number of update events received from the SD providers.",
    ["name"],
  ),
  updates: self.counter("prometheus_sd_updates_total", "Total number of update events sent to the SD consumers.", [
    "name",
  ]),
  delayedUpdates: self.counter(
    "prometheus_sd_updates_delayed_total",
    "Total number of update events that couldn't be sent immediately.",
    ["name"],
  ),
  lastUpdate: self.gauge(
    "prometheus_sd_last_update_timestamp_seconds",
    "Timestamp of the last update that was sent to the SD consumers.",
    ["name", "config"],
  ),
  refreshFailures: self.counter(
    "prometheus_sd_refresh_failures_total",
    "Number of refresh failures for the given SD mechanism.",
    ["mechanism", "config"],
  ),
  refreshDuration: self.summary(
    "prometheus_sd_refresh_duration_seconds",
    "The duration of a refresh in seconds for the given SD mechanism.",
    [0.5, 0.9, 0.99],
    ["mechanism", "config"],
  ),
  ...kubernetesMetrics(self),
});
