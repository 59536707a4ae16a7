import type { Random } from "../../../support/random.ts";
import { client, tls } from "./client-grammar.ts";
import { discovery } from "./discovery-grammar.ts";
import { type Fields, oneOf, section, text } from "./sections.ts";
import {
  boolean,
  count,
  duration,
  escaping,
  fraction,
  labels,
  listOf,
  type Make,
  path,
  protocol,
  protocols,
  relabelRules,
  scheme,
  seconds,
  size,
  url,
  word,
} from "./values.ts";
import { list, map, type Tree } from "./yaml-tree.ts";

const limits: Fields = [
  [8, "body_size_limit", size],
  [8, "sample_limit", count],
  [8, "target_limit", count],
  [8, "label_limit", count],
  [8, "label_name_length_limit", count],
  [8, "label_value_length_limit", count],
  [8, "keep_dropped_targets", count],
];

const scrape: Fields = [
  [15, "honor_labels", boolean],
  [15, "honor_timestamps", boolean],
  [10, "track_timestamps_staleness", boolean],
  [
    15,
    "params",
    (random) =>
      map([
        ["module", listOf(word)(random)],
        ["'match[]'", list("'{job=\"a\"}'")],
      ]),
  ],
  [40, "scrape_interval", oneOf([5, seconds], [1, duration])],
  [20, "scrape_timeout", oneOf([5, seconds], [1, duration])],
  [10, "scrape_protocols", protocols],
  [8, "fallback_scrape_protocol", protocol],
  [8, "scrape_failure_log_file", path],
  [20, "metrics_path", oneOf([3, text("/probe")], [1, word])],
  [20, "scheme", oneOf([3, text("https")], [1, word])],
  [10, "enable_compression", boolean],
  [8, "native_histogram_bucket_limit", count],
  [8, "native_histogram_min_bucket_factor", fraction],
  [8, "always_scrape_classic_histograms", boolean],
  [8, "convert_classic_histograms_to_nhcb", boolean],
  [6, "metric_name_validation_scheme", scheme],
  [6, "metric_name_escaping_scheme", escaping],
  [25, "relabel_configs", relabelRules],
  [20, "metric_relabel_configs", relabelRules],
];

const globals = section(
  [
    [60, "scrape_interval", oneOf([5, seconds], [1, duration])],
    [25, "scrape_timeout", oneOf([5, text("5s")], [1, duration])],
    [10, "scrape_protocols", protocols],
    [40, "evaluation_interval", duration],
    [15, "rule_query_offset", duration],
    [10, "query_log_file", path],
    [10, "scrape_failure_log_file", path],
    [30, "external_labels", labels],
    [10, "metric_name_validation_scheme", scheme],
    [8, "metric_name_escaping_scheme", escaping],
    [8, "convert_classic_histograms_to_nhcb", boolean],
    [8, "always_scrape_classic_histograms", boolean],
  ],
  limits,
);

const job = (name: string): Make => section([[98, "job_name", text(name)]], scrape, limits, client, discovery);

const alertmanager = section(
  [
    [30, "scheme", text("https")],
    [30, "path_prefix", text("/am")],
    [30, "timeout", duration],
    [20, "api_version", text("v2")],
    [20, "relabel_configs", relabelRules],
    [20, "alert_relabel_configs", relabelRules],
  ],
  discovery,
  client,
);

const alerting = section([
  [40, "alert_relabel_configs", relabelRules],
  [80, "alertmanagers", listOf(alertmanager, 2)],
]);

const queue = section([
  [40, "capacity", text("500")],
  [40, "max_shards", text("20")],
  [30, "min_shards", text("2")],
  [30, "max_samples_per_send", text("100")],
  [30, "batch_send_deadline", duration],
  [30, "min_backoff", text("30ms")],
  [30, "max_backoff", oneOf([4, text("10s")], [1, duration])],
  [20, "retry_on_http_429", boolean],
  [20, "sample_age_limit", duration],
]);

const headers: Make = (random) => map([[random.pick(["X-Scope-OrgID", "X-A"]), word(random)]]);

const remoteWrite = (name: string): Make =>
  section(
    [
      [98, "url", url],
      [50, "name", text(name)],
      [30, "remote_timeout", duration],
      [20, "headers", headers],
      [20, "write_relabel_configs", relabelRules],
      [20, "send_exemplars", boolean],
      [20, "send_native_histograms", boolean],
      [10, "round_robin_dns", boolean],
      [10, "protobuf_message", text("io.prometheus.write.v2.Request")],
      [30, "queue_config", queue],
      [
        20,
        "metadata_config",
        section([
          [60, "send", boolean],
          [50, "send_interval", duration],
          [30, "max_samples_per_send", count],
        ]),
      ],
      [
        3,
        "sigv4",
        section([
          [60, "region", word],
          [30, "access_key", text("k")],
          [30, "secret_key", text("s")],
        ]),
      ],
    ],
    client,
  );

const remoteRead = (name: string): Make =>
  section(
    [
      [98, "url", url],
      [50, "name", text(name)],
      [30, "remote_timeout", duration],
      [20, "chunked_read_limit", count],
      [20, "headers", headers],
      [20, "read_recent", boolean],
      [20, "required_matchers", labels],
      [20, "filter_external_labels", boolean],
    ],
    client,
  );

const storage = section([
  [60, "tsdb", section([[70, "out_of_order_time_window", duration]])],
  [60, "exemplars", section([[80, "max_exemplars", count]])],
]);

const tracing = section([
  [98, "endpoint", word],
  [30, "client_type", oneOf([1, text("http")], [1, text("grpc")])],
  [30, "sampling_fraction", fraction],
  [30, "insecure", boolean],
  [20, "tls_config", tls],
  [20, "headers", headers],
  [20, "compression", text("gzip")],
  [20, "timeout", duration],
]);

const otlp = section([
  [60, "promote_resource_attributes", (random) => list(...random.some(["service.name", "' padded '", "k8s.pod"]))],
  [
    40,
    "translation_strategy",
    oneOf(
      [3, text("UnderscoreEscapingWithSuffixes")],
      [1, text("NoUTF8EscapingWithSuffixes")],
      [1, text("NoTranslation")],
    ),
  ],
  [30, "keep_identifying_resource_attributes", boolean],
  [30, "convert_histograms_to_nhcb", boolean],
]);

/** Generates a whole random prometheus.yml, which is usually valid. */
export function makeConfig(random: Random): Tree {
  const several =
    (make: (name: string) => Make, names: readonly string[]): Make =>
    (inner) =>
      list(...names.slice(0, inner.below(names.length) + 1).map((name) => make(name)(inner)));
  return section([
    [75, "global", globals],
    [10, "runtime", section([[80, "gogc", count]])],
    [25, "alerting", alerting],
    [30, "rule_files", listOf((inner) => inner.pick(["rules.yml", "'r*.yml'", "/abs/x.yml", "'r/[ab].yml'"]))],
    [15, "scrape_config_files", listOf((inner) => inner.pick(["more/*.yml", "'s*.yaml'"]), 2)],
    [85, "scrape_configs", several(job, ["a", "'b c'", "d"])],
    [20, "storage", storage],
    [10, "tracing", tracing],
    [20, "remote_write", several(remoteWrite, ["w1", "w2"])],
    [12, "remote_read", several(remoteRead, ["r1", "r2"])],
    [15, "otlp", otlp],
  ])(random);
}
