import {
  alertingMetrics,
  AlertStore,
  buildRoute,
  Dispatcher,
  type InhibitRule,
  Inhibitor,
  NotificationLog,
  NotificationPipeline,
  type Route,
  type RouteConfig,
  type Silence,
  Silences,
  SINGLE_INSTANCE,
  type TimeInterval,
} from "@narthex/alerting";
import { SelfMetrics } from "@narthex/http";
import type { Integration } from "@narthex/notification";
import type { Logger, SimulatedClock } from "@narthex/runtime";
import { type NotificationLimits, NotificationRecorder } from "./notification-recorder.ts";
import { UNSAVED } from "./unsaved-collection.ts";

/** The parts of an alertmanager.yml that decide which notifications are sent. */
export interface AlertmanagerSettings {
  readonly route: RouteConfig;
  readonly inhibitRules: readonly InhibitRule[];
  readonly muteTimeIntervals: readonly TimeInterval[];
  readonly timeIntervals: readonly TimeInterval[];
  readonly receivers: readonly {
    readonly name: string;
    readonly integrations: readonly {
      readonly kind: { readonly kind: string };
      readonly index: number;
      readonly config: { readonly sendResolved: boolean };
    }[];
  }[];
}

/** Alertmanager's default for `--data.retention`. */
const RETENTION_MS = 120 * 3_600_000;
/** How often ended alerts, expired log entries and empty groups are removed. */
const MAINTENANCE_MS = 15 * 60_000;
const NO_METRICS = { observeQuery: () => undefined, observeCollection: () => undefined };

/** An Alertmanager on a simulated clock. Its integrations send nothing and always succeed. */
export interface SimulatedAlertmanager {
  readonly alerts: AlertStore;
  readonly route: Route;
  readonly recorder: NotificationRecorder;
  stop(): Promise<void>;
}

interface SimulationContext {
  readonly clock: SimulatedClock;
  readonly logger: Logger;
  readonly limits: NotificationLimits;
}

export async function openAlertmanager(
  settings: AlertmanagerSettings,
  silenced: readonly Silence[],
  { clock, logger, limits }: SimulationContext,
): Promise<SimulatedAlertmanager> {
  const state = { collection: UNSAVED, clock, logger, metrics: NO_METRICS };
  const silences = await Silences.load({
    ...state,
    retentionMs: Infinity,
    maxCount: 0,
    maxBytes: 0,
    logChanges: false,
  });
  await silences.merge(silenced);
  const log = await NotificationLog.load({ ...state, retentionMs: RETENTION_MS });
  const metrics = alertingMetrics(new SelfMetrics(), []);
  const alerts = new AlertStore();
  const inhibitor = new Inhibitor(settings.inhibitRules);
  const receivers = new Map(settings.receivers.map((receiver) => [receiver.name, integrationsOf(receiver)]));
  const route = buildRoute(settings.route);
  const recorder = new NotificationRecorder(
    (fingerprint) => alerts.get(fingerprint)?.labels,
    (receiver) => (receivers.get(receiver)?.length ?? 0) > 0,
    limits,
  );
  const intervals = [...settings.muteTimeIntervals, ...settings.timeIntervals];
  const pipeline = new NotificationPipeline({
    inhibitor,
    silences,
    log,
    acknowledgements: { of: () => undefined },
    intervals: new Map(intervals.map((interval) => [interval.name, interval])),
    receivers,
    coordination: SINGLE_INSTANCE,
    observer: recorder,
    externalUrl: "",
    clock,
    logger,
    metrics,
    random: () => 0,
  });
  const dispatching = { route, alerts, pipeline, coordination: SINGLE_INSTANCE, clock, metrics, notBefore: 0 };
  const dispatcher = new Dispatcher({ ...dispatching, maintenanceIntervalMs: MAINTENANCE_MS });
  inhibitor.start(alerts);
  dispatcher.start();
  const cancelMaintenance = maintain(clock, { alerts, log });
  return {
    alerts,
    route,
    recorder,
    async stop() {
      cancelMaintenance();
      inhibitor.stop();
      await dispatcher.stop();
    },
  };
}

function maintain(
  clock: SimulatedClock,
  { alerts, log }: { readonly alerts: AlertStore; readonly log: NotificationLog },
): () => void {
  let cancel = (): void => undefined;
  const arm = (): void => {
    cancel = clock.after(MAINTENANCE_MS, () => {
      alerts.collect(clock.now());
      void log.collect();
      arm();
    });
  };
  arm();
  return () => cancel();
}

const integrationsOf = ({ integrations }: AlertmanagerSettings["receivers"][number]): readonly Integration[] =>
  integrations.map(({ kind, index, config }) => ({
    kind: kind.kind,
    index,
    sendResolved: config.sendResolved,
    deliver: async () => ({ kind: "sent" }),
  }));
