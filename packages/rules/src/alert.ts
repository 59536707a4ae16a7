import type { Labels } from "@narthex/model";

export type AlertState = "inactive" | "pending" | "firing";

/** Why the behaviour of a rule holds an alert that is not in the result of the rule's expression. */
export type HeldBy = "no_data" | "recovery" | "damping";

/**
 * State of one alert of an alerting rule. Immutable: each evaluation creates a new object. Times are in Unix ms;
 * undefined means that the event has not happened.
 */
export interface Alert {
  readonly state: AlertState;
  readonly labels: Labels;
  readonly annotations: ReadonlyMap<string, string>;
  /** Value of the alert in the last query result that contained it; 0 for histograms. */
  readonly value: number;
  readonly activeAtMs: number;
  readonly firedAtMs: number | undefined;
  readonly resolvedAtMs: number | undefined;
  readonly keepFiringSinceMs: number | undefined;
  readonly lastSentAtMs: number | undefined;
  readonly validUntilMs: number | undefined;
  /** Key of the label set in the query result. Only alerts of rules with a behaviour have a source. */
  readonly source?: string | undefined;
  readonly heldBy?: HeldBy | undefined;
  /** The earliest end of an alert that flap damping holds. */
  readonly heldUntilMs?: number | undefined;
}

/** Durations after which the alerts of a rule change their state. */
export interface AlertTiming {
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

/**
 * Time in ms that a resolved alert is kept. During this time, the end of the alert is sent repeatedly, in case the
 * first request was lost.
 */
export const RESOLVED_RETENTION_MS = 15 * 60_000;

/** One element of the result of an alerting rule's query. */
export interface AlertSample {
  readonly labels: Labels;
  readonly annotations: ReadonlyMap<string, string>;
  readonly value: number;
  readonly source?: string | undefined;
}

/**
 * Returns the new state of an alert after an evaluation at the time `ts`. Returns undefined if the alert is removed.
 */
export function nextAlert(
  previous: Alert | undefined,
  seen: AlertSample | undefined,
  ts: number,
  timing: AlertTiming,
): Alert | undefined {
  if (seen === undefined) return previous === undefined ? undefined : vanished(previous, ts, timing);
  const base = previous === undefined || previous.state === "inactive" ? fresh(seen, ts) : renewed(previous, seen);
  const present: Alert = { ...base, keepFiringSinceMs: undefined };
  return settled(present, ts, timing);
}

const fresh = (seen: AlertSample, ts: number): Alert => ({
  state: "pending",
  ...seen,
  activeAtMs: ts,
  firedAtMs: undefined,
  resolvedAtMs: undefined,
  keepFiringSinceMs: undefined,
  lastSentAtMs: undefined,
  validUntilMs: undefined,
});

const renewed = (previous: Alert, { annotations, value }: AlertSample): Alert => ({ ...previous, annotations, value });

/**
 * Returns the new state of an alert after an evaluation whose query result does not contain the alert. Returns
 * undefined if the alert is removed.
 */
function vanished(alert: Alert, ts: number, timing: AlertTiming): Alert | undefined {
  if (alert.state === "firing" && timing.keepFiringForMs > 0) {
    const since = alert.keepFiringSinceMs ?? ts;
    if (ts - since < timing.keepFiringForMs) return settled({ ...alert, keepFiringSinceMs: since }, ts, timing);
  }
  if (alert.state === "pending") return undefined;
  if (alert.resolvedAtMs !== undefined) return ts - alert.resolvedAtMs > RESOLVED_RETENTION_MS ? undefined : alert;
  return { ...alert, state: "inactive", resolvedAtMs: ts };
}

/**
 * Returns the alert as pending or firing, according to how long it has been active. A firing alert becomes pending
 * again if the rule's `for` was increased.
 */
function settled(alert: Alert, ts: number, { forMs }: AlertTiming): Alert {
  const due = ts - alert.activeAtMs >= forMs;
  if (alert.state === "pending" && due) return { ...alert, state: "firing", firedAtMs: ts };
  if (alert.state === "firing" && !due) {
    return { ...alert, state: "pending", firedAtMs: undefined, lastSentAtMs: undefined, keepFiringSinceMs: undefined };
  }
  return alert;
}

/**
 * Reports whether an alert must be sent to Alertmanager at the time `ts`. A pending alert is never sent. Other alerts
 * are sent when they start or end, and again after each resend delay.
 */
export function needsSending(alert: Alert, ts: number, resendDelayMs: number): boolean {
  if (alert.state === "pending") return false;
  const sent = alert.lastSentAtMs ?? -Infinity;
  if (alert.resolvedAtMs !== undefined && alert.resolvedAtMs > sent) return true;
  return sent + resendDelayMs < ts;
}
