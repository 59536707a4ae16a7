import type { Suppression } from "./alerting-metrics.ts";
import type { Delivery, Integration, NotifiedAlert } from "./integration.ts";
import type { Flush } from "./pipeline.ts";

/** Who keeps book of what becomes of flushes. Its methods are quick and throw nothing. */
export interface NotificationObserver {
  /** A flush begins. It goes on when the promise resolves, so that what people are told is never ahead of what is kept. */
  flushBegins(flush: Flush): Promise<void> | undefined;
  /** Alerts of a flush that nobody is told of. */
  keptBack(flush: Flush, reason: Suppression, alerts: readonly KeptBack[]): void;
  /** What is left of a flush goes on to the integrations. */
  passes(flush: Flush, alerts: readonly NotifiedAlert[]): void;
  /** An integration is about to be told for this reason. */
  notifying(flush: Flush, integration: Integration, reason: string): NotificationTrace;
}

/** An alert that is kept back, and by which silences, alerts or time intervals. */
export interface KeptBack {
  readonly alert: NotifiedAlert;
  readonly by: readonly string[];
}

/** One notification under way. */
export interface NotificationTrace {
  /** An attempt that began at a moment (Unix ms) has ended so. */
  attempted(startedAt: number, durationMs: number, delivery: Delivery): void;
  /** The next attempt comes at this moment, Unix ms. */
  waitsUntil(at: number): void;
  /** It is over; `error` says why it was given up. */
  ended(error: string | undefined): void;
}

const TRACE: NotificationTrace = { attempted: () => undefined, waitsUntil: () => undefined, ended: () => undefined };

/** Nobody. */
export const UNOBSERVED: NotificationObserver = {
  flushBegins: () => undefined,
  keptBack: () => undefined,
  passes: () => undefined,
  notifying: () => TRACE,
};
