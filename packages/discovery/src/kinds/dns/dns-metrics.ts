import { kindMetrics } from "../../kind-metrics.ts";

/** Metrics of DNS lookups. */
export const dnsMetrics = kindMetrics((self) => ({
  lookups: self.counter("prometheus_sd_dns_lookups_total", "The number of DNS-SD lookups."),
  lookupFailures: self.counter("prometheus_sd_dns_lookup_failures_total", "The number of DNS-SD lookup failures."),
}));
