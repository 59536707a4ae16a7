import {
  Acknowledgements,
  AlertHistory,
  AlertJournal,
  AlertStore,
  exportSnapshots,
  importSnapshots,
  storedStateMetrics,
  NotificationHistory,
  NotificationLog,
  type NotificationObserver,
  RecurringSilences,
  Silences,
  notifiedEnds,
} from "@narthex/alerting";
import type { Feature } from "@narthex/http";
import type { Context } from "../context.ts";
import { stateMetrics } from "./state-metrics.ts";
import type { Stores } from "./stores.ts";

/**
 * The feature for the Alertmanager's state: alerts, silences, acknowledgements, the notification log, and the histories
 * of alerts and notifications.
 */
export interface StateStores extends Feature {
  readonly alerts: AlertStore;
  readonly silences: Silences;
  readonly log: NotificationLog;
  readonly acknowledgements: Acknowledgements;
  /** Stores alerts on the disk. */
  readonly journal: AlertJournal;
  readonly notificationHistory: NotificationHistory;
  readonly alertHistory: AlertHistory;
  /** Receives the results of notifications. */
  readonly observer: NotificationObserver;
  /** Removes silences, acknowledgements, log entries and history entries that are too old. */
  collect(): Promise<void>;
}

/**
 * Opens the state of earlier runs. The state survives the end of the process. A power cut can lose only the newest
 * alerts and history entries. Instances that share a database know the notifications of all instances.
 */
export async function openStateStores(context: Context, stores: Stores): Promise<StateStores> {
  const { clock, flags, logger, metrics } = context;
  const { own, shared } = stores;
  const retentionMs = flags["data.retention"];
  const silences = await Silences.load({
    collection: shared.collection("silences"),
    clock,
    logger,
    retentionMs,
    maxCount: flags["silences.max-silences"],
    maxBytes: flags["silences.max-silence-size-bytes"] || flags["silences.max-per-silence-bytes"],
    logChanges: flags["log.silences"],
    metrics: storedStateMetrics(metrics, "silences", "silence"),
    reportError: metrics.internalErrors.reporter("silences", logger),
  });
  const log = await NotificationLog.load({
    // Does not sync the log to the disk after each notification, because a slow disk would delay all other
    // notifications. After a power cut, notifications may therefore be repeated.
    collection: shared.collection("notification_log", "process"),
    clock,
    logger,
    retentionMs,
    metrics: storedStateMetrics(metrics, "nflog", "notification log"),
    reportError: metrics.internalErrors.reporter("notification_log", logger),
  });
  const folder = flags["storage.path"];
  await importSnapshots({ folder, store: own, silences, log, clock, logger });
  const alerts = new AlertStore(flags["alerts.per-alertname-limit"]);
  const acknowledgements = await Acknowledgements.load({
    collection: shared.collection("acknowledgements"),
    alerts,
    clock,
    logger,
    retentionMs,
    reportError: metrics.internalErrors.reporter("acknowledgements", logger),
  });
  const histories = await openHistories(context, stores, { alerts, log, acknowledgements });
  return {
    name: "state",
    alerts,
    silences,
    log,
    acknowledgements,
    ...histories,
    async collect() {
      await silences.collect();
      await log.collect();
      await acknowledgements.collect();
      await histories.notificationHistory.collect();
      await histories.alertHistory.collect();
    },
    async stop() {
      await histories.journal.close();
      await acknowledgements.close();
      await histories.notificationHistory.close();
      await histories.alertHistory.close();
      // Does not export state that several instances share, because Alertmanager would not know the other instances.
      if (shared !== own) return;
      await exportSnapshots({ folder, store: own, silences, log, clock }, retentionMs).catch((error: unknown) =>
        logger.error("Silences and notification log were not written for an Alertmanager, and are kept only here", {
          folder,
          err: error,
        }),
      );
    },
    metrics: [stateMetrics({ silences, log, clock })],
  };
}

type Histories = Pick<StateStores, "journal" | "notificationHistory" | "alertHistory" | "observer">;

async function openHistories(
  { clock, flags, logger }: Context,
  { own, shared, database }: Stores,
  { alerts, log, acknowledgements }: Pick<StateStores, "acknowledgements" | "alerts" | "log">,
): Promise<Histories> {
  const options = { alerts, clock, logger, retentionMs: flags["data.retention"] };
  const notificationHistory = await NotificationHistory.load({
    ...options,
    collection: shared.collection("notification_history", "process"),
    isShared: shared !== own,
  });
  const alertHistory = await AlertHistory.load({ ...options, collection: own.collection("alert_history", "process") });
  const journal = await AlertJournal.load({
    ...options,
    collection: own.collection("alerts", "process"),
    changed(alert, change) {
      alertHistory.changed(alert, change);
      if (change === "expired") acknowledgements.alertExpired(alert);
    },
    // With a database, also reads the ends of alerts from the notification log: another instance may have notified that
    // an alert has ended, while this instance last received it as firing.
    ...(database === undefined ? {} : { endOf: notifiedEnds(log) }),
  });
  return {
    journal,
    notificationHistory,
    alertHistory,
    observer: {
      flushBegins: (flush) => journal.flushBegins(flush),
      suppressed: (flush, reason, suppressed) => alertHistory.suppressed(flush, reason, suppressed),
      passes: (flush, passing) => alertHistory.passes(flush, passing),
      notifying: (flush, integration, reason) => notificationHistory.notifying(flush, integration, reason),
    },
  };
}

/**
 * Opens recurring silences, which create silences at set times. Must be called after the cluster can send new silences
 * to the other instances.
 */
export const openRecurringSilences = (
  { clock, logger }: Context,
  stores: Stores,
  { silences }: StateStores,
): Promise<RecurringSilences> =>
  RecurringSilences.start({ collection: stores.shared.collection("recurring_silences"), silences, clock, logger });
