import type { SelfMetrics } from "@narthex/http";
import { FAILURE_REASONS } from "./integration.ts";

/** Every kind of integration there is; their counters start at 0. */
export const INTEGRATION_KINDS: readonly string[] = [
  "discord",
  "email",
  "incidentio",
  "jira",
  "mattermost",
  "msteams",
  "msteamsv2",
  "opsgenie",
  "pagerduty",
  "pushover",
  "rocketchat",
  "slack",
  "sns",
  "telegram",
  "victorops",
  "webex",
  "webhook",
  "wechat",
];

const SUPPRESSIONS = ["active_time_interval", "inhibition", "mute_time_interval", "silence"] as const;

export type Suppression = (typeof SUPPRESSIONS)[number];

/** The counters of dispatching and notifying, under Alertmanager's names. */
export type AlertingMetrics = ReturnType<typeof alertingMetrics>;

export function alertingMetrics(metrics: SelfMetrics) {
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
    notifications: metrics.counter("alertmanager_notifications_total", "The total number of attempted notifications.", [
      "integration",
    ]),
    notificationsFailed: metrics.counter(
      "alertmanager_notifications_failed_total",
      "The total number of failed notifications.",
      ["integration", "reason"],
    ),
    requests: metrics.counter(
      "alertmanager_notification_requests_total",
      "The total number of attempted notification requests.",
      ["integration"],
    ),
    requestsFailed: metrics.counter(
      "alertmanager_notification_requests_failed_total",
      "The total number of failed notification requests.",
      ["integration"],
    ),
    latency: metrics.histogram(
      "alertmanager_notification_latency_seconds",
      "The latency of notifications in seconds.",
      [1, 5, 10, 15, 20],
      ["integration"],
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
  for (const reason of SUPPRESSIONS) built.suppressed.inc({ reason }, 0);
  for (const integration of INTEGRATION_KINDS) {
    built.notifications.inc({ integration }, 0);
    built.requests.inc({ integration }, 0);
    built.requestsFailed.inc({ integration }, 0);
    built.latency.zero({ integration });
    for (const reason of FAILURE_REASONS) built.notificationsFailed.inc({ integration, reason }, 0);
  }
  return built;
}
