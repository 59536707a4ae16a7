import { type Alert, fingerprint, matchRoutes, type Silence } from "@narthex/alerting";
import { Labels, type RelabelRule } from "@narthex/model";
import { type Logger, SimulatedClock } from "@narthex/runtime";
import { relabeledAlert, withExternalLabels } from "@narthex/rules";
import type { ReplayedRule } from "../replayed-rule.ts";
import type { NotificationLimits, ReplayedNotification, UnnotifiedAlert } from "./notification-recorder.ts";
import { type SentAlert, sentAlerts } from "./sent-alerts.ts";
import { type AlertmanagerSettings, openAlertmanager, type SimulatedAlertmanager } from "./simulated-alertmanager.ts";

/** Replayed rules, and the Alertmanager to which a server would have sent their alerts. */
export interface NotificationRequest {
  readonly rules: readonly ReplayedRule[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly alertmanager: AlertmanagerSettings;
  readonly silences: readonly Silence[];
  /** The server's external labels, and its alert_relabel_configs. */
  readonly externalLabels: Labels;
  readonly alertRelabelConfigs: readonly RelabelRule[];
  /** Time after which the server sends an alert again. */
  readonly resendDelayMs: number;
  readonly logger: Logger;
  readonly limits?: NotificationLimits | undefined;
  /** Ends the backtest with the reason of the signal. */
  readonly signal: AbortSignal;
}

const DEFAULT_LIMITS: NotificationLimits = { notifications: 100_000, notifiedAlerts: 2_000_000, occurrences: 200_000 };

export interface ReplayedNotifications {
  /** In the order of time. */
  readonly sent: readonly ReplayedNotification[];
  /** Number of further notifications, which are not listed. */
  readonly hidden: number;
  /** Alerts of which a receiver was not notified. */
  readonly unnotified: readonly UnnotifiedAlert[];
  /** Number of occurrences of alerts about which `unnotified` has no information. */
  readonly hiddenAlerts: number;
}

/** The alerts of a rule fired too often. */
export class TooManyAlertsError extends Error {
  override readonly name = "TooManyAlertsError";

  constructor(rule: string) {
    super(`the alerts of the rule ${rule} fire too often for a list of notifications; choose a shorter time range`);
  }
}

/**
 * Sends the alerts of replayed rules to an Alertmanager on a simulated clock, at the times at which a server would have
 * sent them. Messages take no time, and each delivery succeeds.
 */
export async function replayNotifications(request: NotificationRequest): Promise<ReplayedNotifications> {
  const { rules, fromMs, toMs, signal, logger, limits = DEFAULT_LIMITS } = request;
  const cut = rules.find(({ sending }) => sending.isCut);
  if (cut !== undefined) throw new TooManyAlertsError(cut.spec.name);
  const clock = new SimulatedClock(fromMs);
  const alertmanager = await openAlertmanager(request.alertmanager, request.silences, { clock, logger, limits });
  const sender = new AlertSender(request, alertmanager);
  const isShared = sender.sharedAlerts(rules);
  try {
    for (const { atMs, alerts } of sentAlerts(rules, { ...request, isShared })) {
      // Alarms that are due at the same time are called first, because the server needs time to evaluate and to send.
      await clock.advance(atMs - clock.now(), signal);
      for (const alert of alerts) sender.send(alert, atMs);
    }
    await clock.advance(toMs - clock.now(), signal);
  } finally {
    await alertmanager.stop();
  }
  const { notifications: sent, hidden, hiddenAlerts } = alertmanager.recorder;
  const unnotified = [...alertmanager.recorder.unnotified(), ...sender.dropped];
  return { sent, hidden, unnotified: unnotified.sort((a, b) => a.firedAtMs - b.firedAtMs), hiddenAlerts };
}

type SentLabels = Pick<Alert, "fingerprint" | "labels">;

/** Sends alerts to the simulated Alertmanager, with the labels that the server's notifier gives them. */
class AlertSender {
  /** Occurrences of alerts that alert_relabel_configs dropped. */
  readonly dropped: UnnotifiedAlert[] = [];
  readonly #request: NotificationRequest;
  readonly #alertmanager: SimulatedAlertmanager;
  /** Labels in the notifier by the key of the rule's labels; null for a dropped alert. */
  readonly #labels = new Map<string, SentLabels | null>();

  constructor(request: NotificationRequest, alertmanager: SimulatedAlertmanager) {
    this.#request = request;
    this.#alertmanager = alertmanager;
  }

  /** Returns the function that reports whether several alerts of the rules have equal labels after relabeling. */
  sharedAlerts(rules: readonly ReplayedRule[]): (labels: Labels) => boolean {
    const sources = new Map<string, string>();
    const shared = new Set<string>();
    for (const [at, { sending }] of rules.entries())
      for (const { labels } of sending.all) {
        const fingerprint = this.#labelsOf(labels)?.fingerprint;
        if (fingerprint === undefined) continue;
        const source = `${at} ${labels.key}`;
        const known = sources.get(fingerprint);
        if (known === undefined) sources.set(fingerprint, source);
        else if (known !== source) shared.add(fingerprint);
      }
    return (labels) => shared.size > 0 && shared.has(this.#labelsOf(labels)?.fingerprint ?? "");
  }

  send({ labels: own, startsAtMs, endsAtMs, begins }: SentAlert, now: number): void {
    const { alerts, recorder, route } = this.#alertmanager;
    const sent = this.#labelsOf(own);
    if (sent === null) {
      if (begins !== undefined && begins.resolvedAtMs === undefined) this.#drop(own, startsAtMs, begins.untilMs);
      return;
    }
    if (begins !== undefined && begins.resolvedAtMs === undefined)
      recorder.begin(sent, begins, matchRoutes(route, sent.labels));
    alerts.put({
      ...sent,
      annotations: Labels.EMPTY,
      startsAt: startsAtMs,
      endsAt: endsAtMs,
      updatedAt: now,
      timeout: false,
      generatorUrl: "",
    });
  }

  #drop(labels: Labels, firedAtMs: number, untilMs: number): void {
    const endedAtMs = untilMs === Infinity ? undefined : untilMs;
    this.dropped.push({
      labels,
      firedAtMs,
      endedAtMs,
      receiver: undefined,
      reasons: [{ cause: "relabeling", by: [] }],
    });
  }

  #labelsOf(own: Labels): SentLabels | null {
    const known = this.#labels.get(own.key);
    if (known !== undefined) return known;
    const { externalLabels, alertRelabelConfigs } = this.#request;
    const labels = relabeledAlert(withExternalLabels(own, externalLabels), alertRelabelConfigs);
    const sent = labels === undefined ? null : { labels, fingerprint: fingerprint(labels) };
    this.#labels.set(own.key, sent);
    return sent;
  }
}
