import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { onLoopback } from "../../support/loopback.ts";
import { api } from "../../support/query.ts";
import { lacks } from "../../support/requirements.ts";
import { freePort } from "../../support/ports.ts";
import { type Kind, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

/**
 * The server's own metrics that the rules and dashboards of Prometheus' mixin (documentation/prometheus-mixin in
 * Prometheus' repository) use. The key is the function that the mixin applies to the metrics.
 */
const READ = {
  "max_over_time 5m": [
    "prometheus_config_last_reload_successful",
    "prometheus_engine_queries_concurrent_max",
    "prometheus_notifications_alertmanagers_discovered",
    "prometheus_remote_storage_highest_timestamp_in_seconds",
    "prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
    "prometheus_remote_storage_shards_desired",
    "prometheus_remote_storage_shards_max",
  ],
  "min_over_time 5m": ["prometheus_notifications_queue_capacity"],
  "avg_over_time 5m": ["prometheus_engine_queries"],
  "deriv 5m": ["prometheus_notifications_queue_length"],
  "changes 30m": ["process_start_time_seconds"],
  "increase 5m": [
    "prometheus_rule_evaluation_failures_total",
    "prometheus_rule_group_iterations_missed_total",
    "prometheus_target_scrape_pool_exceeded_label_limits_total",
    "prometheus_target_scrape_pool_exceeded_target_limit_total",
    "prometheus_target_scrapes_exceeded_body_size_limit_total",
    "prometheus_target_scrapes_exceeded_sample_limit_total",
  ],
  "increase 10m": ["prometheus_sd_refresh_failures_total"],
  "increase 30m": ["prometheus_target_sync_failed_total"],
  "increase 3h": ["prometheus_tsdb_compactions_failed_total", "prometheus_tsdb_reloads_failures_total"],
  "rate 1m": [
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "prometheus_target_scrapes_sample_out_of_bounds_total",
    "prometheus_target_scrapes_sample_out_of_order_total",
  ],
  "rate 5m": [
    "prometheus_notifications_errors_total",
    "prometheus_notifications_sent_total",
    "prometheus_remote_storage_enqueue_retries_total",
    "prometheus_remote_storage_samples_dropped_total",
    "prometheus_remote_storage_samples_failed_total",
    "prometheus_remote_storage_samples_in_total",
    "prometheus_remote_storage_samples_retried_total",
    "prometheus_remote_storage_samples_total",
    "prometheus_target_interval_length_seconds_count",
    "prometheus_target_interval_length_seconds_sum",
    "prometheus_target_sync_length_seconds_sum",
    "prometheus_tsdb_head_samples_appended_total",
  ],
  "last_over_time 5m": [
    "prometheus_build_info",
    "prometheus_remote_storage_samples_pending",
    "prometheus_remote_storage_shard_capacity",
    "prometheus_remote_storage_shards",
    "prometheus_remote_storage_shards_min",
    "prometheus_rule_group_rules",
    "prometheus_sd_discovered_targets",
    "prometheus_target_metadata_cache_entries",
    "prometheus_tsdb_clean_start",
    "prometheus_tsdb_head_chunks",
    "prometheus_tsdb_head_series",
    "prometheus_tsdb_wal_segment_current",
    "prometheus_wal_watcher_current_segment",
  ],
};

/**
 * Expressions of Prometheus' mixin that join two of the server's own metrics. Both metrics must have the same labels.
 * Two joins are left out because the labels differ, as in Prometheus: dropped samples have a label `reason` that sent
 * samples lack, and in later versions the length of a queue has a label `alertmanager` that the capacity lacks.
 */
const JOINED: Readonly<Record<string, string>> = {
  notification_errors:
    "rate(prometheus_notifications_errors_total[5m]) / rate(prometheus_notifications_sent_total[5m])",
  ingesting:
    "sum without (type) (rate(prometheus_tsdb_head_samples_appended_total[5m])) and (sum without (scrape_job) (prometheus_target_metadata_cache_entries) > 0)",
  ingesting_rules:
    "sum without (type) (rate(prometheus_tsdb_head_samples_appended_total[5m])) and (sum without (rule_group) (prometheus_rule_group_rules) > 0)",
  remote_failures:
    "rate(prometheus_remote_storage_samples_failed_total[5m]) / (rate(prometheus_remote_storage_samples_failed_total[5m]) + rate(prometheus_remote_storage_samples_total[5m]))",
  remote_behind:
    "prometheus_remote_storage_highest_timestamp_in_seconds - ignoring (remote_name, url) group_right prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
  remote_shards: "prometheus_remote_storage_shards_desired <= bool prometheus_remote_storage_shards_max",
  remote_samples:
    "rate(prometheus_remote_storage_samples_in_total[5m]) - ignoring (remote_name, url) group_right (instance) rate(prometheus_remote_storage_samples_total[5m])",
  query_load: "prometheus_engine_queries / prometheus_engine_queries_concurrent_max",
  scrape_interval:
    "rate(prometheus_target_interval_length_seconds_sum[5m]) / rate(prometheus_target_interval_length_seconds_count[5m])",
  query_rate: 'rate(prometheus_engine_query_duration_seconds_count{slice="inner_eval"}[5m])',
  query_stages: 'max by (slice) (prometheus_engine_query_duration_seconds{quantile="0.9"}) >= 0',
};

/** Recording rules that the test adds: names of recorded series, with their expressions. */
const RECORDED = new Map([
  ...Object.entries(READ).flatMap(([how, metrics]) => {
    const [func, range] = how.split(" ");
    return metrics.map((metric): [string, string] => [`read:${metric}`, `${func}(${metric}[${range}])`]);
  }),
  ...Object.entries(JOINED).map(([name, expr]): [string, string] => [`joined:${name}`, expr]),
]);

const rulesFile = (): string =>
  `groups:\n- name: mixin\n  rules:\n  - {alert: Up, expr: up == 1}\n${[...RECORDED]
    .map(([record, expr]) => `  - {record: '${record}', expr: '${expr}'}\n`)
    .join("")}`;

const configOf = (workplace: Workplace, port: number, sink: number): string => `
global: {scrape_interval: 500ms, evaluation_interval: 500ms}
rule_files: ['${workplace.path("rules.yml")}']
alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:${sink}']}]}]}
remote_write:
  - url: 'http://127.0.0.1:${sink}/write'
    name: sink
    write_relabel_configs: [{source_labels: [__name__], regex: up, action: drop}]
scrape_configs:
  - {job_name: self, static_configs: [{targets: ['127.0.0.1:${port}']}]}
  - {job_name: files, file_sd_configs: [{files: ['${workplace.path("targets.json")}']}]}
  - {job_name: web, http_sd_configs: [{url: 'http://127.0.0.1:${sink}/targets'}]}
`;

interface RuleGroups {
  readonly groups: readonly {
    readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
  }[];
}

describe.each<Kind>(["narthex", "prometheus"])("%s", (kind) => {
  const isLacking = kind === "prometheus" && lacks("peers");

  test.skipIf(isLacking)("the metrics of Prometheus' mixin have data, and its joins match", async () => {
    using workplace = new Workplace();
    await using sink = await onLoopback(
      createServer((request, response) => request.resume().on("end", () => response.end("[]"))),
    );
    workplace.write("rules.yml", rulesFile());
    workplace.write("targets.json", `[{"targets": ["127.0.0.1:${sink.port}"]}]`);
    const port = await freePort();
    const config = configOf(workplace, port, sink.port);
    await using server = await serve(kind, workplace, kind, { config, flags: [], port });
    await eventually("all rules have results", async () => {
      const recorded = await api<readonly string[]>(server.base, "label/__name__/values");
      expect([...RECORDED.keys()].filter((name) => !recorded.includes(name))).toEqual([]);
    });
    const { groups } = await api<RuleGroups>(server.base, "rules");
    const unhealthy = groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== "ok");
    expect(unhealthy).toEqual([]);
  });
});
