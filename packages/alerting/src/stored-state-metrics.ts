import type { SelfMetrics } from "@narthex/http";

/** Records how long operations on silences or on the notification log take, in seconds. */
export interface StoredStateMetrics {
  observeQuery(seconds: number): void;
  observeCollection(seconds: number): void;
}

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Returns the metrics of silences or of the notification log, with Alertmanager's names.
 * @param prefix `nflog` or `silences`
 */
export function storedStateMetrics(
  metrics: SelfMetrics,
  prefix: "nflog" | "silences",
  what: string,
): StoredStateMetrics {
  const query = metrics.histogram(
    `alertmanager_${prefix}_query_duration_seconds`,
    `Duration of ${what} query evaluation.`,
    BUCKETS,
  );
  const collection = metrics.summary(
    `alertmanager_${prefix}_gc_duration_seconds`,
    `Duration of the last ${what} garbage collection cycle.`,
    [],
  );
  // Creates the metric of Alertmanager's snapshots without observations, because Narthex writes every change at once
  // and has no snapshots.
  metrics.summary(`alertmanager_${prefix}_snapshot_duration_seconds`, `Duration of the last ${what} snapshot.`, []);
  return {
    observeQuery: (seconds) => query.observe(seconds),
    observeCollection: (seconds) => collection.observe(seconds),
  };
}
