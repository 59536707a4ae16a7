import { isStaleAt, Matcher, METRIC_NAME } from "@narthex/model";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";
import { countOf, type Queryable, SampleColumns, type SeriesSet } from "@narthex/storage";
import type { AlertingRuleState } from "./alerting-rule-state.ts";
import type { RestoreLimits, StoredAlert } from "./stored-alert.ts";

/** The alerts that the earlier process stored last, by the key of their labels. */
export type StoredAlerts = ReadonlyMap<string, StoredAlert>;

interface ReadContext {
  readonly clock: Clock;
  readonly history: Queryable;
  readonly nowMs: number;
  readonly limits: Pick<RestoreLimits, "outageToleranceMs">;
}

/** Reads the alerts that the earlier process stored last. The read yields to the event loop. */
export async function storedAlerts(
  state: AlertingRuleState,
  { clock, history, nowMs, limits }: ReadContext,
): Promise<StoredAlerts> {
  const mint = nowMs - limits.outageToleranceMs;
  const querier = history.querier(mint, nowMs);
  try {
    const set = await querier.select(matchersOf(state, "ALERTS_FOR_STATE"), { start: mint, end: nowMs });
    return await runInTimeSlices(clock, readAlerts(set, mint, nowMs));
  } finally {
    querier.close();
  }
}

/** Reads the alerts of selected series. A step reads one series. */
function* readAlerts(set: SeriesSet, minMs: number, maxMs: number): Steps<StoredAlerts> {
  const stored = new Map<string, StoredAlert>();
  const columns = new SampleColumns(64);
  for (let index = 0; index < countOf(set); index++) {
    yield;
    columns.reset();
    set.read(index, minMs, maxMs, columns);
    const last = columns.count - 1;
    if (last < 0 || isStaleAt(columns.valueWords, last)) continue;
    const labels = (set.labelSets?.at(index) ?? set.labels[index]!).without(METRIC_NAME);
    const activeSinceMs = columns.values[last]! * 1000;
    const timesMs = columns.timestamps.slice(0, columns.count);
    stored.set(labels.key, { labels, activeSinceMs, lastSeenMs: timesMs[last]!, timesMs });
  }
  return stored;
}

/**
 * Returns matchers for the stored series of a rule's alerts, ALERTS or ALERTS_FOR_STATE. Omits labels whose values are
 * templates, because their values differ between alerts.
 */
export function matchersOf({ spec }: AlertingRuleState, metric: string): Matcher[] {
  const fixed = [...spec.labels].filter(([, text]) => text !== "" && !text.includes("{{"));
  return [
    new Matcher("=", METRIC_NAME, metric),
    new Matcher("=", "alertname", spec.name),
    ...fixed.filter(([name]) => name !== "alertname").map(([name, text]) => new Matcher("=", name, text)),
  ];
}

/** Keeps the stored alerts of rules during an evaluation of their group, because two steps of it need them. */
export class StoredAlertsCache {
  readonly #kept = new Map<AlertingRuleState, Promise<StoredAlerts>>();

  /** Returns the stored alerts of a rule. A failed read is not kept. */
  of(state: AlertingRuleState, read: () => Promise<StoredAlerts>): Promise<StoredAlerts> {
    let kept = this.#kept.get(state);
    if (kept === undefined) {
      this.#kept.set(state, (kept = read()));
      kept.catch(() => this.#kept.delete(state));
    }
    return kept;
  }

  clear(): void {
    this.#kept.clear();
  }
}
