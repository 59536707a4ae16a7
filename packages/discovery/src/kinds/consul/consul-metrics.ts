import { kindMetrics } from "../../kind-metrics.ts";

/** Metrics of requests to Consul. */
export const consulMetrics = kindMetrics((self) => ({
  rpcFailures: self.counter("prometheus_sd_consul_rpc_failures_total", "The number of Consul RPC call failures."),
  rpcDuration: self.summary(
    "prometheus_sd_consul_rpc_duration_seconds",
    "The duration of a Consul RPC call in seconds.",
    [0.5, 0.9, 0.99],
    ["endpoint", "call"],
  ),
}));
