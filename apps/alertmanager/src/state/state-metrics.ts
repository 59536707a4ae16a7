import type { NotificationLog, Silences } from "@narthex/alerting";
import { family, type MetricFamily, sample } from "@narthex/exposition";
import type { MetricSource } from "@narthex/http";
import type { Clock } from "@narthex/runtime";

/** Returns metrics about silences and the notification log, computed at each scrape. */
export const stateMetrics =
  ({
    silences,
    log,
    clock,
  }: {
    readonly silences: Silences;
    readonly log: NotificationLog;
    readonly clock: Clock;
  }): MetricSource =>
  async () => [...(await silenceFamilies(silences, clock.now())), ...(await logFamilies(log))];

const counter = (name: string, help: string, value: number): MetricFamily => family("counter", name, help, value);

async function silenceFamilies(silences: Silences, now: number): Promise<MetricFamily[]> {
  const { queries, scanned, skipped, collections } = silences.counts;
  const size = silences.all().length;
  const states = Object.entries(silences.count(now));
  return [
    family(
      "gauge",
      "alertmanager_silences",
      "How many silences by state.",
      states.map(([state, count]) => sample(count, { state })),
    ),
    family("gauge", "alertmanager_silences_state_size", "The number of silences in the state map.", size),
    family(
      "gauge",
      "alertmanager_silences_matcher_index_size",
      "The number of entries in the matcher cache index.",
      size,
    ),
    family("gauge", "alertmanager_silences_version_index_size", "The number of entries in the version index.", size),
    counter(
      "alertmanager_silences_query_silences_scanned_total",
      "How many silences were scanned during query evaluation.",
      scanned,
    ),
    counter(
      "alertmanager_silences_query_silences_skipped_total",
      "How many silences were skipped during query evaluation using the version index.",
      skipped,
    ),
    counter("alertmanager_silences_gc_errors_total", "How many silence GC errors were encountered.", 0),
    family(
      "counter",
      "alertmanager_silences_matcher_compile_errors_total",
      "How many silence matcher compilations failed.",
      ["index", "load_snapshot"].map((stage) => sample(0, { stage })),
    ),
    ...keptFamilies("alertmanager_silences", "silence", {
      queries,
      queryErrors: 0,
      collections,
      bytes: await silences.storedBytes(),
    }),
  ];
}

async function logFamilies(log: NotificationLog): Promise<MetricFamily[]> {
  const { queries, misses, collections } = log.counts;
  return keptFamilies("alertmanager_nflog", "notification log", {
    queries,
    // Counts a query without results as an error, as the original Alertmanager does.
    queryErrors: misses,
    collections,
    bytes: await log.storedBytes(),
  });
}

/** Help texts of the original Alertmanager, which differ for silences and for the notification log. */
const KEPT_HELPS = {
  silence: {
    queries: "How many silence queries were received.",
    queryErrors: "How many silence received queries did not succeed.",
    whose: "silences",
  },
  "notification log": {
    queries: "Number of notification log queries were received.",
    queryErrors: "Number notification log received queries that failed.",
    whose: "the notification log",
  },
} as const;

/**
 * Returns metrics about silences or about the notification log. The metrics of failed maintenance stay 0, because
 * changes are written to the disk immediately.
 */
function keptFamilies(
  prefix: string,
  what: keyof typeof KEPT_HELPS,
  kept: Readonly<Record<"bytes" | "collections" | "queries" | "queryErrors", number>>,
): MetricFamily[] {
  const { queries, queryErrors, collections, bytes } = kept;
  const helps = KEPT_HELPS[what];
  return [
    counter(`${prefix}_queries_total`, helps.queries, queries),
    counter(`${prefix}_query_errors_total`, helps.queryErrors, queryErrors),
    counter(`${prefix}_maintenance_total`, `How many maintenances were executed for ${helps.whose}.`, collections),
    counter(
      `${prefix}_maintenance_errors_total`,
      `How many maintenances were executed for ${helps.whose} that failed.`,
      0,
    ),
    family("gauge", `${prefix}_snapshot_size_bytes`, `Size of the last ${what} snapshot in bytes.`, bytes),
  ];
}
