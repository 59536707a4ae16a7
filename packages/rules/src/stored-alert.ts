import type { Labels } from "@narthex/model";
import type { AlertSample } from "./alert.ts";
import { slotFrom } from "./schedule.ts";
import type { StoredAlerts } from "./stored-alerts.ts";

/**
 * Limits for restoring alerts: the maximum length of an outage, and the minimum time after a restart until a restored
 * pending alert fires.
 */
export interface RestoreLimits {
  readonly outageToleranceMs: number;
  readonly gracePeriodMs: number;
}

/** Data and functions for restoring the alerts of a rule. */
export interface RestoreContext {
  /** Returns the alerts that the earlier process stored last. */
  readonly storedAlerts: () => Promise<StoredAlerts>;
  readonly nowMs: number;
  /** Time of the evaluation before the restoration. */
  readonly evaluatedAtMs: number;
  readonly intervalMs: number;
  /** Offset in ns of the group's evaluations within the interval. */
  readonly slotOffsetNs: bigint;
  readonly limits: RestoreLimits;
  /** Evaluates the rule's expression at an earlier time. Returns the alerts of the result, by the key of their labels. */
  readonly evaluateAt: (timeMs: number) => Promise<ReadonlyMap<string, AlertSample>>;
}

/** State of an alert when the earlier process last stored it. */
export interface StoredAlert {
  readonly labels: Labels;
  readonly activeSinceMs: number;
  readonly lastSeenMs: number;
  /** Times of the evaluations in which the alert was stored, oldest first. */
  readonly timesMs: Float64Array;
}

/** When an alert became active and when it fired, Unix ms. */
export interface AlertStart {
  readonly activeAtMs: number;
  readonly firedAtMs: number;
}

/**
 * Returns the start of a stored alert, or undefined if the alert had not fired when it was stored. The storage contains
 * only the second in which the alert became active. Both times are evaluations of the group, so they are found in its
 * schedule. If the schedule has changed since, the start is exact to a second.
 */
export function storedStart(
  { activeSinceMs, lastSeenMs }: Omit<StoredAlert, "timesMs">,
  forMs: number,
  { intervalMs, slotOffsetNs }: Pick<RestoreContext, "intervalMs" | "slotOffsetNs">,
): AlertStart | undefined {
  const slot = slotFrom(activeSinceMs, slotOffsetNs, intervalMs);
  const activeMs = slot < activeSinceMs + 1000 ? slot : activeSinceMs;
  const firedMs = activeMs + Math.ceil(forMs / intervalMs) * intervalMs;
  if (lastSeenMs < Math.floor(firedMs)) return undefined;
  return { activeAtMs: Math.floor(activeMs), firedAtMs: Math.floor(firedMs) };
}
