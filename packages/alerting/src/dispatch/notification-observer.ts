import type { Suppression } from "./alerting-metrics.ts";
import type { Delivery, Integration } from "@narthex/notification";
import type { Flush, FlushAlert } from "./flush.ts";

/** Records the results of flushes. Its methods are quick and do not throw. */
export interface NotificationObserver {
  /**
   * Called when a flush begins. The flush continues when the promise resolves, so that nothing is sent before it is
   * stored.
   */
  flushBegins(flush: Flush): Promise<void> | undefined;
  /** Alerts of a flush that are not sent. */
  suppressed(flush: Flush, reason: Suppression, alerts: readonly SuppressedAlert[]): void;
  /** Called with the alerts of a flush that are passed to the integrations. */
  passes(flush: Flush, alerts: readonly FlushAlert[]): void;
  /** An integration is about to be notified for this reason. */
  notifying(flush: Flush, integration: Integration, reason: string): NotificationTrace;
}

/** An alert that is suppressed, and by which silences, alerts or time intervals. */
export interface SuppressedAlert {
  readonly alert: FlushAlert;
  readonly by: readonly string[];
}

/** One notification in progress. */
export interface NotificationTrace {
  /** Records an attempt that began at this time (Unix ms), with its result. */
  attempted(startedAt: number, durationMs: number, delivery: Delivery): void;
  /** The next attempt comes at this moment, Unix ms. */
  waitsUntil(at: number): void;
  /** It is over; `error` says why it was given up. */
  ended(error: string | undefined): void;
}

const TRACE: NotificationTrace = { attempted: () => undefined, waitsUntil: () => undefined, ended: () => undefined };

/** Records nothing. */
export const NO_OBSERVER: NotificationObserver = {
  flushBegins: () => undefined,
  suppressed: () => undefined,
  passes: () => undefined,
  notifying: () => TRACE,
};
