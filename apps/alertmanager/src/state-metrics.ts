import { createHash } from "node:crypto";
import { type AlertStore, isResolvedAt, type NotificationLog, type Silences } from "@narthex/alerting";
import { buildInfoFamily, family, type MetricFamily, sample } from "@narthex/exposition";

import type { BuildInfo, Clock } from "@narthex/runtime";
import type { Cluster } from "./cluster.ts";
import type { Engine } from "./engine.ts";
import type { Features } from "./features.ts";

export interface StateSources {
  readonly engine: Engine;
  readonly cluster: Pick<Cluster, "isEnabled" | "propagated">;
  readonly alerts: AlertStore;
  readonly silences: Silences;
  readonly log: NotificationLog;
  readonly clock: Clock;
  readonly build: BuildInfo;
  readonly perAlertname: number;
  readonly features: Features;
}

/** Families that are read off the state at each scrape. */
export const stateMetrics =
  (sources: StateSources): (() => Promise<readonly MetricFamily[]>) =>
  async () => [
    buildInfoFamily(sources.build),
    ...configFamilies(sources.engine, sources.cluster.isEnabled),
    ...alertFamilies(sources),
    ...(await silenceFamilies(sources)),
    ...(await logFamilies(sources)),
  ];

function configFamilies(engine: Engine, isClustered: boolean): MetricFamily[] {
  const facts = engine.facts();
  const gauge = (name: string, help: string, value: number): MetricFamily => family("gauge", name, help, value);
  return [
    gauge(
      "alertmanager_config_hash",
      "Hash of the currently loaded alertmanager configuration. Note that this is not a cryptographically strong hash.",
      hashOf(facts.text),
    ),
    gauge(
      "alertmanager_config_last_reload_successful",
      "Whether the last configuration reload attempt was successful.",
      facts.successful ? 1 : 0,
    ),
    gauge(
      "alertmanager_config_last_reload_success_timestamp_seconds",
      "Timestamp of the last successful configuration reload.",
      facts.loadedAt,
    ),
    gauge("alertmanager_receivers", "Number of configured receivers.", facts.receivers),
    gauge("alertmanager_integrations", "Number of configured integrations.", facts.integrations),
    gauge("alertmanager_inhibition_rules", "Number of configured inhibition rules.", facts.inhibitRules),
    gauge("alertmanager_cluster_enabled", "Indicates whether the clustering is enabled or not.", isClustered ? 1 : 0),
  ];
}

/** The first six bytes of the text's MD5, little-endian: what a float holds exactly. */
const hashOf = (text: string): number => createHash("md5").update(text).digest().readUIntLE(0, 6);

const STATES = ["unprocessed", "active", "suppressed"] as const;
type State = (typeof STATES)[number];

/** Unresolved alerts of the groups by state, and by group where that is asked for. */
function stateSamples({ engine, silences, clock, features }: StateSources): ReturnType<typeof sample>[] {
  const { dispatcher, inhibitor } = engine.state();
  const now = clock.now();
  const none = (): Record<State, number> => ({ unprocessed: 0, active: 0, suppressed: 0 });
  const all = new Map<string, State>();
  const byGroup = new Map<string, Record<State, number>>();
  for (const group of dispatcher.groups()) {
    const counts = byGroup.get(group.key) ?? none();
    byGroup.set(group.key, counts);
    for (const alert of group.alerts()) {
      if (isResolvedAt(alert, now)) continue;
      const muted = inhibitor.inhibitedBy(alert.labels, now).length + silences.mutedBy(alert.labels, now).length > 0;
      const state = group.hasLookedAt(alert.fingerprint) ? (muted ? "suppressed" : "active") : "unprocessed";
      counts[state]++;
      // An alert of several groups counts once, as the state that stands last.
      const known = all.get(alert.fingerprint);
      if (known === undefined || STATES.indexOf(state) > STATES.indexOf(known)) all.set(alert.fingerprint, state);
    }
  }
  if (!features.groupKeys) {
    const counts = none();
    for (const state of all.values()) counts[state]++;
    return Object.entries(counts).map(([state, count]) => sample(count, { state }));
  }
  return [...byGroup].flatMap(([key, counts]) =>
    Object.entries(counts).map(([state, count]) => sample(count, { state, group_key: key })),
  );
}

function alertFamilies(sources: StateSources): MetricFamily[] {
  const { engine, alerts, perAlertname, features } = sources;
  const groups = engine.state().dispatcher.groups();
  const limited = [...alerts.limited];
  return [
    family("gauge", "alertmanager_alerts", "How many alerts by state.", stateSamples(sources)),
    family(
      "gauge",
      "alertmanager_alerts_per_alert_limit",
      "Current limit on number of alerts per alert name",
      perAlertname,
    ),
    ...(limited.length === 0
      ? []
      : [
          family(
            "counter",
            "alertmanager_alerts_limited_total",
            "Total number of alerts that were dropped due to per alert name limit",
            features.alertNames
              ? limited.map(([alertname, count]) => sample(count, { alertname }))
              : limited.reduce((sum, [, count]) => sum + count, 0),
          ),
        ]),
    family(
      "counter",
      "alertmanager_alerts_subscriber_channel_writes_total",
      "Number of times alerts were written to subscriber channels",
      ["dispatcher", "inhibitor"].map((subscriber) => sample(alerts.written, { subscriber })),
    ),
    counter(
      "alertmanager_dispatcher_aggregation_group_creation_retries_total",
      "Number of CAS retries while creating aggregation groups under contention.",
      0,
    ),
    counter(
      "alertmanager_dispatcher_aggregation_group_creation_given_up_total",
      "Number of alerts dropped because aggregation group creation exceeded the retry limit.",
      0,
    ),
    family("gauge", "alertmanager_dispatcher_aggregation_groups", "Number of active aggregation groups", groups.length),
  ];
}

const counter = (name: string, help: string, value: number): MetricFamily => family("counter", name, help, value);

async function silenceFamilies({ silences, clock, cluster }: StateSources): Promise<MetricFamily[]> {
  const { queries, scanned, skipped, collections } = silences.counts;
  const size = silences.all().length;
  const states = Object.entries(silences.count(clock.now()));
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
      propagated: cluster.propagated.sil,
    }),
  ];
}

async function logFamilies({ log, cluster }: StateSources): Promise<MetricFamily[]> {
  const { queries, misses, collections } = log.counts;
  return keptFamilies("alertmanager_nflog", "notification log", {
    queries,
    // Upstream counts a query that finds nothing among the errors.
    queryErrors: misses,
    collections,
    bytes: await log.storedBytes(),
    propagated: cluster.propagated.nfl,
  });
}

/** Upstream's sentences, which are not of one pattern. */
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

/** What both kinds of kept state report. A change is on disk at once, so that no maintenance run can fail or lose one. */
function keptFamilies(
  prefix: string,
  what: keyof typeof KEPT_HELPS,
  kept: Readonly<Record<"bytes" | "collections" | "propagated" | "queries" | "queryErrors", number>>,
): MetricFamily[] {
  const { queries, queryErrors, collections, bytes, propagated } = kept;
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
    counter(
      `${prefix}_gossip_messages_propagated_total`,
      "Number of received gossip messages that have been further gossiped.",
      propagated,
    ),
    family("gauge", `${prefix}_snapshot_size_bytes`, `Size of the last ${what} snapshot in bytes.`, bytes),
  ];
}
