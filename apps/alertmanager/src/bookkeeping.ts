import {
  type Alert,
  AlertHistory,
  AlertJournal,
  type AlertStore,
  NotificationHistory,
  type NotificationObserver,
} from "@narthex/alerting";
import type { Clock, Logger } from "@narthex/runtime";
import type { Store } from "@narthex/store";

/** What is kept of alerts and notifications besides what notifying itself needs. */
export interface Bookkeeping {
  readonly journal: AlertJournal;
  readonly notificationHistory: NotificationHistory;
  readonly alertHistory: AlertHistory;
  /** Has the books kept by what flushes do. */
  readonly observer: NotificationObserver;
  /** Forgets what is too old. */
  collect(): Promise<void>;
  /** Writes what waits. */
  close(): Promise<void>;
}

/**
 * Opens the books; all of them outlive the process, and a power cut costs at most their last moment. Every instance has
 * the notifications of all.
 */
export async function openBookkeeping(options: {
  readonly stores: { readonly own: Store; readonly shared: Store };
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionMs: number;
  /** When others told of an alert's end, Unix ms, if that was after it had last been heard of here. */
  readonly endOf?: (alert: Alert) => number | undefined;
}): Promise<Bookkeeping> {
  const { stores } = options;
  const notificationHistory = await NotificationHistory.load({
    ...options,
    collection: stores.shared.collection("notification_history", "process"),
    isShared: stores.shared !== stores.own,
  });
  const alertHistory = await AlertHistory.load({
    ...options,
    collection: stores.own.collection("alert_history", "process"),
  });
  const journal = await AlertJournal.load({
    ...options,
    collection: stores.own.collection("alerts", "process"),
    changed: (alert, change) => alertHistory.changed(alert, change),
  });
  return {
    journal,
    notificationHistory,
    alertHistory,
    observer: {
      flushBegins: (flush) => journal.flushBegins(flush),
      keptBack: (flush, reason, keptBack) => alertHistory.keptBack(flush, reason, keptBack),
      passes: (flush, passing) => alertHistory.passes(flush, passing),
      notifying: (flush, integration, reason) => notificationHistory.notifying(flush, integration, reason),
    },
    async collect() {
      await notificationHistory.collect();
      await alertHistory.collect();
    },
    async close() {
      await journal.close();
      await notificationHistory.close();
      await alertHistory.close();
    },
  };
}
