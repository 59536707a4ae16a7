import type { AlertingRuleState } from "./alerting-rule-state.ts";
import { restoreKeptAlerts } from "./restore-kept-alerts.ts";
import { type RestoreContext, storedStart } from "./stored-alert.ts";

/**
 * Returns the start time in Unix ms of a restored alert. If the alert had already been active for the time `for` before
 * the outage, the start is unchanged. Otherwise the start is moved by the length of the outage. A `for` that is longer
 * than the grace period fires after the grace period at the earliest.
 */
export function restoredActiveAt(
  activeSinceMs: number,
  lastSeenMs: number,
  nowMs: number,
  forMs: number,
  gracePeriodMs: number,
): number {
  const spent = lastSeenMs - activeSinceMs;
  const remaining = forMs - spent;
  if (remaining <= 0) return activeSinceMs;
  if (remaining < gracePeriodMs && forMs >= gracePeriodMs) return nowMs + gracePeriodMs - forMs;
  return activeSinceMs + (nowMs - lastSeenMs);
}

/**
 * Gives alerts that fire before restoreAlertState() the start that the earlier process has stored. Without this,
 * Alertmanager would receive alerts without `for` with a new start after each restart, as from Prometheus.
 */
export async function restoreStarts(state: AlertingRuleState, context: RestoreContext): Promise<void> {
  const firing = state.activeAlerts.filter((alert) => alert.state === "firing");
  if (firing.length === 0) return;
  const stored = await context.storedAlerts();
  for (const alert of firing) {
    const before = stored.get(alert.labels.key);
    const start = before === undefined ? undefined : storedStart(before, state.spec.forMs, context);
    if (start !== undefined) state.replace({ ...alert, ...start });
  }
}

/**
 * Restores the alerts of a rule from the series of the earlier process, and marks the rule as restored. The start times
 * of active alerts come from ALERTS_FOR_STATE. Prometheus restores them only if `for` is at least the grace period, so a
 * firing alert with a short `for` ends and begins again after a restart. Only here, a firing alert keeps the time at
 * which it fired, and alerts that `keep_firing_for` kept are restored.
 */
export async function restoreAlertState(state: AlertingRuleState, context: RestoreContext): Promise<void> {
  const { spec } = state;
  const { nowMs, limits } = context;
  if (spec.forMs > 0 || spec.keepFiringForMs > 0) {
    const stored = await context.storedAlerts();
    const active = new Set<string>();
    for (const alert of state.activeAlerts) {
      active.add(alert.labels.key);
      const before = stored.get(alert.labels.key);
      if (before === undefined) continue;
      const start = storedStart(before, spec.forMs, context);
      if (start !== undefined) {
        state.replace({ ...alert, state: "firing", ...start });
        continue;
      }
      const { activeSinceMs, lastSeenMs } = before;
      const activeAtMs = restoredActiveAt(activeSinceMs, lastSeenMs, nowMs, spec.forMs, limits.gracePeriodMs);
      state.replace({ ...alert, activeAtMs });
    }
    const gone = [...stored.values()].filter(({ labels }) => !active.has(labels.key));
    await restoreKeptAlerts(state, gone, context);
  }
  state.restored = true;
}
