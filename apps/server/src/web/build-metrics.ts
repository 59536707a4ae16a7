import { buildInfoFamily, family, type MetricFamily } from "@narthex/exposition";

import type { BuildInfo } from "@narthex/runtime";
import type { Notices } from "./notices.ts";

export function buildMetrics(build: BuildInfo, ready: () => boolean, notices: Notices): () => readonly MetricFamily[] {
  return () => [
    buildInfoFamily(build),
    family("gauge", "prometheus_ready", "Whether the server is ready to answer: 1 or 0.", ready() ? 1 : 0),
    family(
      "gauge",
      "prometheus_api_notification_active_subscribers",
      "Clients that receive live notifications.",
      notices.listeners,
    ),
    family("counter", "prometheus_api_notification_updates_sent_total", "Notifications sent to clients.", notices.sent),
    family(
      "counter",
      "prometheus_api_notification_updates_dropped_total",
      "Notifications not sent because a client was slow.",
      notices.dropped,
    ),
  ];
}
