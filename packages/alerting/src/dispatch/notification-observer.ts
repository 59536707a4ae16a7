import type { Suppression } from "./alerting-metrics.ts";
import type { Delivery, Integration } from "@narthex/notification";
import type { Flush, FlushAlert } from "./flush.ts";

/**
 * Receives the steps of a group's notification, to record them in the history. The methods are quick and do not throw.
 */
export interface NotificationObserver {
  /**
   * Records that the notification of a group begins. If the method returns a promise, the group notifies only after the
   * promise has resolved, when the ends of its alerts are stored.
   */
  flushBegins(flush: Flush): Promise<void> | undefined;
  /** Records the alerts that are suppressed, and therefore not notified, with the reason. */
  suppressed(flush: Flush, reason: Suppression, alerts: readonly SuppressedAlert[]): void;
  /** Records the alerts that are not suppressed. */
  passes(flush: Flush, alerts: readonly FlushAlert[]): void;
  notifying(flush: Flush, integration: Integration, reason: string): NotificationTrace;
}

/** An alert that is suppressed, and the silences, alerts or time intervals that suppress it. */
export interface SuppressedAlert {
  readonly alert: FlushAlert;
  readonly by: readonly string[];
}

/** Records the attempts and the end of one notification in progress. */
export interface NotificationTrace {
  /** Records a delivery attempt that began at a time (Unix ms), with its duration and result. */
  attempted(startedAt: number, durationMs: number, delivery: Delivery): void;
  /** Records when the next delivery attempt starts, Unix ms. */
  waitsUntil(at: number): void;
  /**
   * Records the end of the notification.
   * @param error reason why the notification was given up, or undefined if it was sent
   */
  ended(error: string | undefined): void;
}

const TRACE: NotificationTrace = { attempted: () => undefined, waitsUntil: () => undefined, ended: () => undefined };

/** An observer that records nothing. */
export const NO_OBSERVER: NotificationObserver = {
  flushBegins: () => undefined,
  suppressed: () => undefined,
  passes: () => undefined,
  notifying: () => TRACE,
};
