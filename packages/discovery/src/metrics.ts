import type { SelfMetrics } from "@narthex/http";
import { FileTimes } from "./file-times.ts";
import { kubernetesMetrics } from "./kubernetes/metrics.ts";

/** Self metrics of discovery, shared by the managers of scraping and of Alertmanagers. */
export type DiscoveryMetrics = ReturnType<typeof discoveryMetrics>;

/** Registers the metrics of discovery in `self`. Must be called only once for each `self`. */
export const discoveryMetrics = (self: SelfMetrics) => ({
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
  fileReadErrors: self.counter("prometheus_sd_file_read_errors_total", "The number of File-SD read errors."),
  fileWatcherErrors: self.counter(
    "prometheus_sd_file_watcher_errors_total",
    "The number of File-SD errors caused by filesystem watch failures.",
  ),
  fileScanDuration: self.summary(
    "prometheus_sd_file_scan_duration_seconds",
    "The duration of the File-SD scan in seconds.",
    [0.5, 0.9, 0.99],
  ),
  fileTimes: new FileTimes(
    self.gauge("prometheus_sd_file_mtime_seconds", "Timestamp (mtime) of files read by FileSD.", ["filename"]),
  ),
  consulRpcFailures: self.counter("prometheus_sd_consul_rpc_failures_total", "The number of Consul RPC call failures."),
  consulRpcDuration: self.summary(
    "prometheus_sd_consul_rpc_duration_seconds",
    "The duration of a Consul RPC call in seconds.",
    [0.5, 0.9, 0.99],
    ["endpoint", "call"],
  ),
  dnsLookups: self.counter("prometheus_sd_dns_lookups_total", "The number of DNS-SD lookups."),
  dnsLookupFailures: self.counter("prometheus_sd_dns_lookup_failures_total", "The number of DNS-SD lookup failures."),
  httpFailures: self.counter("prometheus_sd_http_failures_total", "Number of HTTP service discovery refresh failures."),
  ...kubernetesMetrics(self),
});
