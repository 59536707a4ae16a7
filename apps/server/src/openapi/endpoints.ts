export type ParameterType = "text" | "time" | "duration" | "count" | "boolean" | "texts" | "json";

export interface ApiParameter {
  readonly type: ParameterType;
  readonly about: string;
  readonly required?: true;
  readonly values?: readonly string[];
  /** An example value. */
  readonly example: string;
}

type Parameters = Readonly<Record<string, ApiParameter>>;

/** Content of a successful response: data in the API's JSON envelope, an empty body, or another media type. */
type AnswerKind =
  | { readonly data: Readonly<Record<string, unknown>> }
  | { readonly body: string; readonly about: string }
  | "nothing";

export interface ApiEndpoint {
  readonly path: string;
  readonly tag: string;
  readonly about: string;
  readonly methods: readonly ("get" | "post" | "put" | "delete")[];
  readonly parameters: Parameters;
  readonly answer: AnswerKind;
  /** Media type of the request body. Undefined for form parameters. */
  readonly posted?: string;
}

const LIST = (items: Readonly<Record<string, unknown>>): AnswerKind => ({ data: { type: "array", items } });
const OBJECT: AnswerKind = { data: { type: "object" } };
const WORDS = LIST({ type: "string" });
const RESULT: AnswerKind = { data: { $ref: "#/components/schemas/QueryData" } };
const LINES: AnswerKind = {
  body: "application/x-ndjson; charset=utf-8",
  about: "Lines of JSON: batches of results, and a last line that says whether there are more.",
};

const text = (about: string, example: string): ApiParameter => ({ type: "text", about, example });
const needed = (parameter: ApiParameter): ApiParameter => ({ ...parameter, required: true });
const time = (about: string): ApiParameter => ({ type: "time", about, example: "1767361020" });
const count = (about: string, example = "10"): ApiParameter => ({ type: "count", about, example });
const boolean = (about: string): ApiParameter => ({ type: "boolean", about, example: "true" });
const duration = (about: string, example: string): ApiParameter => ({ type: "duration", about, example });
const choice = (about: string, ...values: readonly string[]): ApiParameter => ({
  type: "text",
  about,
  values,
  example: values[0]!,
});

const QUERY = needed(text("The expression.", "up"));
const MATCH: ApiParameter = {
  type: "texts",
  about: "Selectors of series. A series must match at least one of them.",
  example: "up",
};
const RANGE: Parameters = { start: time("The beginning of the time range."), end: time("The end of the time range.") };
const EVALUATION: Parameters = {
  query: QUERY,
  timeout: duration("Timeout of the query, at most --query.timeout.", "30s"),
  limit: count("Maximum number of series in the answer; 0 for no limit."),
  lookback_delta: duration("How far the query looks back for a sample.", "5m"),
};
const STATS = choice("Whether the answer holds statistics, with all those of each step.", "true", "all");
const AT = time("Evaluation time of the query, the current time by default.");
const INSTANT: Parameters = { ...EVALUATION, time: AT, stats: STATS };
const STEPS: Parameters = {
  ...EVALUATION,
  stats: STATS,
  start: needed(time("The first time for which the query is evaluated.")),
  end: needed(time("The last time.")),
  step: needed(duration("The time between two evaluations.", "15s")),
};
const SEARCH: Parameters = {
  ...RANGE,
  "match[]": MATCH,
  "search[]": {
    type: "texts",
    about: "Texts to search for. A result must match at least one of them.",
    example: "http",
  },
  fuzz_threshold: count("Minimum similarity in percent, 0 to 100.", "80"),
  fuzz_alg: choice("Algorithm that measures similarity.", "subsequence", "jarowinkler"),
  case_sensitive: boolean("Whether capitals are other letters."),
  include_score: boolean("Whether results tell their scores."),
  sort_by: choice("Order of the results.", "alpha", "score"),
  sort_dir: choice("The direction, with sort_by=alpha.", "asc", "dsc"),
  limit: count("Maximum number of results."),
  batch_size: count("Number of results in each line."),
};
const READ = ["get", "post"] as const;
const GET = ["get"] as const;
const NONE: Parameters = {};

const endpoint = (
  path: string,
  tag: string,
  about: string,
  methods: ApiEndpoint["methods"],
  parameters: Parameters,
  answer: AnswerKind,
  posted?: string,
): ApiEndpoint => ({ path, tag, about, methods, parameters, answer, ...(posted !== undefined && { posted }) });

const QUERIES: readonly ApiEndpoint[] = [
  endpoint("/query", "query", "Evaluates an expression at one time.", READ, INSTANT, RESULT),
  endpoint("/query_range", "query", "Evaluates an expression over a range of time.", READ, STEPS, RESULT),
  endpoint(
    "/query_exemplars",
    "query",
    "Exemplars of the series that an expression selects.",
    READ,
    { query: QUERY, ...RANGE },
    LIST({ $ref: "#/components/schemas/SeriesExemplars" }),
  ),
  endpoint("/format_query", "query", "An expression, laid out.", READ, { query: QUERY }, { data: { type: "string" } }),
  endpoint("/parse_query", "query", "The syntax tree of an expression.", READ, { query: QUERY }, OBJECT),
];

const SERIES: readonly ApiEndpoint[] = [
  endpoint(
    "/labels",
    "labels",
    "Names of labels.",
    READ,
    { "match[]": MATCH, ...RANGE, limit: count("Maximum number of names; 0 for no limit.") },
    WORDS,
  ),
  endpoint(
    "/label/{name}/values",
    "labels",
    "Values of a label.",
    GET,
    { "match[]": MATCH, ...RANGE, limit: count("Maximum number of values; 0 for no limit.") },
    WORDS,
  ),
  endpoint(
    "/series",
    "series",
    "The labels of series.",
    READ,
    { "match[]": needed(MATCH), ...RANGE, limit: count("Maximum number of series; 0 for no limit.") },
    LIST({ $ref: "#/components/schemas/Labels" }),
  ),
  endpoint("/series", "series", "Not implemented, as in Prometheus.", ["delete"], NONE, "nothing"),
  endpoint(
    "/search/metric_names",
    "metadata",
    "Searches names of metrics.",
    READ,
    { ...SEARCH, include_metadata: boolean("Whether results tell type, help and unit.") },
    LINES,
  ),
  endpoint("/search/label_names", "labels", "Searches names of labels.", READ, SEARCH, LINES),
  endpoint(
    "/search/label_values",
    "labels",
    "Searches values of a label.",
    READ,
    { ...SEARCH, label: needed(text("The label.", "job")) },
    LINES,
  ),
];

const POOL = text("A scrape pool, which has the name of its job.", "node");

const TARGETS: readonly ApiEndpoint[] = [
  endpoint(
    "/targets",
    "targets",
    "Targets and the results of their scrapes.",
    GET,
    { state: choice("State of the targets to return.", "active", "dropped", "any"), scrapePool: POOL },
    OBJECT,
  ),
  endpoint(
    "/targets/metadata",
    "targets",
    "Metadata of metrics, as exposed by targets.",
    GET,
    {
      match_target: text("A selector of targets by their labels.", '{job="node"}'),
      metric: text("A metric.", "up"),
      limit: count("Maximum number of targets."),
    },
    LIST({ type: "object" }),
  ),
  endpoint(
    "/targets/relabel_steps",
    "targets",
    "Labels after each relabeling rule of a job.",
    GET,
    {
      scrapePool: needed(POOL),
      labels: needed({ type: "json", about: "The labels, an object.", example: '{"job":"node"}' }),
      explain: boolean("Whether the steps are explained. (Narthex only.)"),
    },
    OBJECT,
  ),
  endpoint("/scrape_pools", "targets", "Names of scrape pools.", GET, NONE, OBJECT),
  endpoint(
    "/scrape_pools/config",
    "targets",
    "The configuration of a scrape pool.",
    GET,
    { scrapePool: needed(POOL) },
    OBJECT,
  ),
  endpoint(
    "/metadata",
    "metadata",
    "Metadata of metrics, as exposed by targets, by metric.",
    GET,
    {
      metric: text("A metric.", "up"),
      limit: count("Maximum number of metrics."),
      limit_per_metric: count("Maximum number of entries for each metric."),
    },
    OBJECT,
  ),
];

const texts = (about: string, example: string): ApiParameter => ({ type: "texts", about, example });

const RULES: readonly ApiEndpoint[] = [
  endpoint(
    "/rules",
    "rules",
    "Rule groups with the state of their rules.",
    GET,
    {
      type: choice("Kind of the rules to return.", "alert", "record"),
      "rule_name[]": texts("Names of rules.", "InstanceDown"),
      "rule_group[]": texts("Names of groups.", "node"),
      "file[]": texts("Files.", "rules.yml"),
      "match[]": texts("Selectors of rules by their own labels.", '{severity="page"}'),
      exclude_alerts: boolean("Whether alerts are left out."),
      narthex_sent_labels: boolean("Whether each alert also has its labels at the Alertmanagers."),
      group_limit: count("Maximum number of groups."),
      group_next_token: text("Token from the previous answer, for the next groups.", "8fef3ed7"),
    },
    OBJECT,
  ),
  endpoint("/alerts", "alerts", "Alerts that are pending or firing.", GET, NONE, OBJECT),
  endpoint("/alertmanagers", "alerts", "Alertmanagers that were discovered.", GET, NONE, OBJECT),
];

const STATUS: readonly ApiEndpoint[] = [
  endpoint("/status/config", "status", "The current configuration, as YAML.", GET, NONE, OBJECT),
  endpoint("/status/flags", "status", "The flags and their values.", GET, NONE, OBJECT),
  endpoint("/status/runtimeinfo", "status", "Run-time information about the server.", GET, NONE, OBJECT),
  endpoint("/status/buildinfo", "status", "Build information about the server.", GET, NONE, OBJECT),
  endpoint(
    "/status/tsdb",
    "status",
    "Statistics of the head block.",
    GET,
    { limit: count("Number of rows in each list, 1 to 10000.") },
    OBJECT,
  ),
  endpoint("/status/tsdb/blocks", "status", "Blocks on the disk.", GET, NONE, OBJECT),
  endpoint("/status/walreplay", "status", "Progress of the replay of the write-ahead log.", GET, NONE, OBJECT),
  endpoint(
    "/status/self_metrics",
    "status",
    "The server's own metrics, as protobuf's JSON.",
    GET,
    {
      metric_name_pattern: text("Regular expression that must match the whole name of a metric.", "prometheus_http_.*"),
    },
    LIST({ type: "object" }),
  ),
  endpoint(
    "/status/active_queries",
    "status",
    "Queries that wait or run. (Narthex only.)",
    GET,
    NONE,
    LIST({ type: "object" }),
  ),
  endpoint("/features", "features", "Features of the server, by category.", GET, NONE, OBJECT),
  endpoint(
    "/openapi.yaml",
    "status",
    "This document.",
    GET,
    { openapi_version: choice("The version of OpenAPI.", "3.1", "3.2") },
    {
      body: "application/yaml; charset=utf-8",
      about: "The document.",
    },
  ),
  endpoint("/notifications", "notifications", "Messages about the server itself.", GET, NONE, LIST({ type: "object" })),
  endpoint("/notifications/live", "notifications", "The same notices, as a stream of changes.", GET, NONE, {
    body: "text/event-stream",
    about: "Server-sent events, each with one message.",
  }),
];

const ID = "An id that the list of queries tells. (Narthex only.)";

const WRITING: readonly ApiEndpoint[] = [
  endpoint(
    "/admin/tsdb/delete_series",
    "admin",
    "Deletes samples of series.",
    ["post", "put"],
    { "match[]": needed(MATCH), ...RANGE },
    "nothing",
  ),
  endpoint(
    "/admin/tsdb/clean_tombstones",
    "admin",
    "Removes deleted samples from the disk.",
    ["post", "put"],
    NONE,
    "nothing",
  ),
  endpoint(
    "/admin/tsdb/snapshot",
    "admin",
    "Makes a copy of all stored data.",
    ["post", "put"],
    { skip_head: boolean("Whether what is in the head block is left out.") },
    OBJECT,
  ),
  endpoint("/write", "remote", "Takes samples.", ["post"], NONE, "nothing", "application/x-protobuf"),
  endpoint(
    "/read",
    "remote",
    "Reads samples.",
    ["post"],
    NONE,
    { body: "application/x-protobuf", about: "Samples, or frames of chunks." },
    "application/x-protobuf",
  ),
  endpoint(
    "/otlp/v1/metrics",
    "otlp",
    "Receives metrics of OpenTelemetry.",
    ["post"],
    NONE,
    { body: "application/x-protobuf", about: "The accepted part of a request." },
    "application/x-protobuf",
  ),
  endpoint("/narthex/queries", "narthex", "Jobs that wait or run. (Narthex only.)", GET, NONE, OBJECT),
  endpoint("/narthex/queries/{id}", "narthex", `Cancels a job. ${ID}`, ["delete"], NONE, OBJECT),
  endpoint("/narthex/queries/{id}/cancel", "narthex", `Cancels a job. ${ID}`, ["post"], NONE, OBJECT),
  endpoint(
    "/narthex/kubernetes-monitors",
    "narthex",
    "State of each ServiceMonitor, PodMonitor, Probe and PrometheusRule that is read, with kubernetes_monitor_configs. (Narthex only.)",
    GET,
    NONE,
    OBJECT,
  ),
  endpoint(
    "/narthex/receivers",
    "narthex",
    "Receivers of each Alertmanager for an alert with the given labels. (Narthex only.)",
    GET,
    { labels: text("Labels of the alert as a JSON object.", '{"alertname":"Down","severity":"page"}') },
    OBJECT,
  ),
  endpoint(
    "/narthex/stored-rules",
    "narthex",
    "Rule groups that clients have stored, with --rules.api.path. (Narthex only.)",
    GET,
    NONE,
    OBJECT,
  ),
  endpoint(
    "/narthex/stored-rules/history",
    "narthex",
    "Last changes of stored rule groups, the newest first. (Narthex only.)",
    GET,
    {
      namespace: text("Only changes of this namespace.", "shop"),
      group: text("Only changes of groups with this name.", "web"),
      before: count("Only changes with a lower number."),
      limit: count("Maximum number of changes, at most 100.", "10"),
    },
    OBJECT,
  ),
  endpoint(
    "/narthex/backtest",
    "narthex",
    "When alerts would have fired and been notified, with --web.enable-backtest. (Narthex only.)",
    ["post"],
    {
      rules: needed(text("The text of a rule file.", "groups: []")),
      from: needed(text("Start of the range: a time, or a duration before the end.", "1h")),
      to: text("End of the range. The current time by default.", "1767361020"),
      against: text("The text of the earlier version of the rule file.", "groups: []"),
      behaviours: text("The text of a behaviour file.", "behaviours: []"),
      against_behaviours: text("The text of the behaviour file of the earlier version.", "behaviours: []"),
      file: text("Path of the rule file, which determines the times of evaluations.", "rules.yml"),
      alertmanager: text("The text of an alertmanager.yml.", "{ route: { receiver: a }, receivers: [{ name: a }] }"),
      silences: text("Silences of the Alertmanager, as GET /api/v2/silences returns them.", "[]"),
    },
    OBJECT,
  ),
  endpoint(
    "/narthex/metric-usage",
    "narthex",
    "Stored metrics that nobody uses, with --query.record-usage. (Narthex only.)",
    GET,
    {
      days: count("Number of days for which past queries count as uses, 30 by default.", "30"),
      limit: count("Maximum number of metrics to report; 0 for no limit."),
    },
    OBJECT,
  ),
  endpoint(
    "/narthex/alert-quality",
    "narthex",
    "How often and how long the alerts of each rule have fired. (Narthex only.)",
    GET,
    { days: count("Number of days that are examined, 30 by default and 90 at most.", "30") },
    OBJECT,
  ),
  endpoint(
    "/narthex/rule-lint",
    "narthex",
    "Checks the loaded rules, and returns the findings and what each rule costs. (Narthex only.)",
    GET,
    { data: boolean("Whether the rules are also compared with stored series.") },
    OBJECT,
  ),
];

/**
 * All endpoints below /api/v1. A test compares the endpoints with the routes, and their parameters with the parameters
 * that handlers read.
 */
export const ENDPOINTS: readonly ApiEndpoint[] = [
  ...QUERIES,
  ...SERIES,
  ...TARGETS,
  ...RULES,
  ...STATUS,
  ...WRITING,
  endpoint(
    "/narthex/slos",
    "narthex",
    "Service level objectives with their budgets and burn rates, with --rules.slo-files. (Narthex only.)",
    GET,
    { id: text("Only the objective with this id.", "shop-answers"), limit: count("Maximum number of objectives.") },
    OBJECT,
  ),
  endpoint(
    "/narthex/explain",
    "narthex",
    "How an expression is evaluated, operator by operator. (Narthex only.)",
    READ,
    {
      ...EVALUATION,
      ...RANGE,
      time: AT,
      step: duration("The time between two evaluations of a range.", "15s"),
      analyze: boolean("Whether it is evaluated, and the work of each operator told."),
    },
    OBJECT,
  ),
];
