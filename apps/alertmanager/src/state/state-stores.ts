import {
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

/** What the role remembers: what notifying needs, and what is shown of alerts and notifications besides. */
export interface StateStores extends Feature {
  readonly alerts: AlertStore;
  readonly silences: Silences;
  readonly log: NotificationLog;
  /** The alerts on disk. */
  readonly journal: AlertJournal;
  readonly notificationHistory: NotificationHistory;
  readonly alertHistory: AlertHistory;
  /** Writes down what flushes do. */
  readonly observer: NotificationObserver;
  /** Forgets silences, log entries and histories that are too old. */
  collect(): Promise<void>;
}

/**
 * Opens what earlier runs have left. All of it outlives the process, and a power cut costs at most the last moment of
 * alerts and histories. Every instance of a database has the notifications of all.
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
    // A sync of a slow disk after each notification would hold up all others; a power cut costs a repetition at most.
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
  const histories = await openHistories(context, stores, alerts, log);
  return {
    name: "state",
    alerts,
    silences,
    log,
    ...histories,
    async collect() {
      await silences.collect();
      await log.collect();
      await histories.notificationHistory.collect();
      await histories.alertHistory.collect();
    },
    async stop() {
      await histories.journal.close();
      await histories.notificationHistory.close();
      await histories.alertHistory.close();
      // What instances share is not to be had by an Alertmanager that knows of none.
      if (shared !== own) return;
      await exportSnapshots({ folder, store: own, silences, log, clock }, retentionMs).catch((error: unknown) =>
        logger.error("Silences and notification log were not written for an Alertmanager, and are kept here alone", {
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
  alerts: AlertStore,
  log: NotificationLog,
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
    changed: (alert, change) => alertHistory.changed(alert, change),
    // Others may have told of an alert's end after it had last been heard of here.
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

/** Silences that come again by a calendar; opened once others can be told of those that it makes. */
export const openRecurringSilences = (
  { clock, logger }: Context,
  stores: Stores,
  { silences }: StateStores,
): Promise<RecurringSilences> =>
  RecurringSilences.start({ collection: stores.shared.collection("recurring_silences"), silences, clock, logger });
