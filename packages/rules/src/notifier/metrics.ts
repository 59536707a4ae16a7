import { family, type FamilySample, sample } from "@narthex/exposition";
import type { SelfMetrics } from "@narthex/http";
import type { AlertSender } from "./alert-sender.ts";

/** Provides the numbers for the metrics about sending alerts. */
export interface NotifierSource {
  readonly senders: () => readonly AlertSender[];
  readonly capacity: number;
}

/**
 * Registers the metrics about sending alerts, with Prometheus' names. Returns a function that records the duration of a
 * request in seconds.
 */
export function notifierMetrics(metrics: SelfMetrics, source: NotifierSource): (url: string, seconds: number) => void {
  const latency = metrics.summary(
    "prometheus_notifications_latency_seconds",
    "Latency quantiles for sending alert notifications.",
    [0.5, 0.9, 0.99],
    ["alertmanager"],
  );
  metrics.addSource(() => {
    const senders = source.senders();
    const rows = (read: (sender: AlertSender) => number): FamilySample[] =>
      senders.map((sender) => sample(read(sender), { alertmanager: sender.url }));
    const name = (rest: string): string => `prometheus_notifications_${rest}`;
    return [
      family(
        "counter",
        name("sent_total"),
        "Total number of alerts sent.",
        rows(({ numbers }) => numbers.sent),
      ),
      family(
        "counter",
        name("errors_total"),
        "Total number of sent alerts affected by errors.",
        rows(({ numbers }) => numbers.errors),
      ),
      family(
        "counter",
        name("dropped_total"),
        "Total number of alerts dropped due to errors when sending to Alertmanager.",
        rows(({ numbers }) => numbers.dropped),
      ),
      family(
        "gauge",
        name("queue_length"),
        "The number of alert notifications in the queue.",
        rows(({ queueLength }) => queueLength),
      ),
      family("gauge", name("queue_capacity"), "The capacity of the alert notifications queue.", source.capacity),
      family(
        "gauge",
        name("alertmanagers_discovered"),
        "The number of alertmanagers discovered and active.",
        senders.length,
      ),
    ];
  });
  return (url, seconds) => latency.observe({ alertmanager: url }, seconds);
}
