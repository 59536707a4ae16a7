import { kindMetrics } from "../../kind-metrics.ts";

/** Metrics of discovery in Azure. */
export const azureMetrics = kindMetrics((self) => ({
  failures: self.counter("prometheus_sd_azure_failures_total", "Number of Azure service discovery refresh failures."),
  cacheHits: self.counter("prometheus_sd_azure_cache_hit_total", "Number of cache hit during refresh."),
}));
