import { kindMetrics } from "../../kind-metrics.ts";

/** Metrics of requests to Linode. */
export const linodeMetrics = kindMetrics((self) => ({
  failures: self.counter("prometheus_sd_linode_failures_total", "Number of Linode service discovery refresh failures."),
}));
