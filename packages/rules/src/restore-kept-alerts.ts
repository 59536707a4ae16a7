import type { AlertSample } from "./alert.ts";
import type { AlertingRuleState } from "./alerting-rule-state.ts";
import { type AlertStart, type RestoreContext, type StoredAlert, storedStart } from "./stored-alert.ts";

/** The largest number of earlier times at which the expression of a rule is evaluated. */
const MAX_EVALUATIONS = 120;

/** The last result of a rule's expression that contained an alert. */
interface LastResult {
  readonly sample: AlertSample;
  /** Number of stored evaluations since then. */
  readonly age: number;
}

/**
 * Restores firing alerts that `keep_firing_for` kept, or would have kept, although the rule's expression does not return
 * them any more. The expression is evaluated again at times before the outage, to find when it last returned them. The
 * outage does not count as time for which an alert was kept.
 */
export async function restoreKeptAlerts(
  state: AlertingRuleState,
  gone: readonly StoredAlert[],
  context: RestoreContext,
): Promise<void> {
  const { forMs, keepFiringForMs } = state.spec;
  if (keepFiringForMs === 0) return;
  const fired = gone.flatMap((stored) => {
    const start = storedStart(stored, forMs, context);
    return start === undefined ? [] : [{ ...stored, start }];
  });
  const results = await lastResults(fired, keepFiringForMs, context);
  const { evaluatedAtMs, intervalMs } = context;
  for (const { labels, start } of fired) {
    const last = results.get(labels.key);
    if (last === undefined) continue;
    // Negative if the expression returned the alert until the outage.
    const keptMs = (last.age - 1) * intervalMs;
    if (keptMs >= keepFiringForMs) continue;
    state.replace({
      state: "firing",
      ...last.sample,
      ...start,
      resolvedAtMs: undefined,
      keepFiringSinceMs: evaluatedAtMs - keptMs,
      lastSentAtMs: undefined,
      validUntilMs: undefined,
    });
  }
}

interface FiredAlert extends StoredAlert {
  readonly start: AlertStart;
}

/**
 * Evaluates the rule at times of stored evaluations, from the last one backwards, until each alert was found or was kept
 * for too long. The evaluation in which an alert began comes last: a process stores no alerts in its first evaluations.
 */
async function lastResults(
  alerts: readonly FiredAlert[],
  keepFiringForMs: number,
  { intervalMs, evaluateAt }: RestoreContext,
): Promise<ReadonlyMap<string, LastResult>> {
  const found = new Map<string, LastResult>();
  const missing = new Set(alerts.map(({ labels }) => labels.key));
  const times = [...new Set(alerts.flatMap(({ timesMs, start }) => [start.activeAtMs, ...timesMs]))].toSorted(
    (a, b) => b - a,
  );
  const count = Math.min(times.length, Math.ceil(keepFiringForMs / intervalMs) + 2);
  const step = Math.max(1, Math.ceil(count / MAX_EVALUATIONS));
  for (let age = 0; missing.size > 0 && age < count; age += step) {
    // oxlint-disable-next-line no-await-in-loop -- an earlier time is only evaluated if an alert is still missing
    const samples = await evaluateAt(times[age]!);
    for (const key of missing) {
      const sample = samples.get(key);
      if (sample === undefined) continue;
      found.set(key, { sample, age });
      missing.delete(key);
    }
  }
  return found;
}
