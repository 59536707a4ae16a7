import type { SelfMetrics } from "@narthex/http";
import { FAILURE_REASONS } from "@narthex/notification";

/** Reasons why an alert is not notified. The counter of a reason is created when the reason first applies. */
export type Suppression = "active_time_interval" | "inhibition" | "mute_time_interval" | "silence";

/** The metrics of grouping and notifying alerts, with Alertmanager's names. */
export type AlertingMetrics = ReturnType<typeof alertingMetrics>;

/**
 * Creates the metrics of grouping and notifying alerts.
 * @param kinds all kinds of integrations, whose counters start at 0
 */
export function alertingMetrics(
  metrics: SelfMetrics,
  kinds: readonly string[],
  { receiverNames = false }: MetricFeatures = {},
) {
  // The type omits the label `receiver_name`, which exists only if the feature flag is set.
  const labels = (receiverNames ? ["integration", "receiver_name"] : ["integration"]) as ["integration"];
  const built = {
    received: metrics.counter("alertmanager_alerts_received_total", "The total number of received alerts.", [
      "status",
      "version",
    ]),
    invalid: metrics.counter(
      "alertmanager_alerts_invalid_total",
      "The total number of received alerts that were invalid.",
      ["version"],
    ),
    notifications: metrics.counter(
      "alertmanager_notifications_total",
      "The total number of attempted notifications.",
      labels,
    ),
    notificationsFailed: metrics.counter(
      "alertmanager_notifications_failed_total",
      "The total number of failed notifications.",
      [...labels, "reason"] as ["integration", "reason"],
    ),
    requests: metrics.counter(
      "alertmanager_notification_requests_total",
      "The total number of attempted notification requests.",
      labels,
    ),
    requestsFailed: metrics.counter(
      "alertmanager_notification_requests_failed_total",
      "The total number of failed notification requests.",
      labels,
    ),
    latency: metrics.histogram(
      "alertmanager_notification_latency_seconds",
      "The latency of notifications in seconds.",
      [1, 5, 10, 15, 20],
      labels,
    ),
    suppressed: metrics.counter(
      "alertmanager_notifications_suppressed_total",
      "The total number of notifications suppressed for being silenced, inhibited, outside of active time intervals or within muted time intervals.",
      ["reason"],
    ),
    processing: metrics.summary(
      "alertmanager_dispatcher_alert_processing_duration_seconds",
      "Summary of latencies for the processing of alerts.",
      [],
    ),
    groupLimitReached: metrics.counter(
      "alertmanager_dispatcher_aggregation_group_limit_reached_total",
      "Number of times when dispatcher failed to create new aggregation group due to limit.",
    ),
  };
  for (const status of ["firing", "resolved"]) built.received.inc({ status, version: "v2" }, 0);
  built.invalid.inc({ version: "v2" }, 0);
  const { internalErrors } = metrics;
  return { ...built, internalErrors, ...perIntegration(built, kinds, receiverNames) };
}

type NotificationSeries = Readonly<
  Record<"notifications" | "requests" | "requestsFailed", { inc(labels: IntegrationLabels, by: number): void }>
> & {
  readonly latency: { zero(labels: IntegrationLabels): void };
  readonly notificationsFailed: { inc(labels: IntegrationLabels & { readonly reason: string }, by: number): void };
};

/** Labels of the metrics of an integration. The label `receiver_name` is present only if its feature flag is set. */
interface IntegrationLabels {
  readonly integration: string;
}

/**
 * Returns two functions: `of` makes the labels of an integration's metrics, and `show` starts the counters of a
 * configuration at 0.
 */
function perIntegration(series: NotificationSeries, kinds: readonly string[], receiverNames: boolean) {
  const of = (integration: string, receiver: string): IntegrationLabels => {
    const named = { integration, receiver_name: receiver };
    return receiverNames ? named : { integration };
  };
  const startAtZero = (integration: string, receiver: string): void => {
    const own = of(integration, receiver);
    series.notifications.inc(own, 0);
    series.requests.inc(own, 0);
    series.requestsFailed.inc(own, 0);
    series.latency.zero(own);
    for (const reason of FAILURE_REASONS) series.notificationsFailed.inc({ ...own, reason }, 0);
  };
  if (!receiverNames) for (const kind of kinds) startAtZero(kind, "");
  /** Starts the counters of all receivers of a configuration at 0, if metrics have a label for the receiver. */
  const show = (receivers: ReadonlyMap<string, readonly { readonly kind: string }[]>): void => {
    if (!receiverNames) return;
    for (const [name, integrations] of receivers) for (const { kind } of integrations) startAtZero(kind, name);
  };
  return { of, show };
}

/** Changes to the metrics that `--enable-feature` turns on. */
export interface MetricFeatures {
  readonly receiverNames?: boolean;
}
