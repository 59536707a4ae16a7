import type { Labels } from "@narthex/model";
import type { Clock, Logger } from "@narthex/runtime";
import type { AlertingMetrics, Suppression } from "./alerting-metrics.ts";
import type { Coordination } from "./coordination.ts";
import { hashAlerts, notifyReason } from "./dedup.ts";
import { deliver, DeliveryError } from "./delivery.ts";
import type { Inhibitor } from "./inhibition.ts";
import type { Integration, NotifiedAlert } from "./integration.ts";
import type { NotificationLog } from "./notification-log.ts";
import type { NotificationObserver } from "./notification-observer.ts";
import type { Route } from "./route.ts";
import type { Silences } from "./silences.ts";
import { containsTime, type TimeInterval } from "./time-interval.ts";

/** One group at one tick. */
export interface Flush {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly alerts: readonly NotifiedAlert[];
  /** Time of the tick, Unix ms. */
  readonly now: number;
}

/** What became of a flush. */
export interface FlushResult {
  /** False when some integration has not been told what it should have been. */
  readonly ok: boolean;
  /** Names of the time intervals that muted the whole flush. */
  readonly mutedBy: readonly string[];
}

export interface PipelineOptions {
  readonly inhibitor: Inhibitor;
  readonly silences: Silences;
  readonly log: NotificationLog;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  /** Integrations by receiver. */
  readonly receivers: ReadonlyMap<string, readonly Integration[]>;
  readonly coordination: Coordination;
  readonly observer: NotificationObserver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AlertingMetrics;
  readonly random: () => number;
}

/** The way of a flush to the receivers: inhibition, times, silences, then each integration on its own. */
export class NotificationPipeline {
  readonly #options: PipelineOptions;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  async run(flush: Flush, signal: AbortSignal): Promise<FlushResult> {
    const { inhibitor, silences, coordination, observer } = this.#options;
    const { route, now } = flush;
    try {
      await coordination.ready(signal);
    } catch {
      return { ok: false, mutedBy: [] };
    }
    await observer.flushBegins(flush);
    let alerts = this.#suppress(
      flush,
      flush.alerts,
      "inhibition",
      (each) => inhibitor.inhibitedBy(each, now).length > 0,
    );
    if (alerts.length === 0) return { ok: true, mutedBy: [] };
    const active = route.activeTimeIntervals;
    if (active.length > 0 && this.#containing(active, now).length === 0) {
      this.#keptBack(flush, "active_time_interval", alerts, active);
      return { ok: true, mutedBy: active };
    }
    const muting = this.#containing(route.muteTimeIntervals, now);
    if (muting.length > 0) {
      this.#keptBack(flush, "mute_time_interval", alerts, muting);
      return { ok: true, mutedBy: muting };
    }
    alerts = this.#suppress(flush, alerts, "silence", (each) => silences.mutedBy(each, now).length > 0);
    if (alerts.length === 0) return { ok: true, mutedBy: [] };
    const integrations = this.#options.receivers.get(route.receiver) ?? [];
    const told = await Promise.all(integrations.map((each) => this.#tell(each, { ...flush, alerts }, signal)));
    return { ok: told.every(Boolean), mutedBy: [] };
  }

  #containing(names: readonly string[], now: number): readonly string[] {
    return names.filter((name) => {
      const interval = this.#options.intervals.get(name);
      return interval !== undefined && containsTime(interval, now);
    });
  }

  #suppress(
    flush: Flush,
    alerts: readonly NotifiedAlert[],
    reason: Suppression,
    isMuted: (labels: Labels) => boolean,
  ): readonly NotifiedAlert[] {
    const [kept, muted]: NotifiedAlert[][] = [[], []];
    for (const alert of alerts) (isMuted(alert.labels) ? muted! : kept!).push(alert);
    this.#keptBack(flush, reason, muted!, []);
    return kept!;
  }

  #keptBack(flush: Flush, reason: Suppression, alerts: readonly NotifiedAlert[], by: readonly string[]): void {
    if (alerts.length === 0) return;
    this.#options.metrics.suppressed.inc({ reason }, alerts.length);
    this.#options.observer.keptBack(flush, reason, alerts, by);
  }

  /** Waits for its turn, then deduplicates, sends and records; false when the integration could not be told. */
  async #tell(integration: Integration, flush: Flush, signal: AbortSignal): Promise<boolean> {
    const { coordination, logger } = this.#options;
    const key = `${flush.groupKey}:${flush.route.receiver}/${integration.kind}/${integration.index}`;
    let endTurn: () => Promise<void>;
    try {
      endTurn = await coordination.turn(key, signal);
    } catch (error) {
      logger.warn("Gave up waiting for the turn to notify", { group: flush.groupKey, err: error });
      return false;
    }
    try {
      return await this.#tellNow(integration, flush, key, signal);
    } finally {
      await endTurn();
    }
  }

  async #tellNow(integration: Integration, flush: Flush, key: string, signal: AbortSignal): Promise<boolean> {
    const { log, clock, logger, metrics } = this.#options;
    const { route } = flush;
    const entry = log.get(key);
    const hashes = hashAlerts(flush.alerts);
    const { sendResolved } = integration;
    const reason = notifyReason(entry, hashes, {
      sendResolved,
      repeatIntervalMs: route.repeatIntervalMs,
      now: flush.now,
    });
    if (reason === undefined) return true;
    try {
      const data = await this.#send(integration, flush, reason, entry?.data ?? {}, signal);
      await log.record(key, { ...hashes, timestamp: clock.now(), data }, route.repeatIntervalMs);
      return true;
    } catch (error) {
      const failure = error instanceof DeliveryError ? error.failure : "other";
      metrics.notificationsFailed.inc({ integration: integration.kind, reason: failure });
      logger.error("Notify for alerts failed", { num_alerts: flush.alerts.length, err: error });
      return false;
    }
  }

  async #send(
    integration: Integration,
    flush: Flush,
    reason: string,
    data: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    const alerts = integration.sendResolved ? flush.alerts : flush.alerts.filter(({ resolved }) => !resolved);
    if (alerts.length === 0) return data;
    this.#options.metrics.notifications.inc({ integration: integration.kind });
    const { route, groupKey, groupLabels } = flush;
    const notice = { receiver: route.receiver, routeLabels: route.labels, groupKey, groupLabels, alerts, reason, data };
    const trace = this.#options.observer.notifying(flush, integration, reason);
    try {
      const left = await deliver(integration, notice, signal, { ...this.#options, trace });
      trace.ended(undefined);
      return left;
    } catch (error) {
      trace.ended(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}
