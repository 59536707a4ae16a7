import type { SelfMetrics } from "@narthex/http";
import type { RequestObserver } from "./api-server.ts";
import { KUBERNETES_ROLES } from "./section.ts";

export const kubernetesMetrics = (self: SelfMetrics) => ({
  kubernetesEvents: kubernetesEvents(self),
  ...kubernetesRequestMetrics(self),
});

/** Metrics of requests to the Kubernetes API. */
export type KubernetesRequestMetrics = ReturnType<typeof kubernetesRequestMetrics>;

export const kubernetesRequestMetrics = (self: SelfMetrics) => ({
  kubernetesFailures: self.counter(
    "prometheus_sd_kubernetes_failures_total",
    "The number of failed WATCH/LIST requests.",
  ),
  kubernetesRequests: self.counter(
    "prometheus_sd_kubernetes_http_request_total",
    "Total number of HTTP requests to the Kubernetes API by status code.",
    ["status_code"],
  ),
  kubernetesRequestDuration: self.summary(
    "prometheus_sd_kubernetes_http_request_duration_seconds",
    "Summary of latencies for HTTP requests to the Kubernetes API by endpoint.",
    [],
    ["endpoint"],
  ),
});

/** Returns an observer that counts requests to an API server and measures the duration of lists. */
export const requestObserver = ({
  kubernetesRequests,
  kubernetesRequestDuration,
}: Omit<KubernetesRequestMetrics, "kubernetesFailures">): RequestObserver => ({
  answered: (status) => kubernetesRequests.inc({ status_code: status }),
  listed: (path, ms) => kubernetesRequestDuration.observe({ endpoint: endpointOf(path) }, ms / 1000),
});

/**
 * Returns the path of an API request as Prometheus' metrics show it: without the query, and with a placeholder for the
 * namespace.
 */
const endpointOf = (path: string): string =>
  path.split("?", 1)[0]!.replace(/\/namespaces\/[^/]+\//, "/namespaces/%7Bnamespace%7D/");

/**
 * Registers the counter of watch events. As in Prometheus, all combinations of label values exist from the start, with
 * the value 0.
 */
function kubernetesEvents(self: SelfMetrics) {
  const name = "prometheus_sd_kubernetes_events_total";
  const events = self.counter(name, "The number of Kubernetes events handled.", ["role", "event"]);
  for (const role of KUBERNETES_ROLES) for (const event of ["add", "delete", "update"]) events.inc({ role, event }, 0);
  return events;
}
