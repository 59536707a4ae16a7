import { createHash } from "node:crypto";
import { isResolvedAt } from "@narthex/alerting";
import { family, type MetricFamily, sample } from "@narthex/exposition";
import type { Context } from "../context.ts";
import type { StateStores } from "../state/state-stores.ts";
import type { Engine } from "./engine.ts";

/** Returns metrics about the current configuration, the alerts and their groups, computed at each scrape. */
export const engineMetrics = (engine: Engine, state: StateStores, context: Context): readonly MetricFamily[] => [
  ...configFamilies(engine),
  ...alertFamilies(engine, state, context),
];

function configFamilies(engine: Engine): MetricFamily[] {
  const stats = engine.stats();
  const gauge = (name: string, help: string, value: number): MetricFamily => family("gauge", name, help, value);
  return [
    gauge(
      "alertmanager_config_hash",
      "Hash of the currently loaded alertmanager configuration. Note that this is not a cryptographically strong hash.",
      hashOf(stats.text),
    ),
    gauge(
      "alertmanager_config_last_reload_successful",
      "Whether the last configuration reload attempt was successful.",
      stats.successful ? 1 : 0,
    ),
    gauge(
      "alertmanager_config_last_reload_success_timestamp_seconds",
      "Timestamp of the last successful configuration reload.",
      stats.loadedAt,
    ),
    gauge("alertmanager_receivers", "Number of configured receivers.", stats.receivers),
    gauge("alertmanager_integrations", "Number of configured integrations.", stats.integrations),
    gauge("alertmanager_inhibition_rules", "Number of configured inhibition rules.", stats.inhibitRules),
  ];
}

/** Returns the first six bytes of the text's MD5 as a little-endian number, which a float can represent exactly. */
const hashOf = (text: string): number => createHash("md5").update(text).digest().readUIntLE(0, 6);

const STATES = ["unprocessed", "active", "suppressed"] as const;
type State = (typeof STATES)[number];

/**
 * Counts the unresolved alerts of all groups by state. If the feature flag is set, counts the alerts of each group
 * separately.
 */
function stateSamples(
  engine: Engine,
  { silences }: StateStores,
  { clock, featureFlags }: Context,
): ReturnType<typeof sample>[] {
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
      const state = group.hasFlushed(alert.fingerprint) ? (muted ? "suppressed" : "active") : "unprocessed";
      counts[state]++;
      // Counts an alert in several groups once. If the groups show different states of the alert, counts the state that
      // is last in STATES.
      const known = all.get(alert.fingerprint);
      if (known === undefined || STATES.indexOf(state) > STATES.indexOf(known)) all.set(alert.fingerprint, state);
    }
  }
  if (!featureFlags.groupKeys) {
    const counts = none();
    for (const state of all.values()) counts[state]++;
    return Object.entries(counts).map(([state, count]) => sample(count, { state }));
  }
  return [...byGroup].flatMap(([key, counts]) =>
    Object.entries(counts).map(([state, count]) => sample(count, { state, group_key: key })),
  );
}

function alertFamilies(engine: Engine, state: StateStores, context: Context): MetricFamily[] {
  const { alerts } = state;
  const { featureFlags, flags } = context;
  const groups = engine.state().dispatcher.groups();
  const limited = [...alerts.limited];
  return [
    family("gauge", "alertmanager_alerts", "How many alerts by state.", stateSamples(engine, state, context)),
    family(
      "gauge",
      "alertmanager_alerts_per_alert_limit",
      "Current limit on number of alerts per alert name",
      flags["alerts.per-alertname-limit"],
    ),
    ...(limited.length === 0
      ? []
      : [
          family(
            "counter",
            "alertmanager_alerts_limited_total",
            "Total number of alerts that were dropped due to per alert name limit",
            featureFlags.alertNames
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
