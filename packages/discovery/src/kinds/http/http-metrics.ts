import { kindMetrics } from "../../kind-metrics.ts";

/** Metrics of discovery over HTTP. */
export const httpMetrics = kindMetrics((self) => ({
  failures: self.counter("prometheus_sd_http_failures_total", "Number of HTTP service discovery refresh failures."),
}));
