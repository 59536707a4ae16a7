import { isStaleAt, Matcher, METRIC_NAME } from "@narthex/model";
import { type Queryable, SampleColumns } from "@narthex/storage";
import type { AlertingRuleState } from "./alerting-rule-state.ts";

/**
 * Limits for restoring alerts: the maximum length of an outage, and the minimum time after a restart until a restored
 * pending alert fires.
 */
export interface RestoreLimits {
  readonly outageToleranceMs: number;
  readonly gracePeriodMs: number;
}

/**
 * Returns the start time in Unix ms of a restored alert. If the alert had already been active for the time `for` before
 * the outage, the start is unchanged. If less time than the grace period was left, the alert fires after the grace
 * period. Otherwise the start is moved by the length of the outage.
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
  if (remaining < gracePeriodMs) return nowMs + gracePeriodMs - forMs;
  return activeSinceMs + (nowMs - lastSeenMs);
}

/**
 * Restores the start times of a rule's alerts from the ALERTS_FOR_STATE series of the earlier process, and marks the
 * rule as restored. Start times are not restored for a rule whose `for` is shorter than the grace period.
 */
export async function restoreAlertState(
  state: AlertingRuleState,
  history: Queryable,
  nowMs: number,
  limits: RestoreLimits,
): Promise<void> {
  const { spec } = state;
  if (spec.forMs < limits.gracePeriodMs) {
    state.restored = true;
    return;
  }
  const mint = nowMs - limits.outageToleranceMs;
  const querier = history.querier(mint, nowMs);
  try {
    const set = await querier.select(matchersOf(state), { start: mint, end: nowMs });
    const indexes = new Map<string, number>();
    for (const [index, labels] of set.labels.entries()) indexes.set(labels.without(METRIC_NAME).key, index);
    const columns = new SampleColumns(64);
    for (const alert of state.activeAlerts) {
      const index = indexes.get(alert.labels.key);
      if (index === undefined) continue;
      columns.reset();
      set.read(index, mint, nowMs, columns);
      const last = columns.count - 1;
      if (last < 0 || isStaleAt(columns.valueWords, last)) continue;
      const activeSince = columns.values[last]! * 1000;
      const lastSeen = columns.timestamps[last]!;
      const activeAtMs = restoredActiveAt(activeSince, lastSeen, nowMs, spec.forMs, limits.gracePeriodMs);
      state.replace({ ...alert, activeAtMs });
    }
    state.restored = true;
  } finally {
    querier.close();
  }
}

/**
 * Returns matchers for the stored ALERTS_FOR_STATE series of a rule. Omits labels whose values are templates, because
 * their values differ between alerts.
 */
function matchersOf({ spec }: AlertingRuleState): Matcher[] {
  const fixed = [...spec.labels].filter(([, text]) => text !== "" && !text.includes("{{"));
  return [
    new Matcher("=", METRIC_NAME, "ALERTS_FOR_STATE"),
    new Matcher("=", "alertname", spec.name),
    ...fixed.filter(([name]) => name !== "alertname").map(([name, text]) => new Matcher("=", name, text)),
  ];
}
