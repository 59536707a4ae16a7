import { kindMetrics } from "../../kind-metrics.ts";

/** Metrics of requests to Nomad. */
export const nomadMetrics = kindMetrics((self) => ({
  failures: self.counter("prometheus_sd_nomad_failures_total", "Number of nomad service discovery refresh failures."),
}));
