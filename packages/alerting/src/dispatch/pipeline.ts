import type { Labels } from "@narthex/model";
import { Breath, type Clock, type Logger } from "@narthex/runtime";
import type { AlertingMetrics, Suppression } from "./alerting-metrics.ts";
import type { Coordination } from "./coordination.ts";
import { hashAlerts, notifyReason } from "./dedup.ts";
import { deliver, DeliveryError } from "./delivery.ts";
import { DeliveryLane } from "./delivery-lane.ts";
import type { Inhibitor } from "../routing/inhibition.ts";
import type { Integration, NotifiedAlert } from "./integration.ts";
import type { NotificationLog } from "./notification-log.ts";
import type { KeptBack, NotificationObserver } from "./notification-observer.ts";
import type { Route } from "../routing/route.ts";
import type { Silences } from "../silences/silences.ts";
import { type SharedPause, Turn } from "./turn.ts";
import { containsTime, type TimeInterval } from "../routing/time-interval.ts";

/** One group at one tick. */
export interface Flush {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly alerts: readonly NotifiedAlert[];
  /** When the group's timer was due, Unix ms: what repeats and time intervals go by. */
  readonly tick: number;
  /** When the flush began, Unix ms: what is resolved, inhibited and silenced. */
  readonly now: number;
  /** The same tick with the group's alerts as they are by now. */
  readonly renewed: () => Flush;
}

/** What became of a flush. */
export interface FlushResult {
  /** False when some integration has not been told what it should have been. */
  readonly ok: boolean;
  /** Names of the time intervals that muted the whole flush; undefined when it did not come so far. */
  readonly mutedBy: readonly string[] | undefined;
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

interface Sending {
  readonly reason: string;
  /** What the receiver wanted back. */
  readonly known: Readonly<Record<string, string>>;
  readonly pauses: SharedPause | undefined;
}

/** What a flush saw before a wait of this length is looked at again. */
const LONG_WAIT_MS = 500;

/** The way of a flush to the receivers: inhibition, times, silences, then each integration on its own. */
export class NotificationPipeline {
  readonly #options: PipelineOptions;
  readonly #lanes = new Map<Integration, DeliveryLane>();

  constructor(options: PipelineOptions) {
    this.#options = options;
    for (const integration of [...options.receivers.values()].flat()) {
      this.#lanes.set(integration, new DeliveryLane(options.clock));
    }
  }

  async run(atTick: Flush, signal: AbortSignal): Promise<FlushResult> {
    const { inhibitor, silences, coordination, observer, clock } = this.#options;
    try {
      await coordination.ready(signal);
    } catch (error) {
      this.#logFailure(atTick, signal, [error]);
      return { ok: false, mutedBy: undefined };
    }
    // While a cluster settles the sources speak, and what others know arrives.
    const flush = clock.now() - atTick.now >= LONG_WAIT_MS ? atTick.renewed() : atTick;
    const { route, tick, now } = flush;
    await observer.flushBegins(flush);
    let alerts = await this.#suppress(flush, flush.alerts, "inhibition", (each) => inhibitor.inhibitedBy(each, now));
    if (alerts.length === 0) return { ok: true, mutedBy: undefined };
    const active = route.activeTimeIntervals;
    if (active.length > 0 && this.#containing(active, tick).length === 0) {
      this.#keptBack(flush, "active_time_interval", withReason(alerts, active));
      return { ok: true, mutedBy: active };
    }
    const muting = this.#containing(route.muteTimeIntervals, tick);
    if (muting.length > 0) {
      this.#keptBack(flush, "mute_time_interval", withReason(alerts, muting));
      return { ok: true, mutedBy: muting };
    }
    alerts = await this.#suppress(flush, alerts, "silence", (each) => silences.mutedBy(each, now));
    observer.passes(flush, alerts);
    if (alerts.length === 0) return { ok: true, mutedBy: [] };
    const integrations = this.#options.receivers.get(route.receiver) ?? [];
    const told = await Promise.allSettled(integrations.map((each) => this.#tell(each, { ...flush, alerts }, signal)));
    const failures = told.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
    if (failures.length > 0) this.#logFailure(flush, signal, failures);
    return { ok: told.every((each) => each.status === "fulfilled" && each.value), mutedBy: [] };
  }

  /** A stop or a reload cancels what is under way: nothing to wake anybody for. */
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
    alerts: readonly NotifiedAlert[],
    reason: Suppression,
    mutedBy: (labels: Labels) => readonly string[],
  ): Promise<readonly NotifiedAlert[]> {
    const kept: NotifiedAlert[] = [];
    const muted: KeptBack[] = [];
    const breath = new Breath(this.#options.clock);
    for (const alert of alerts) {
      const pause = breath.taken();
      if (pause !== undefined) await pause;
      const by = mutedBy(alert.labels);
      if (by.length === 0) kept.push(alert);
      else muted.push({ alert, by });
    }
    this.#keptBack(flush, reason, muted);
    return kept;
  }

  #keptBack(flush: Flush, reason: Suppression, alerts: readonly KeptBack[]): void {
    if (alerts.length === 0) return;
    this.#options.metrics.suppressed.inc({ reason }, alerts.length);
    this.#options.observer.keptBack(flush, reason, alerts);
  }

  /**
   * Waits for its turn, then deduplicates, sends and records; false when it is left to others for now. Throws when the
   * integration could not be told.
   */
  async #tell(integration: Integration, flush: Flush, signal: AbortSignal): Promise<boolean> {
    const key = `${flush.groupKey}:${flush.route.receiver}/${integration.kind}/${integration.index}`;
    const turn = await Turn.take(this.#options.coordination, key, signal);
    try {
      return await this.#tellNow(integration, flush, { key, turn }, signal);
    } finally {
      await turn.end();
    }
  }

  #renewed(flush: Flush): Flush {
    const { inhibitor, silences } = this.#options;
    const latest = flush.renewed();
    const { now } = latest;
    const alerts = latest.alerts.filter(
      ({ labels }) => inhibitor.inhibitedBy(labels, now).length === 0 && silences.mutedBy(labels, now).length === 0,
    );
    return { ...latest, alerts };
  }

  async #tellNow(
    integration: Integration,
    atTick: Flush,
    { key, turn }: { readonly key: string; readonly turn: Turn },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { log, clock } = this.#options;
    const { repeatIntervalMs } = atTick.route;
    const entry = log.get(key);
    const settings = { sendResolved: integration.sendResolved, repeatIntervalMs, now: atTick.tick };
    let flush = atTick;
    let hashes = hashAlerts(flush.alerts);
    let reason = notifyReason(entry, hashes, settings);
    if (reason !== undefined && entry !== undefined && entry.timestamp > flush.now) {
      // Another instance has told while this one waited: what was true at the tick is older than what was said.
      flush = this.#renewed(flush);
      if (flush.alerts.length === 0) return true;
      await this.#options.observer.flushBegins(flush);
      hashes = hashAlerts(flush.alerts);
      reason = notifyReason(entry, hashes, settings);
    }
    if (reason === undefined) return true;
    if (entry !== undefined && this.#options.coordination.knowsBetter?.(entry, flush.renewed().alerts)) return false;
    const known = reason === "first notification" ? {} : (entry?.data ?? {});
    const pauses = turn.pauses(() => log.get(key)?.timestamp !== entry?.timestamp);
    const data = await this.#send(integration, flush, { reason, known, pauses }, signal);
    if (data === undefined) return false;
    await log.record(key, { ...hashes, timestamp: clock.now(), data }, repeatIntervalMs);
    return true;
  }

  async #send(
    integration: Integration,
    flush: Flush,
    { reason, known: data, pauses }: Sending,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>> | undefined> {
    const { metrics } = this.#options;
    const { kind, sendResolved } = integration;
    metrics.notifications.inc(metrics.of(kind, flush.route.receiver));
    // An integration that is not told of ends still has them noted: the next firing is then a first notification.
    const alerts = sendResolved ? flush.alerts : flush.alerts.filter(({ resolved }) => !resolved);
    if (alerts.length === 0) return data;
    const { route, groupKey, groupLabels } = flush;
    const notice = { receiver: route.receiver, routeLabels: route.labels, groupKey, groupLabels, alerts, reason, data };
    const trace = this.#options.observer.notifying({ ...flush, alerts }, integration, reason);
    try {
      const lane = this.#lanes.get(integration)!;
      const left = await deliver(integration, notice, signal, { ...this.#options, lane, trace, pauses });
      trace.ended(left === undefined ? "another instance has told it" : undefined);
      return left;
    } catch (error) {
      trace.ended(error instanceof Error ? error.message : String(error));
      const failure = error instanceof DeliveryError ? error.failure : "other";
      metrics.notificationsFailed.inc({ ...metrics.of(kind, route.receiver), reason: failure });
      throw error;
    }
  }
}

const withReason = (alerts: readonly NotifiedAlert[], by: readonly string[]): readonly KeptBack[] =>
  alerts.map((alert) => ({ alert, by }));
