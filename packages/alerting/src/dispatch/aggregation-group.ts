import type { Labels } from "@narthex/model";
import type { Clock } from "@narthex/runtime";
import { type Alert, compareAlerts, isResolvedAt } from "../alerts/alert.ts";
import type { Flush, FlushResult } from "./flush.ts";
import { groupKey, type Route } from "../routing/route.ts";

/** Minimum time limit in ms for the notification of a group, even if the group interval is shorter. */
const SHORTEST_DEADLINE_MS = 10_000;
/**
 * Maximum lateness of a timer in ms that does not delay later flushes of the group. Node's timers are usually late by a
 * millisecond.
 */
const TOLERATED_LATENESS_MS = 50;

export interface GroupOptions {
  readonly route: Route;
  readonly labels: Labels;
  readonly clock: Clock;
  /**
   * Returns the maximum time in ms that the group waits for other instances. The time limit of a flush is extended by
   * this time.
   */
  readonly maxWaitMs: () => number;
  /** Earliest time at which a group may notify, Unix ms. */
  readonly notBefore: number;
  readonly flush: (flush: Flush, signal: AbortSignal) => Promise<FlushResult>;
}

/** The alerts of one route with the same group labels, which are notified together. */
export class AggregationGroup {
  readonly route: Route;
  readonly labels: Labels;
  readonly key: string;
  readonly #options: GroupOptions;
  readonly #alerts = new Map<string, Alert>();
  /** Fingerprints of alerts that the group has included in a flush. */
  readonly #flushed = new Set<string>();
  /** Fingerprints of alerts that were firing when the group included them in a flush. */
  readonly #firing = new Set<string>();
  #stopped = false;
  /** Aborts the notification in progress. */
  #flushAbort: AbortController | undefined;
  #cancelTimer: (() => void) | undefined;
  /** Time at which the group's timer should fire, in ms on the monotonic clock. */
  #due = 0;
  #nextFlushAt = NaN;
  #isDue = false;
  #running: Promise<void> | undefined;
  #mutedBy: readonly string[] = [];
  #destroyed = false;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.route = options.route;
    this.labels = options.labels;
    this.key = groupKey(options.route, options.labels);
  }

  /** True if receivers were notified that all alerts of the group have ended. The group then accepts no more alerts. */
  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** Names of the time intervals that muted the group when it last tried to notify. */
  get mutedBy(): readonly string[] {
    return this.#mutedBy;
  }

  /** Reports whether the group has included the alert in a flush, its periodic notification. */
  hasFlushed(fingerprint: string): boolean {
    return this.#flushed.has(fingerprint);
  }

  /** True while the group is sending a notification, or waiting for a lock or for a receiver. */
  get flushing(): boolean {
    return this.#running !== undefined;
  }

  /** Time at which the group flushes next, Unix ms; NaN before the first alert. */
  get nextFlushAt(): number {
    return this.#nextFlushAt;
  }

  alerts(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  /**
   * Adds or updates an alert. The first alert starts the timer, which fires after group_wait, or at once for an old
   * alert.
   */
  insert(alert: Alert): void {
    this.#alerts.set(alert.fingerprint, alert);
    if (this.#cancelTimer !== undefined) return;
    const { clock, notBefore } = this.#options;
    const now = clock.now();
    const wait = alert.startsAt + this.route.groupWaitMs < now ? 0 : this.route.groupWaitMs;
    this.#arm(clock.monotonic() + Math.max(wait, notBefore - now));
  }

  /** Stops the group's timer and cancels a flush in progress. */
  async stop(): Promise<void> {
    this.#cancelTimer?.();
    this.#stopped = true;
    this.#flushAbort?.abort(new Error("context canceled"));
    await this.#running;
  }

  #arm(due: number): void {
    const { clock } = this.#options;
    this.#due = due;
    this.#nextFlushAt = clock.now() + due - clock.monotonic();
    this.#cancelTimer = clock.after(due - clock.monotonic(), () => {
      this.#isDue = true;
      this.#running ??= this.#run().finally(() => (this.#running = undefined));
    });
  }

  /** Runs a flush each time the timer fires. If the timer fires during a flush, another flush follows that flush. */
  async #run(): Promise<void> {
    while (this.#isDue && !this.#destroyed && !this.#stopped) {
      this.#isDue = false;
      const { clock } = this.#options;
      const now = clock.monotonic();
      const late = now - this.#due;
      const tick = clock.now() - late;
      this.#arm((late < TOLERATED_LATENESS_MS ? this.#due : now) + this.route.groupIntervalMs);
      await this.#flush(tick);
    }
  }

  async #flush(tick: number): Promise<void> {
    if (this.#alerts.size === 0) return;
    const { clock } = this.#options;
    const flush = this.#snapshot(tick);
    for (const { fingerprint, resolved } of flush.alerts) {
      this.#flushed.add(fingerprint);
      if (!resolved) this.#firing.add(fingerprint);
    }
    const abort = (this.#flushAbort = new AbortController());
    const limit = Math.max(this.route.groupIntervalMs, SHORTEST_DEADLINE_MS) + this.#options.maxWaitMs();
    const cancel = clock.after(limit, () => abort.abort(new Error("context deadline exceeded")));
    const result = await this.#options.flush(flush, abort.signal).finally(cancel);
    if (result.mutedBy !== undefined) this.#mutedBy = result.mutedBy;
    if (result.ok) this.#forgetResolved(flush.alerts);
  }

  #snapshot(tick: number): Flush {
    const now = this.#options.clock.now();
    const alerts = this.alerts().map((alert) => ({ ...alert, resolved: isResolvedAt(alert, now) }));
    alerts.sort(compareAlerts);
    const renewed = (): Flush => this.#snapshot(tick);
    const hasFired = ({ fingerprint }: Alert): boolean => this.#firing.has(fingerprint);
    return { route: this.route, groupKey: this.key, groupLabels: this.labels, alerts, tick, now, renewed, hasFired };
  }

  #forgetResolved(alerts: Flush["alerts"]): void {
    for (const { resolved, fingerprint, updatedAt } of alerts) {
      // Keeps an alert that is not resolved or that was reported again during the flush.
      if (!resolved || this.#alerts.get(fingerprint)?.updatedAt !== updatedAt) continue;
      this.#alerts.delete(fingerprint);
      this.#flushed.delete(fingerprint);
      this.#firing.delete(fingerprint);
    }
    if (this.#alerts.size > 0) return;
    this.#destroyed = true;
    this.#cancelTimer?.();
  }
}
