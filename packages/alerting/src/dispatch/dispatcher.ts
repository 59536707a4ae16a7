import type { Labels } from "@narthex/model";
import type { Clock } from "@narthex/runtime";
import { AggregationGroup } from "./aggregation-group.ts";
import type { Alert } from "../alerts/alert.ts";
import type { AlertStore } from "../alerts/alert-store.ts";
import type { AlertingMetrics } from "./alerting-metrics.ts";
import type { Coordination } from "./coordination.ts";
import type { NotificationPipeline } from "./pipeline.ts";
import { groupLabels, matchRoutes, type Route } from "../routing/route.ts";

export interface DispatcherOptions {
  readonly route: Route;
  readonly alerts: AlertStore;
  readonly pipeline: NotificationPipeline;
  readonly coordination: Coordination;
  readonly clock: Clock;
  readonly metrics: AlertingMetrics;
  /** Time before which groups only collect alerts and do not notify, Unix ms. */
  readonly notBefore: number;
  readonly maintenanceIntervalMs: number;
}

/** Sorts alerts into groups by route and group labels. Each group notifies its alerts separately. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  /** Groups by route id, then by group labels. */
  readonly #groups = new Map<string, Map<string, AggregationGroup>>();
  #unsubscribe: (() => void) | undefined;
  #cancelMaintenance: (() => void) | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /**
   * @param awaited alerts of the groups of an earlier dispatcher. The alert store may already have removed an ended
   * alert whose end a group has not notified yet.
   */
  start(awaited: readonly Alert[] = []): void {
    const { alerts } = this.#options;
    for (const alert of awaited) if (alerts.get(alert.fingerprint) === undefined) this.#dispatch(alert);
    for (const alert of alerts.all()) this.#dispatch(alert);
    this.#unsubscribe = alerts.subscribe((alert) => this.#dispatch(alert));
    this.#maintain();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#cancelMaintenance?.();
    await Promise.all(this.groups().map((group) => group.stop()));
  }

  /** Returns the receivers of an alert with the given labels, in the order of the routes. */
  receiversOf(labels: Labels): readonly string[] {
    return matchRoutes(this.#options.route, labels).map(({ receiver }) => receiver);
  }

  /** Returns the groups that have alerts. */
  groups(): readonly AggregationGroup[] {
    return [...this.#groups.values()].flatMap((byLabels) => [...byLabels.values()]);
  }

  /** Returns the distinct alerts of all groups. A group keeps an ended alert until the end was notified. */
  awaited(): readonly Alert[] {
    const alerts = this.groups().flatMap((group) => group.alerts());
    return [...new Map(alerts.map((alert) => [alert.fingerprint, alert])).values()];
  }

  #dispatch(alert: Alert): void {
    const { clock, metrics } = this.#options;
    const started = clock.monotonic();
    for (const route of matchRoutes(this.#options.route, alert.labels)) this.#insert(route, alert);
    metrics.processing.observe((clock.monotonic() - started) / 1000);
  }

  #insert(route: Route, alert: Alert): void {
    const { clock, coordination, notBefore, pipeline } = this.#options;
    const labels = groupLabels(route, alert.labels);
    let byLabels = this.#groups.get(route.id);
    if (byLabels === undefined) {
      byLabels = new Map();
      this.#groups.set(route.id, byLabels);
    }
    let group = byLabels.get(labels.key);
    if (group === undefined || group.destroyed) {
      group = new AggregationGroup({
        route,
        labels,
        clock,
        notBefore,
        maxWaitMs: () => coordination.maxWaitMs(),
        flush: (flush, signal) => pipeline.run(flush, signal),
      });
      byLabels.set(labels.key, group);
    }
    group.insert(alert);
  }

  #maintain(): void {
    this.#cancelMaintenance = this.#options.clock.after(this.#options.maintenanceIntervalMs, () => {
      for (const byLabels of this.#groups.values()) {
        for (const [key, group] of byLabels) if (group.destroyed) byLabels.delete(key);
      }
      this.#maintain();
    });
  }
}
