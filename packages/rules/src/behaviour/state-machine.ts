import { type Alert, type AlertSample, type AlertTiming, nextAlert } from "../alert.ts";

/**
 * The condition of an alert that is not in the result of the rule's expression, after an evaluation:
 * - `met`: no data, and the behaviour treats the alert as if the result contained it
 * - `held`: the alert has data, and has not recovered
 * - `cleared`: the alert has recovered, or Prometheus' rules apply
 * - `ended`: no data, and the behaviour ends the alert
 */
export type Condition = "met" | "held" | "cleared" | "ended";

/** The input of the state machine for one alert. */
export interface AlertInput {
  /** The alert in the result of the rule's expression. */
  readonly seen: AlertSample | undefined;
  /** Without effect if the result contains the alert. */
  readonly condition: Condition;
  /** Time until which flap damping delays the end of the alert, Unix ms. Undefined if the end is not delayed. */
  readonly dampedUntilMs: number | undefined;
}

const NOT_HELD = { heldBy: undefined, heldUntilMs: undefined };

/**
 * Returns the new state of an alert of a rule with a behaviour, after an evaluation at the time `ts`. Returns undefined
 * if the alert is removed. docs/alert-behaviour.md defines each transition.
 */
export function nextAlertWithBehaviour(
  previous: Alert | undefined,
  { seen, condition, dampedUntilMs }: AlertInput,
  ts: number,
  timing: AlertTiming,
): Alert | undefined {
  if (seen !== undefined) {
    const next = nextAlert(previous, seen, ts, timing);
    return next === undefined ? undefined : { ...next, ...NOT_HELD, source: seen.source };
  }
  if (previous === undefined || previous.state === "inactive") return nextAlert(previous, undefined, ts, timing);
  if (condition === "met") return { ...nextAlert(previous, previous, ts, timing)!, ...NOT_HELD, heldBy: "no_data" };
  if (condition === "held" && previous.state === "firing")
    return { ...nextAlert(previous, previous, ts, timing)!, ...NOT_HELD, heldBy: "recovery" };
  const own = condition === "ended" ? { ...timing, keepFiringForMs: 0 } : timing;
  const next = nextAlert(previous, undefined, ts, own);
  const ends = previous.state === "firing" && next?.state === "inactive";
  if (ends && dampedUntilMs !== undefined) return { ...previous, heldBy: "damping", heldUntilMs: dampedUntilMs };
  return next === undefined ? undefined : { ...next, ...NOT_HELD };
}
