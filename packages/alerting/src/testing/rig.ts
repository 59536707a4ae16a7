import { SelfMetrics } from "@narthex/http";
import { Labels, Matcher } from "@narthex/model";
import type { Clock } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, type Store } from "@narthex/store";
import { Acknowledgements } from "../acknowledgements/acknowledgements.ts";
import type { Alert } from "../alerts/alert.ts";
import { AlertStore } from "../alerts/alert-store.ts";
import { alertingMetrics } from "../dispatch/alerting-metrics.ts";
import { SINGLE_INSTANCE, type Coordination } from "../dispatch/coordination.ts";
import { Dispatcher, type DispatcherOptions } from "../dispatch/dispatcher.ts";
import { fingerprint } from "../alerts/fingerprint.ts";
import { Inhibitor, type InhibitRule } from "../routing/inhibition.ts";
import type { Delivery, Integration, Notification } from "@narthex/notification";
import { NotificationLog } from "../dispatch/notification-log.ts";
import { type NotificationObserver, NO_OBSERVER } from "../dispatch/notification-observer.ts";
import { NotificationPipeline, type PipelineOptions } from "../dispatch/pipeline.ts";
import { buildRoute, type RouteConfig } from "../routing/route.ts";
import { Silences } from "../silences/silences.ts";
import type { TimeInterval } from "../routing/time-interval.ts";

/** Metrics of stored state that discard all measured durations. */
export const NO_METRICS = { observeQuery: () => undefined, observeCollection: () => undefined };

/** 2026-11-20T00:00:00Z. */
export const START = Date.UTC(2026, 10, 20);

export const ROUTE: RouteConfig = {
  receiver: "all",
  groupBy: ["alertname"],
  matchers: [],
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  continues: false,
  groupWaitMs: 10_000,
  groupIntervalMs: 60_000,
  repeatIntervalMs: 600_000,
  labels: new Map(),
  routes: [],
};

export interface RigOptions {
  readonly route?: RouteConfig;
  readonly inhibitRules?: readonly InhibitRule[];
  readonly intervals?: readonly TimeInterval[];
  readonly sendResolved?: boolean;
  readonly coordination?: Coordination;
  readonly observer?: NotificationObserver;
  readonly store?: Store;
  readonly clock?: ManualClock;
  /** Results of the delivery attempts, in order. Further attempts succeed. */
  readonly outcomes?: Delivery[];
  /** Durations of the delivery attempts, ms. Further attempts take 0 ms. */
  readonly tookMs?: number[];
  /** Source of the contexts of notifications, which the integration shows. */
  readonly contextOf?: PipelineOptions["contextOf"];
  /** How late the timers of the alert groups fire, ms. */
  readonly lateMs?: number;
}

/** Returns an Alertmanager with a receiver that records its notifications, on a clock that the test advances. */
export async function rig(options: RigOptions = {}) {
  const clock = options.clock ?? new ManualClock(START);
  const logger = memoryLogger();
  const store = options.store ?? openSqlite(":memory:");
  const silences = await Silences.load({
    collection: store.collection("silences"),
    clock,
    logger,
    retentionMs: 432_000_000,
    maxCount: 0,
    maxBytes: 0,
    logChanges: false,
    metrics: NO_METRICS,
  });
  const log = await NotificationLog.load({
    collection: store.collection("notification_log"),
    clock,
    retentionMs: 432_000_000,
    metrics: NO_METRICS,
    logger: logger,
  });
  const selfMetrics = new SelfMetrics();
  const metrics = alertingMetrics(selfMetrics, ["webhook"]);
  const alerts = new AlertStore();
  const acknowledgements = await Acknowledgements.load({
    collection: store.collection("acknowledgements"),
    alerts,
    clock,
    logger,
    retentionMs: 432_000_000,
  });
  const inhibitor = new Inhibitor(options.inhibitRules ?? []);
  const notified: { at: number; notification: Notification }[] = [];
  const integration: Integration = {
    kind: "webhook",
    index: 0,
    sendResolved: options.sendResolved ?? true,
    showsContext: options.contextOf !== undefined,
    async deliver(notification, signal) {
      notified.push({ at: (clock.now() - START) / 1000, notification });
      await clock.sleep(options.tookMs?.shift() ?? 0, signal);
      return options.outcomes?.shift() ?? { kind: "sent" };
    },
  };
  const coordination = options.coordination ?? SINGLE_INSTANCE;
  const route = buildRoute(options.route ?? ROUTE);
  const pipeline = new NotificationPipeline({
    inhibitor,
    silences,
    log,
    acknowledgements,
    intervals: new Map((options.intervals ?? []).map((interval) => [interval.name, interval])),
    receivers: new Map(["all", "other"].map((name) => [name, [integration]])),
    coordination,
    observer: options.observer ?? NO_OBSERVER,
    externalUrl: "http://am:9093",
    clock,
    logger,
    metrics,
    random: () => 0.5,
    contextOf: options.contextOf,
  });
  const dispatching: DispatcherOptions = {
    route,
    alerts,
    pipeline,
    coordination,
    clock: options.lateMs === undefined ? clock : lateClock(clock, options.lateMs),
    metrics,
    notBefore: 0,
    maintenanceIntervalMs: 30_000,
  };
  const dispatcher = new Dispatcher(dispatching);
  inhibitor.start(alerts);
  dispatcher.start();
  const state = { silences, log, alerts, acknowledgements };
  const parts = { ...state, clock, logger, store, metrics, inhibitor, dispatching, dispatcher, notified };
  return { ...parts, selfMetrics };
}

/**
 * Returns the samples of the metrics whose names begin with `prefix`, one per line: the name, the label values and the
 * value. Samples with the value 0 are left out unless `withZeros` is true.
 */
export async function readings(metrics: SelfMetrics, prefix: string, withZeros = false): Promise<readonly string[]> {
  const families = (await metrics.families()).filter(({ name }) => name.startsWith(prefix));
  return families.flatMap(({ name, samples }) =>
    samples
      .filter(({ suffix, value }) => suffix !== "_bucket" && (withZeros || value !== 0))
      .map(({ suffix, labels, value }) => {
        const values = labels.filter((_, i) => i % 2 === 1);
        return `${[name.slice(prefix.length) + suffix, ...values].join(" ")}: ${value}`;
      }),
  );
}

/** Returns the upper bounds of a histogram's buckets. */
export async function bucketsOf(metrics: SelfMetrics, name: string): Promise<readonly string[]> {
  const samples = (await metrics.families()).flatMap((family) => (family.name === name ? family.samples : []));
  return [...new Set(samples.flatMap(({ labels }) => (labels.includes("le") ? [labels.at(-1)!] : [])))];
}

/** Returns a clock that shows the time of `clock` and whose timers fire `lateMs` ms late. */
const lateClock = (clock: ManualClock, lateMs: number): Clock => ({
  now: () => clock.now(),
  monotonic: () => clock.monotonic(),
  sleep: (ms, signal) => clock.sleep(ms + lateMs, signal),
  after: (ms, run) => clock.after(ms + lateMs, run),
});

export type Rig = Awaited<ReturnType<typeof rig>>;

/**
 * Returns the state of a test Alertmanager that explanations and the API need. Its integration throws if it is asked to
 * send.
 */
export const stateOf = ({ dispatcher, inhibitor }: Pick<Rig, "dispatcher" | "inhibitor">, options: RigOptions) => {
  const integration: Integration = {
    kind: "webhook",
    index: 0,
    sendResolved: options.sendResolved ?? true,
    deliver: () => Promise.reject(new Error("not for sending")),
  };
  return {
    dispatcher,
    inhibitor,
    route: buildRoute(options.route ?? ROUTE),
    intervals: new Map((options.intervals ?? []).map((interval) => [interval.name, interval])),
    integrations: new Map([["all", [integration]]]),
  };
};

/** Returns an alert that fires from now for an hour, or until `endsAt`. */
export function alertOf({ clock }: Pick<Rig, "clock">, labels: Record<string, string>, endsAt?: number): Alert {
  const set = Labels.of(labels);
  return {
    labels: set,
    annotations: Labels.EMPTY,
    startsAt: clock.now(),
    endsAt: endsAt ?? clock.now() + 3_600_000,
    updatedAt: clock.now(),
    timeout: false,
    generatorUrl: "",
    fingerprint: fingerprint(set),
  };
}

/**
 * Returns one line for each sent notification: the second of sending, the reason, and the alerts, with `!` for resolved
 * alerts.
 */
export const notificationLines = ({ notified }: Rig): string[] =>
  notified.map(({ at, notification }) => {
    const names = notification.alerts.map(({ labels, resolved }) => (resolved ? "!" : "") + (labels.get("i") || "-"));
    return `${at}s ${notification.groupKey} ${notification.reason}: ${names.join(" ")}`;
  });

export const equal = (name: string, value: string): Matcher => new Matcher("=", name, value);
