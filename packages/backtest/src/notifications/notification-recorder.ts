import type { Alert, Flush, FlushAlert, NotificationObserver, Suppression, SuppressedAlert } from "@narthex/alerting";
import type { Labels } from "@narthex/model";
import type { Integration } from "@narthex/notification";
import type { SendingPeriod } from "../sending-periods.ts";

/** A notification that an Alertmanager would have sent. */
export interface ReplayedNotification {
  /** Time of sending, Unix ms. */
  readonly atMs: number;
  readonly receiver: string;
  /** Kind and index of the integration, such as `slack[0]`. */
  readonly integration: string;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** The group_interval of the route. */
  readonly groupIntervalMs: number;
  /** Reason in Alertmanager's words, such as `first notification`. */
  readonly reason: string;
  readonly firing: readonly Labels[];
  readonly resolved: readonly Labels[];
}

/**
 * Why a receiver was not notified that an alert fires. "covered": its last notification already contained the alert as
 * firing. "no_integration": the receiver has none. "waiting": the alert or the backtest ended before the group was due.
 * "relabeling": the server's alert_relabel_configs dropped the alert.
 */
export type UnnotifiedCause = Suppression | "covered" | "no_integration" | "relabeling" | "waiting";

export interface UnnotifiedReason {
  readonly cause: UnnotifiedCause;
  /** Ids of silences, names of time intervals, or labels of the inhibiting alerts. */
  readonly by: readonly string[];
}

/** An occurrence of an alert of which a receiver was not notified. */
export interface UnnotifiedAlert {
  readonly labels: Labels;
  readonly firedAtMs: number;
  /** Undefined if the alert still fires at the end of the backtest. */
  readonly endedAtMs: number | undefined;
  /** Undefined if the alert was not sent to Alertmanager. */
  readonly receiver: string | undefined;
  readonly reasons: readonly UnnotifiedReason[];
}

/** A receiver of an occurrence of an alert, with the reasons why it was not notified. */
interface Destination {
  readonly routeId: string;
  readonly receiver: string;
  isNotified: boolean;
  readonly reasons: Map<UnnotifiedCause, Set<string>>;
}

interface Occurrence {
  readonly labels: Labels;
  readonly firedAtMs: number;
  readonly endedAtMs: number | undefined;
  readonly destinations: readonly Destination[];
}

/** Limits of what a backtest keeps in memory. */
export interface NotificationLimits {
  readonly notifications: number;
  /** Number of alerts in all notifications. */
  readonly notifiedAlerts: number;
  /** Number of occurrences of alerts. */
  readonly occurrences: number;
}

/** The largest number of names that a reason lists. */
const MAX_CAUSES = 10;

/** Records the notifications of a simulated Alertmanager, and why alerts were not notified. */
export class NotificationRecorder implements NotificationObserver {
  readonly notifications: ReplayedNotification[] = [];
  /** Number of notifications that are not kept. */
  hidden = 0;
  /** Number of occurrences of alerts that are not kept. */
  hiddenAlerts = 0;
  readonly #labelsOf: (fingerprint: string) => Labels | undefined;
  readonly #hasIntegrations: (receiver: string) => boolean;
  readonly #occurrences: Occurrence[] = [];
  /** The latest occurrence of each alert, by fingerprint. */
  readonly #latest = new Map<string, Occurrence>();
  readonly #limits: NotificationLimits;
  #notifiedAlerts = 0;

  /**
   * @param labelsOf returns the labels of the alert with a fingerprint
   * @param hasIntegrations reports whether a receiver has integrations
   */
  constructor(
    labelsOf: (fingerprint: string) => Labels | undefined,
    hasIntegrations: (receiver: string) => boolean,
    limits: NotificationLimits,
  ) {
    this.#limits = limits;
    this.#labelsOf = labelsOf;
    this.#hasIntegrations = hasIntegrations;
  }

  /** Notes that an alert begins to fire, with its end and the routes that it takes. */
  begin(
    { labels, fingerprint }: Pick<Alert, "fingerprint" | "labels">,
    { firedAtMs, untilMs }: Pick<SendingPeriod, "firedAtMs" | "untilMs">,
    routes: readonly { readonly id: string; readonly receiver: string }[],
  ): void {
    const destinations = routes.map(({ id, receiver }) => ({
      routeId: id,
      receiver,
      isNotified: false,
      reasons: new Map<UnnotifiedCause, Set<string>>(),
    }));
    const occurrence = { labels, firedAtMs, endedAtMs: untilMs === Infinity ? undefined : untilMs, destinations };
    this.#latest.set(fingerprint, occurrence);
    if (this.#occurrences.length < this.#limits.occurrences) this.#occurrences.push(occurrence);
    else this.hiddenAlerts++;
  }

  /** Returns the occurrences of alerts of which a receiver was not notified. */
  unnotified(): readonly UnnotifiedAlert[] {
    return this.#occurrences.flatMap(({ labels, firedAtMs, endedAtMs, destinations }) =>
      destinations
        .filter(({ isNotified }) => !isNotified)
        .map(({ receiver, reasons }) => ({ labels, firedAtMs, endedAtMs, receiver, reasons: listed(reasons) })),
    );
  }

  flushBegins(): undefined {
    return undefined;
  }

  suppressed({ route }: Flush, reason: Suppression, alerts: readonly SuppressedAlert[]): void {
    for (const { alert, by } of alerts) {
      if (alert.resolved) continue;
      const causes = this.#reasonsOf(alert, route.id, reason);
      for (const cause of by)
        if (causes !== undefined && causes.size < MAX_CAUSES) causes.add(this.#nameOf(reason, cause));
    }
  }

  passes({ route }: Flush, alerts: readonly FlushAlert[]): void {
    const cause = this.#hasIntegrations(route.receiver) ? "covered" : "no_integration";
    for (const alert of alerts) if (!alert.resolved) this.#reasonsOf(alert, route.id, cause);
  }

  notifying({ route, groupKey, groupLabels, alerts, now }: Flush, { kind, index }: Integration, reason: string) {
    for (const alert of alerts) {
      const destination = alert.resolved ? undefined : this.#destination(alert, route.id);
      if (destination !== undefined) destination.isNotified = true;
    }
    this.#notifiedAlerts += alerts.length;
    const { notifications, notifiedAlerts } = this.#limits;
    if (this.notifications.length >= notifications || this.#notifiedAlerts > notifiedAlerts) this.hidden++;
    else
      this.notifications.push({
        atMs: now,
        receiver: route.receiver,
        integration: `${kind}[${index}]`,
        groupKey,
        groupLabels,
        groupIntervalMs: route.groupIntervalMs,
        reason,
        firing: alerts.filter(({ resolved }) => !resolved).map(({ labels }) => labels),
        resolved: alerts.filter(({ resolved }) => resolved).map(({ labels }) => labels),
      });
    return TRACE;
  }

  /** Returns the set of names for a cause, or undefined if the receiver was already notified of the alert. */
  #reasonsOf(alert: FlushAlert, routeId: string, cause: UnnotifiedCause): Set<string> | undefined {
    const destination = this.#destination(alert, routeId);
    if (destination === undefined || destination.isNotified) return undefined;
    let causes = destination.reasons.get(cause);
    if (causes === undefined) destination.reasons.set(cause, (causes = new Set()));
    return causes;
  }

  #destination({ fingerprint }: FlushAlert, routeId: string): Destination | undefined {
    return this.#latest.get(fingerprint)?.destinations.find((each) => each.routeId === routeId);
  }

  #nameOf(reason: Suppression, cause: string): string {
    return reason === "inhibition" ? (this.#labelsOf(cause)?.toString() ?? cause) : cause;
  }
}

const TRACE = { attempted: () => undefined, waitsUntil: () => undefined, ended: () => undefined };

/** Returns the reasons as a list. Without any reason, the group was not due before the alert ended. */
function listed(reasons: Destination["reasons"]): readonly UnnotifiedReason[] {
  if (reasons.size === 0) return [{ cause: "waiting", by: [] }];
  return [...reasons].map(([cause, by]) => ({ cause, by: [...by] }));
}
