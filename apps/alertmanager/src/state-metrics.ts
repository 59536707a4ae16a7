import { createHash } from "node:crypto";
import { type AlertStore, isResolvedAt, type NotificationLog, type Silences } from "@narthex/alerting";
import { family, type MetricFamily, sample } from "@narthex/exposition";
import { buildInfoFamily } from "@narthex/http";
import type { BuildInfo, Clock } from "@narthex/runtime";
import type { Cluster } from "./cluster.ts";
import type { Engine } from "./engine.ts";

export interface StateSources {
  readonly engine: Engine;
  readonly cluster: Pick<Cluster, "isEnabled" | "propagated">;
  readonly alerts: AlertStore;
  readonly silences: Silences;
  readonly log: NotificationLog;
  readonly clock: Clock;
  readonly build: BuildInfo;
  readonly perAlertname: number;
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
    gauge("alertmanager_config_hash", "Hash of the currently loaded alertmanager configuration.", hashOf(facts.text)),
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

function alertFamilies({ engine, alerts, silences, clock, perAlertname }: StateSources): MetricFamily[] {
  const { dispatcher, inhibitor } = engine.state();
  const now = clock.now();
  const counts = { active: 0, suppressed: 0, unprocessed: 0 };
  const groups = dispatcher.groups();
  for (const group of groups) {
    for (const alert of group.alerts()) {
      if (isResolvedAt(alert, now)) continue;
      const muted = inhibitor.inhibitedBy(alert.labels, now).length + silences.mutedBy(alert.labels, now).length > 0;
      counts[group.flushed ? (muted ? "suppressed" : "active") : "unprocessed"]++;
    }
  }
  return [
    family(
      "gauge",
      "alertmanager_alerts",
      "How many alerts by state.",
      Object.entries(counts).map(([state, count]) => sample(count, { state })),
    ),
    family(
      "gauge",
      "alertmanager_alerts_per_alert_limit",
      "Current limit on number of alerts per alert name",
      perAlertname,
    ),
    family(
      "counter",
      "alertmanager_alerts_limited_total",
      "Total number of alerts that were dropped due to per alert name limit",
      alerts.limited,
    ),
    family(
      "counter",
      "alertmanager_alerts_subscriber_channel_writes_total",
      "Number of times alerts were written to subscriber channels",
      ["dispatcher", "inhibitor"].map((subscriber) => sample(alerts.written, { subscriber })),
    ),
    counter(
      "alertmanager_dispatcher_aggregation_group_creation_retries_total",
      "Number of times aggregation group creation was retried.",
      0,
    ),
    counter(
      "alertmanager_dispatcher_aggregation_group_creation_given_up_total",
      "Number of times aggregation group creation was given up.",
      0,
    ),
    family("gauge", "alertmanager_dispatcher_aggregation_groups", "Number of active aggregation groups", groups.length),
  ];
}

const counter = (name: string, help: string, value: number): MetricFamily => family("counter", name, help, value);

async function silenceFamilies({ silences, clock, cluster }: StateSources): Promise<MetricFamily[]> {
  const { queries, scanned, collections } = silences.counts;
  const size = silences.all().length;
  const states = Object.entries(silences.count(clock.now()));
  return [
    family(
      "gauge",
      "alertmanager_silences",
      "How many silences by state.",
      states.map(([state, count]) => sample(count, { state })),
    ),
    family("gauge", "alertmanager_silences_state_size", "The number of silences in the state.", size),
    family(
      "gauge",
      "alertmanager_silences_matcher_index_size",
      "The number of entries in the matcher cache index.",
      size,
    ),
    family("gauge", "alertmanager_silences_version_index_size", "The number of entries in the version index.", size),
    counter(
      "alertmanager_silences_query_silences_scanned_total",
      "How many silences were looked at by queries.",
      scanned,
    ),
    counter("alertmanager_silences_query_silences_skipped_total", "How many silences queries could pass over.", 0),
    counter("alertmanager_silences_gc_errors_total", "How many silence garbage collections failed.", 0),
    family(
      "counter",
      "alertmanager_silences_matcher_compile_errors_total",
      "How many silence matchers did not compile.",
      ["index", "load_snapshot"].map((stage) => sample(0, { stage })),
    ),
    ...keptFamilies("alertmanager_silences", "silence", {
      queries,
      collections,
      bytes: await silences.storedBytes(),
      propagated: cluster.propagated.sil,
    }),
  ];
}

async function logFamilies({ log, cluster }: StateSources): Promise<MetricFamily[]> {
  const { queries, collections } = log.counts;
  return keptFamilies("alertmanager_nflog", "notification log", {
    queries,
    collections,
    bytes: await log.storedBytes(),
    propagated: cluster.propagated.nfl,
  });
}

/** What both kinds of kept state report. A change is on disk at once, so that no maintenance run can fail or lose one. */
function keptFamilies(
  prefix: string,
  what: string,
  kept: Readonly<Record<"bytes" | "collections" | "propagated" | "queries", number>>,
): MetricFamily[] {
  const { queries, collections, bytes, propagated } = kept;
  return [
    counter(`${prefix}_queries_total`, `How many ${what} queries were received.`, queries),
    counter(`${prefix}_query_errors_total`, `How many ${what} received queries did not succeed.`, 0),
    counter(`${prefix}_maintenance_total`, `How many maintenances were executed for the ${what}.`, collections),
    counter(
      `${prefix}_maintenance_errors_total`,
      `How many maintenances were executed for the ${what} that failed.`,
      0,
    ),
    counter(
      `${prefix}_gossip_messages_propagated_total`,
      "Number of received gossip messages that have been further gossiped.",
      propagated,
    ),
    family("gauge", `${prefix}_snapshot_size_bytes`, `Size of the ${what} on disk in bytes.`, bytes),
  ];
}
