import type { Labels } from "@narthex/model";
import { eventLoop, isProgramFault, TimeSlice, type Clock, type Logger, type ReportError } from "@narthex/runtime";
import type { Acknowledgements } from "../acknowledgements/acknowledgements.ts";
import { alertHash } from "../alerts/fingerprint.ts";
import type { AlertingMetrics, Suppression } from "./alerting-metrics.ts";
import type { Coordination } from "./coordination.ts";
import { hashAlerts, notifyReason } from "./dedup.ts";
import { deliverWithRetries } from "./retry-stage.ts";
import { DeliveryLimiter } from "./delivery-limiter.ts";
import type { Inhibitor } from "../routing/inhibition.ts";
import {
  DeliveryError,
  type Integration,
  type Notification,
  type NotificationAlert,
  type NotificationContext,
} from "@narthex/notification";
import type { Flush, FlushAlert, FlushResult } from "./flush.ts";
import type { LogEntry, NotificationLog } from "./notification-log.ts";
import type { SuppressedAlert, NotificationObserver } from "./notification-observer.ts";
import type { Silences } from "../silences/silences.ts";
import { type SharedLock, NotificationLock } from "./notification-lock.ts";
import { containsTime, type TimeInterval } from "../routing/time-interval.ts";

export interface PipelineOptions {
  readonly inhibitor: Inhibitor;
  readonly silences: Silences;
  readonly log: NotificationLog;
  readonly acknowledgements: Pick<Acknowledgements, "of">;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  /** Integrations by receiver. */
  readonly receivers: ReadonlyMap<string, readonly Integration[]>;
  readonly coordination: Coordination;
  readonly observer: NotificationObserver;
  /** URL of this Alertmanager, without a slash at its end. */
  readonly externalUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AlertingMetrics;
  readonly random: () => number;
  /**
   * Returns the context of a group's alerts. Never rejects, and resolves within a few seconds. Undefined if contexts are
   * off.
   */
  readonly contextOf?:
    | ((alerts: readonly NotificationAlert[], signal: AbortSignal) => Promise<NotificationContext | undefined>)
    | undefined;
}

interface SendOptions {
  readonly reason: string;
  /** Data that the receiver returned for the last notification of the group, such as a message id. */
  readonly known: Readonly<Record<string, string>>;
  readonly lock: SharedLock | undefined;
}

/** Permission of this instance to notify a group through an integration, with the lock of the log entry. */
interface Turn {
  /** Key of the group and the integration in the notification log. */
  readonly key: string;
  readonly lock: NotificationLock;
  /** Hashes of the alerts whose end was notified while this instance waited for the lock. */
  readonly ends: ReadonlySet<string>;
}

/**
 * If a flush has waited for at least this time in ms, it reads the alerts of its group again, because they may have
 * changed.
 */
const LONG_WAIT_MS = 500;

/** Notifies groups in stages: inhibition, time intervals, silences, then each integration separately. */
export class NotificationPipeline {
  readonly #options: PipelineOptions;
  readonly #limiters = new Map<Integration, DeliveryLimiter>();
  readonly #report: ReportError;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#report = options.metrics.internalErrors.reporter("notification", options.logger);
    for (const integration of [...options.receivers.values()].flat()) {
      this.#limiters.set(integration, new DeliveryLimiter(options.clock));
    }
  }

  /** Notifies the alerts of a group. Never rejects: a failed notification is repeated at the group's next flush. */
  async run(atTick: Flush, signal: AbortSignal): Promise<FlushResult> {
    try {
      return await this.#run(atTick, signal);
    } catch (error) {
      this.#report(error, { aggrGroup: atTick.groupKey });
      return { ok: false, mutedBy: undefined };
    }
  }

  async #run(atTick: Flush, signal: AbortSignal): Promise<FlushResult> {
    const { inhibitor, silences, coordination, observer, clock } = this.#options;
    try {
      await coordination.ready(signal);
    } catch (error) {
      this.#logFailure(atTick, signal, [error]);
      return { ok: false, mutedBy: undefined };
    }
    // Reads the group's alerts again if this instance waited long for other instances, because sources may have posted
    // alerts during the wait.
    const flush = clock.now() - atTick.now >= LONG_WAIT_MS ? atTick.renewed() : atTick;
    const { route, tick, now } = flush;
    await observer.flushBegins(flush);
    let alerts = await this.#suppress(flush, flush.alerts, "inhibition", (each) => inhibitor.inhibitedBy(each, now));
    if (alerts.length === 0) return { ok: true, mutedBy: undefined };
    const active = route.activeTimeIntervals;
    if (active.length > 0 && this.#containing(active, tick).length === 0) {
      this.#reportSuppressed(flush, "active_time_interval", withReason(alerts, active));
      return { ok: true, mutedBy: active };
    }
    const muting = this.#containing(route.muteTimeIntervals, tick);
    if (muting.length > 0) {
      this.#reportSuppressed(flush, "mute_time_interval", withReason(alerts, muting));
      return { ok: true, mutedBy: muting };
    }
    alerts = await this.#suppress(flush, alerts, "silence", (each) => silences.mutedBy(each, now));
    observer.passes(flush, alerts);
    if (alerts.length === 0) return { ok: true, mutedBy: [] };
    const integrations = this.#options.receivers.get(route.receiver) ?? [];
    const context = this.#sharedContext(alerts, signal);
    const results = await Promise.allSettled(
      integrations.map((each) => this.#notify(each, { ...flush, alerts, context }, signal)),
    );
    const failures = results.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
    for (const failure of failures.filter(isProgramFault)) this.#report(failure, { aggrGroup: flush.groupKey });
    if (failures.length > 0) this.#logFailure(flush, signal, failures);
    return { ok: results.every((each) => each.status === "fulfilled" && each.value), mutedBy: [] };
  }

  /** Returns a function that gets the context of alerts at its first call, and returns the same context afterwards. */
  #sharedContext(
    alerts: readonly NotificationAlert[],
    signal: AbortSignal,
  ): () => Promise<NotificationContext | undefined> {
    let context: Promise<NotificationContext | undefined> | undefined;
    return () => (context ??= this.#options.contextOf?.(alerts, signal) ?? Promise.resolve(undefined));
  }

  /**
   * Logs failed notifications. The level is debug if a stop or a reload canceled the notifications, otherwise error.
   */
  #logFailure({ groupKey, alerts }: Flush, signal: AbortSignal, failures: readonly unknown[]): void {
    const { logger } = this.#options;
    const canceled = signal.aborted && (signal.reason as Error).message === "context canceled";
    const err = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join("\n");
    const level = canceled ? "debug" : "error";
    logger[level]("Notify for alerts failed", { aggrGroup: groupKey, num_alerts: alerts.length, err });
  }

  #containing(names: readonly string[], now: number): readonly string[] {
    return names.filter((name) => {
      const interval = this.#options.intervals.get(name);
      return interval !== undefined && containsTime(interval, now);
    });
  }

  async #suppress(
    flush: Flush,
    alerts: readonly FlushAlert[],
    reason: Suppression,
    mutedBy: (labels: Labels) => readonly string[],
  ): Promise<readonly FlushAlert[]> {
    const kept: FlushAlert[] = [];
    const muted: SuppressedAlert[] = [];
    const slice = new TimeSlice(this.#options.clock);
    for (const alert of alerts) {
      const pause = slice.yieldToEventLoop();
      if (pause !== undefined) await pause;
      const by = mutedBy(alert.labels);
      if (by.length === 0) kept.push(alert);
      else muted.push({ alert, by });
    }
    this.#reportSuppressed(flush, reason, muted);
    return kept;
  }

  #reportSuppressed(flush: Flush, reason: Suppression, alerts: readonly SuppressedAlert[]): void {
    if (alerts.length === 0) return;
    this.#options.metrics.suppressed.inc({ reason }, alerts.length);
    this.#options.observer.suppressed(flush, reason, alerts);
  }

  /**
   * Notifies a group through one integration: acquires the lock, checks whether a notification is needed, sends it and
   * records it. Returns false if another instance should notify for now. Throws if the delivery failed.
   */
  async #notify(integration: Integration, flush: Flush, signal: AbortSignal): Promise<boolean> {
    const key = `${flush.groupKey}:${flush.route.receiver}/${integration.kind}/${integration.index}`;
    const { ends, stop } = this.#options.log.collectEnds(key);
    try {
      const lock = await NotificationLock.acquire(this.#options.coordination, key, signal);
      try {
        return await this.#notifyLocked(integration, flush, { key, lock, ends }, signal);
      } finally {
        await lock.release();
      }
    } finally {
      stop();
    }
  }

  /**
   * Returns the flush with the group's current alerts, after another instance has notified. Omits ended alerts whose
   * firing was never notified, and alerts whose end was notified during the wait.
   */
  #renewed(flush: Flush, entry: LogEntry, notifiedEnds: ReadonlySet<string>): Flush {
    const { inhibitor, silences } = this.#options;
    const latest = flush.renewed();
    const { now } = latest;
    const firing = new Set(entry.firing);
    const alerts = latest.alerts.filter((alert) => {
      const hash = alertHash(alert.labels);
      if (alert.resolved && !firing.has(hash) && (!latest.hasFired(alert) || notifiedEnds.has(hash))) return false;
      return inhibitor.inhibitedBy(alert.labels, now).length === 0 && silences.mutedBy(alert.labels, now).length === 0;
    });
    return { ...latest, alerts };
  }

  async #notifyLocked(
    integration: Integration,
    atTick: Flush,
    { key, lock, ends }: Turn,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { log, clock } = this.#options;
    eventLoop.begin("receiver", atTick.route.receiver);
    const { repeatIntervalMs } = atTick.route;
    const entry = log.get(key);
    const settings = { sendResolved: integration.sendResolved, repeatIntervalMs, now: atTick.tick };
    let flush = atTick;
    let hashes = hashAlerts(flush.alerts);
    let reason = notifyReason(entry, hashes, settings);
    if (reason !== undefined && entry !== undefined && entry.timestamp > flush.now) {
      // Uses the group's current alerts, because another instance has notified during the wait.
      flush = { ...this.#renewed(flush, entry, ends), context: atTick.context! };
      if (flush.alerts.length === 0) return true;
      await this.#options.observer.flushBegins(flush);
      hashes = hashAlerts(flush.alerts);
      reason = notifyReason(entry, hashes, settings);
    }
    if (reason === undefined) return true;
    if (entry !== undefined && (await this.#options.coordination.isLogNewer?.(entry, flush.renewed().alerts)))
      return false;
    const known = reason === "first notification" ? {} : (entry?.data ?? {});
    const shared = lock.shared(() => log.get(key)?.timestamp !== entry?.timestamp);
    const data = await this.#send(integration, flush, { reason, known, lock: shared }, signal);
    if (data === undefined) return false;
    await log.record(key, { ...hashes, timestamp: clock.now(), data }, repeatIntervalMs);
    return true;
  }

  async #send(
    integration: Integration,
    flush: Flush,
    { reason, known: data, lock }: SendOptions,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>> | undefined> {
    const { metrics } = this.#options;
    const { kind, sendResolved } = integration;
    metrics.notifications.inc(metrics.of(kind, flush.route.receiver));
    // Removes ended alerts only from the sent notification. The log entry must contain them even without send_resolved,
    // so that a notification counts as a first notification if the alert fires again.
    const alerts = sendResolved ? flush.alerts : flush.alerts.filter(({ resolved }) => !resolved);
    if (alerts.length === 0) return data;
    const { route, groupKey, groupLabels } = flush;
    const { receiver, labels: routeLabels, groupIntervalMs: maxRetryAfterMs } = route;
    const context = integration.showsContext === true ? await flush.context?.() : undefined;
    const notification: Notification = {
      receiver,
      groupKey,
      groupLabels,
      routeLabels,
      alerts: this.#withAcknowledgements(alerts),
      reason,
      externalUrl: this.#options.externalUrl,
      data,
      maxRetryAfterMs,
      ...(context === undefined ? {} : { context }),
    };
    const trace = this.#options.observer.notifying({ ...flush, alerts }, integration, reason);
    try {
      const limiter = this.#limiters.get(integration)!;
      const left = await deliverWithRetries(integration, notification, signal, {
        ...this.#options,
        limiter,
        trace,
        lock,
        reportError: this.#report,
      });
      trace.ended(left === undefined ? "another instance has told it" : undefined);
      return left;
    } catch (error) {
      trace.ended(error instanceof Error ? error.message : String(error));
      const failure = error instanceof DeliveryError ? error.delivery.failure : "other";
      metrics.notificationsFailed.inc({ ...metrics.of(kind, route.receiver), reason: failure });
      throw error;
    }
  }

  #withAcknowledgements(alerts: readonly FlushAlert[]): readonly NotificationAlert[] {
    const { acknowledgements } = this.#options;
    return alerts.map((alert) => {
      const acknowledgement = alert.resolved ? undefined : acknowledgements.of(alert);
      return acknowledgement === undefined ? alert : { ...alert, acknowledgement };
    });
  }
}

const withReason = (alerts: readonly FlushAlert[], by: readonly string[]): readonly SuppressedAlert[] =>
  alerts.map((alert) => ({ alert, by }));
