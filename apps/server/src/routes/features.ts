import { sendSuccess } from "@narthex/http";
import { FUNCTION_SIGNATURES } from "@narthex/promql";
import type { FastifyInstance } from "fastify";
import type { Features } from "../features.ts";
import type { ServerFlags } from "../flags.ts";

interface Options {
  readonly flags: ServerFlags;
  readonly features: Features;
  /** Names of the discovery kinds that are built, e.g. `file`. */
  readonly discoveryKinds: readonly string[];
}

/** `/features`: what this server can do, by category; true is usable now. */
export function featureRoute(app: FastifyInstance, options: Options): void {
  app.get("/features", async (_request, reply) => sendSuccess(reply, { data: sorted(table(options)) }));
}

function table({ flags, features, discoveryKinds }: Options): Record<string, Record<string, boolean>> {
  const experimental = features.has("promql-experimental-functions");
  return {
    api: {
      admin: flags["web.enable-admin-api"],
      exclude_alerts: true,
      label_values_match: true,
      lifecycle: flags["web.enable-lifecycle"],
      otlp_write_receiver: false,
      query_stats: true,
      query_warnings: true,
      remote_write_receiver: false,
      search: false,
      time_range_labels: true,
      time_range_series: true,
    },
    prometheus: {
      agent_mode: false,
      auto_reload_config: flags["config.auto-reload"] || features.has("auto-reload-config"),
      server_mode: true,
    },
    promql: {
      anchored: features.has("promql-extended-range-selectors"),
      at_modifier: true,
      bool: true,
      by: true,
      delayed_name_removal: features.has("promql-delayed-name-removal"),
      duration_expr: true,
      fill: features.has("promql-binop-fill-modifiers"),
      negative_offset: true,
      offset: true,
      per_query_lookback_delta: true,
      per_step_stats: features.has("promql-per-step-stats"),
      smoothed: features.has("promql-extended-range-selectors"),
      subqueries: true,
      type_and_unit_labels: features.has("type-and-unit-labels"),
    },
    promql_functions: Object.fromEntries(
      [...FUNCTION_SIGNATURES.values()].map((one) => [one.name, !one.experimental || experimental]),
    ),
    rules: { concurrent_rule_eval: false, keep_firing_for: true, query_offset: true },
    scrape: {
      extra_scrape_metrics: true,
      start_timestamp_zero_ingestion: features.has("created-timestamp-zero-ingestion"),
      type_and_unit_labels: features.has("type-and-unit-labels"),
    },
    service_discovery_providers: Object.fromEntries(["static", ...discoveryKinds].map((kind) => [kind, true])),
    tsdb: {
      delayed_compaction: features.has("delayed-compaction"),
      exemplar_storage: features.has("exemplar-storage"),
      histograms_st_encoding: features.has("histograms-st-encoding"),
      metadata_wal_records: features.has("metadata-wal-records"),
      native_histograms: true,
      st_storage: features.has("st-storage"),
      xor2_encoding: features.has("xor2-encoding"),
    },
    ui: { ui_v2: false, ui_v3: true },
  };
}

/** Keys in order, as clients compare them. */
const sorted = (value: Record<string, Record<string, boolean>>): unknown =>
  Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, flags]) => [
        name,
        Object.fromEntries(Object.entries(flags).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      ]),
  );
