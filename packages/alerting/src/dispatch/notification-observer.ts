import type { Suppression } from "./alerting-metrics.ts";
import type { Delivery, Integration } from "@narthex/notification";
import type { Flush, FlushAlert } from "./flush.ts";

/** Observes the notification of groups, for the history. The methods are quick and do not throw. */
export interface NotificationObserver {
  /**
   * Called when the notification of a group begins. If the method returns a promise, nothing is sent until the ends of
   * alerts are stored and the promise resolves.
   */
  flushBegins(flush: Flush): Promise<void> | undefined;
  /** Called with the suppressed alerts, which are not sent, and the reason. */
  suppressed(flush: Flush, reason: Suppression, alerts: readonly SuppressedAlert[]): void;
  /** Called with the alerts that are not suppressed. */
  passes(flush: Flush, alerts: readonly FlushAlert[]): void;
  notifying(flush: Flush, integration: Integration, reason: string): NotificationTrace;
}

/** An alert that is suppressed, and the silences, alerts or time intervals that suppress it. */
export interface SuppressedAlert {
  readonly alert: FlushAlert;
  readonly by: readonly string[];
}

/** Records one notification in progress. */
export interface NotificationTrace {
  /** Records an attempt that began at this time (Unix ms), with its result. */
  attempted(startedAt: number, durationMs: number, delivery: Delivery): void;
  /** Records when the next attempt starts, Unix ms. */
  waitsUntil(at: number): void;
  /**
   * Records the end of the notification.
   * @param error why it was given up, or undefined if it was sent
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
