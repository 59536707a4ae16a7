import type { Door, Entry } from "./door.ts";
import { OTLP_PROTOBUF, SCRAPE_PROTOBUF, WRITE_1, WRITE_2 } from "./protobuf-seeds.ts";

/** Longest request header in bytes. The limit is about 1 MiB in all our servers and in the original programs. */
const HEAD = 1_000_000;
const MIB = 1024 * 1024;
/** Longest request body in bytes, 64 MiB, for a server that reads the whole body. */
const BODY = 64 * MIB;

const parameter = (path: string, name: string, rest = ""): Entry => ({ kind: "parameter", path, name, rest });
const server = (name: string, seeds: readonly string[], most: number, entry: Entry): Door => ({
  role: "server",
  name,
  seeds,
  most,
  entry,
});
const parameterOf = (path: string, name: string, seeds: readonly string[], rest = ""): Door =>
  server(`GET ${path}?${name}=`, seeds, HEAD, parameter(path, name, rest));

const QUERIES = [
  'sum by (job) (rate(up{job=~"a.*",instance!=""}[5m] offset 1m)) / on (job) group_left vector(1)',
  'label_replace(up, "a", "$1-x", "job", "(.*)b+")',
  "quantile_over_time(0.9, up[5m:30s] @ 1700000000) > bool 2 and up or (up unless up)",
  '{"ünï.name",a="b"} + 0x1F - 1e3 # comment',
];
const TIMES = ["1700000000.123", "2023-11-14T22:13:20.123Z"];
const SELECTORS = ['up{job=~"a|b",x!~"(c+)d*"}', '{__name__="up"}'];
const RULE_GROUP = `name: a
interval: 1m
labels: {a: b}
rules:
- {alert: A, expr: 'rate(up{job=~"a.*"}[5m]) > 0', for: 5m, labels: {c: "{{ $labels.job }}"}, annotations: {d: e}}
- {record: 'a:b', expr: sum by (job) (up)}
source_tenants: [a, {b: [1, true]}]
`;
const CLASSIC = [
  '# HELP a_total Some help.\n# TYPE a_total counter\na_total{b="c\\n\\"",d="e"} 1 1700000000000\n',
  'h_bucket{le="0.5"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3.25e-3\nh_count 2\n',
];
const OPEN_METRICS = [
  '# TYPE a counter\n# UNIT a seconds\na_total{b="c"} 1 1700000000.5 # {trace_id="d"} 0.5 1700000000.1\na_created 1.7e9\n# EOF\n',
];
const ALERT = JSON.stringify([
  {
    labels: { alertname: "a", job: "b" },
    annotations: { summary: "c <d>" },
    startsAt: "2024-01-01T00:00:00.5Z",
    endsAt: "2034-01-01T00:00:00Z",
    generatorURL: "http://user@host:9090/graph?g0.expr=up%20%3D%3D%200&x=1",
  },
]);
const SHORT_ALERT = '[{"labels":{"a":"b"},"generatorURL":"http://c/?d#e","startsAt":"2024-01-01T00:00:00.5Z"}]';
/** A receiver whose test is refused before it is sent. */
const RECEIVER = JSON.stringify({
  name: "a",
  form: { kind: "slack", texts: { channel: "#b" }, flags: { send_resolved: true } },
  secret: "ftp://c/d",
});
const SILENCE = JSON.stringify({
  matchers: [{ name: "a", value: "b.*(c|d)+", isRegex: true, isEqual: true }],
  startsAt: "2034-01-01T00:00:00Z",
  endsAt: "2035-01-01T00:00:00Z",
  createdBy: "a",
  comment: "b",
});
const OTLP = JSON.stringify({
  resourceMetrics: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "a" } }] },
      scopeMetrics: [
        {
          metrics: [
            {
              name: "http.server  duration",
              unit: "By per s",
              gauge: { dataPoints: [{ timeUnixNano: "1700000000000000000", asDouble: "1.5" }] },
            },
          ],
        },
      ],
    },
  ],
});

const RULES = `groups:
  - name: a
    interval: 15s
    labels: { b: c }
    rules:
      - record: d:e
        expr: sum by (job) (up)
      - alert: F
        expr: d:e > 0
        for: 1m
        labels: { g: "{{ $labels.job }}" }
        annotations: { h: "{{ $value | humanize }}" }
`;
const BEHAVIOURS = `behaviours:
  - alert: F
    labels: { b: c }
    on_no_data: fire
    data: d:e
    recovery_expr: d:e < 0
    flap_damping: { max_changes: 4, window: 1h30m }
`;
const ALERTMANAGER = `global: { resolve_timeout: 5m }
route:
  receiver: a
  group_by: [b, c]
  routes: [{ matchers: ['d=~"e|f"', g!="h"], receiver: a, mute_time_intervals: [i] }]
inhibit_rules: [{ source_matchers: ['j="k"'], target_matchers: ['l="m"'], equal: [n] }]
time_intervals: [{ name: i, time_intervals: [{ weekdays: ["monday:friday"], times: [{ start_time: "09:00", end_time: "17:00" }] }] }]
receivers: [{ name: a, webhook_configs: [{ url: "http://o" }] }]
`;
const SILENCES = JSON.stringify([
  {
    id: "5c4b2a40-6c3f-4b38-9d2b-0f6b1b7a1c11",
    matchers: [{ name: "a", value: "b.*", isRegex: true, isEqual: true }],
    startsAt: "2026-01-01T00:00:00Z",
    endsAt: "2026-01-02T00:00:00Z",
    createdBy: "c",
    comment: "d",
  },
]);

const DASHBOARD = JSON.stringify({
  dashboard: {
    uid: "pumped",
    title: "a $b",
    schemaVersion: 39,
    tags: ["c"],
    templating: { list: [{ name: "b", type: "query", query: "label_values(up, job)", regex: "/(.*)x+/" }] },
    panels: [
      {
        id: 1,
        type: "timeseries",
        title: "d",
        gridPos: { x: 0, y: 0, w: 12, h: 8 },
        targets: [{ refId: "A", expr: 'rate(up{job="$b"}[$__rate_interval])' }],
        fieldConfig: { defaults: { unit: "s" }, overrides: [{ matcher: { id: "byRegexp", options: "/a+/" } }] },
      },
    ],
  },
  overwrite: true,
});
const EXPRESSION = JSON.stringify({
  from: "1700000000000",
  to: "1700003600000",
  queries: [
    {
      refId: "A",
      datasource: { type: "__expr__", uid: "__expr__" },
      type: "math",
      expression: "1 + abs(2) * -(3 / 4) > 5 || 6",
    },
  ],
});
const SQL_EXPRESSION = JSON.stringify({
  from: "1700000000000",
  to: "1700003600000",
  queries: [
    { refId: "A", datasource: { uid: "__expr__" }, type: "math", expression: "1 + 2" },
    {
      refId: "B",
      datasource: { uid: "__expr__" },
      type: "sql",
      expression:
        "WITH t AS (SELECT `__value__` / 2 AS v FROM A) SELECT CONCAT('a', \"b\", v) /* c */, CAST(v AS CHAR(9)), " +
        "DATE_ADD('2026-01-01', INTERVAL (1 + v) DAY), GROUP_CONCAT(v ORDER BY v SEPARATOR ';') FROM t -- d",
    },
  ],
});

const body = (path: string, type: string, method = "POST"): Entry => ({ kind: "body", method, path, type });
const of = (role: Door["role"], name: string, seeds: readonly string[], most: number, entry: Entry): Door => ({
  role,
  name,
  seeds,
  most,
  entry,
});

/** Every entry point for bytes from outside that the suite tests. */
export const DOORS: readonly Door[] = [
  parameterOf("/api/v1/query", "query", QUERIES),
  parameterOf("/api/v1/query", "time", TIMES, "query=up"),
  parameterOf("/api/v1/query", "timeout", ["1m30s", "5.5"], "query=up"),
  parameterOf("/api/v1/query", "lookback_delta", ["1m30s", "5.5"], "query=up"),
  parameterOf("/api/v1/query_range", "query", QUERIES, "start=1700000000&end=1700003600&step=60"),
  parameterOf("/api/v1/query_range", "start", TIMES, "query=up&end=1700003600&step=60"),
  parameterOf("/api/v1/query_range", "step", ["15", "1m30s"], "query=up&start=1700000000&end=1700003600"),
  parameterOf("/api/v1/format_query", "query", QUERIES),
  parameterOf("/api/v1/parse_query", "query", QUERIES),
  parameterOf("/api/v1/series", "match[]", SELECTORS),
  parameterOf("/api/v1/labels", "match[]", SELECTORS),
  parameterOf("/api/v1/label/job/values", "match[]", SELECTORS),
  parameterOf("/api/v1/query_exemplars", "query", QUERIES, "start=1700000000&end=1700003600"),
  parameterOf("/federate", "match[]", SELECTORS),
  parameterOf("/api/v1/targets/metadata", "match_target", SELECTORS),
  parameterOf("/api/v1/rules", "match[]", SELECTORS),
  parameterOf("/api/v1/labels", "limit", ["10"]),
  parameterOf("/api/v1/status/self_metrics", "metric_name_pattern", ["(go|process)_.*\\d+"]),
  server("GET /api/v1/label/<name>/values", ["U__a_2e_b", "job"], HEAD, {
    kind: "path",
    method: "GET",
    path: "/api/v1/label/",
    rest: "/values",
  }),
  server(
    "POST /api/v1/query (form)",
    [`query=${encodeURIComponent(QUERIES[0]!)}&time=1700000000`],
    2 * MIB,
    body("/api/v1/query", "application/x-www-form-urlencoded"),
  ),
  server(
    "POST /api/v1/labels (form)",
    ["limit=10&start=1700000000&match[]=up"],
    2 * MIB,
    body("/api/v1/labels", "application/x-www-form-urlencoded"),
  ),
  server(
    "POST /mcp (JSON)",
    [
      JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: "query", arguments: { query: "sum(rate(up[5m]))", time: "1700000000" } },
      }),
    ],
    256 * 1024,
    body("/mcp", "application/json"),
  ),
  server(
    "POST /api/v1/narthex/backtest (form)",
    [`from=1m&rules=${encodeURIComponent(RULES)}&against=${encodeURIComponent(RULES)}`],
    2 * MIB,
    body("/api/v1/narthex/backtest", "application/x-www-form-urlencoded"),
  ),
  server(
    "POST /api/v1/narthex/backtest (behaviours)",
    [`from=1m&rules=${encodeURIComponent(RULES)}&behaviours=${encodeURIComponent(BEHAVIOURS)}`],
    2 * MIB,
    body("/api/v1/narthex/backtest", "application/x-www-form-urlencoded"),
  ),
  server(
    "POST /api/v1/narthex/backtest (Alertmanager)",
    [
      `from=1m&rules=groups%3A%20%5B%5D&alertmanager=${encodeURIComponent(ALERTMANAGER)}&silences=${encodeURIComponent(SILENCES)}`,
    ],
    2 * MIB,
    body("/api/v1/narthex/backtest", "application/x-www-form-urlencoded"),
  ),
  server(
    "POST /api/v1/query (multipart)",
    ['--b\r\nContent-Disposition: form-data; name="query"\r\n\r\nup\r\n--b--\r\n'],
    2 * MIB,
    body("/api/v1/query", "multipart/form-data; boundary=b"),
  ),
  {
    ...server(
      "POST /no/such/path (JSON)",
      ['{"a":[1,"b",null,true,1.5e3]}'],
      BODY,
      body("/no/such/path", "application/json"),
    ),
    status: 404,
  },
  server("POST /config/v1/rules/<namespace>", [RULE_GROUP], 256 * 1024, body("/config/v1/rules/a", "application/yaml")),
  server("GET /config/v1/rules/<namespace>", ["a.b-c d"], HEAD, {
    kind: "path",
    method: "GET",
    path: "/config/v1/rules/",
  }),
  server("header Accept-Encoding", ["gzip;q=0.5, deflate, *;q=0"], HEAD, {
    kind: "header",
    path: "/metrics",
    name: "accept-encoding",
  }),
  server("header Accept", ["application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.1"], HEAD, {
    kind: "header",
    path: "/metrics",
    name: "accept",
  }),
  server("header Content-Type", ["application/x-www-form-urlencoded; charset=utf-8"], HEAD, {
    kind: "header",
    path: "/api/v1/query",
    name: "content-type",
    body: "query=up",
  }),
  server("remote write 1.0", WRITE_1, 8 * MIB, {
    kind: "snappy",
    path: "/api/v1/write",
    type: "application/x-protobuf",
  }),
  server("remote write 2.0", WRITE_2, 8 * MIB, {
    kind: "snappy",
    path: "/api/v1/write",
    type: "application/x-protobuf;proto=io.prometheus.write.v2.Request",
  }),
  server("OTLP (JSON)", [OTLP], 32 * MIB, body("/api/v1/otlp/v1/metrics", "application/json")),
  server("OTLP (protobuf)", OTLP_PROTOBUF, 32 * MIB, body("/api/v1/otlp/v1/metrics", "application/x-protobuf")),
  server("a scraped page (text)", CLASSIC, 8 * MIB, { kind: "page", type: "text/plain; version=0.0.4" }),
  server("a scraped page (OpenMetrics)", OPEN_METRICS, 8 * MIB, {
    kind: "page",
    type: "application/openmetrics-text; version=1.0.0",
  }),
  server("a scraped page (protobuf)", SCRAPE_PROTOBUF, 8 * MIB, {
    kind: "page",
    type: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
  }),
  server("the Content-Type of a scraped page", ['text/plain; version=0.0.4; escaping="allow-utf-8"'], HEAD, {
    kind: "content type",
  }),
  server("the answer of HTTP discovery", ['[{"targets":["a:1","b"],"labels":{"c":"d","__e":"1"}}]'], BODY, {
    kind: "target list",
  }),

  of("alertmanager", "POST /api/v2/alerts", [ALERT, SHORT_ALERT], BODY, body("/api/v2/alerts", "application/json")),
  of("alertmanager", "POST /api/v2/silences", [SILENCE], BODY, body("/api/v2/silences", "application/json")),
  of(
    "alertmanager",
    "GET /api/v2/alerts?filter=",
    ['a=~"b.*(c|d)+"', "a = b ", '{a!="b",c="d"}'],
    HEAD,
    parameter("/api/v2/alerts", "filter"),
  ),
  of("alertmanager", "GET /api/v2/alerts?receiver=", ["(a|b)+c*"], HEAD, parameter("/api/v2/alerts", "receiver")),
  of("alertmanager", "GET /api/v2/silences?filter=", ['a=~"b.*(c|d)+"'], HEAD, parameter("/api/v2/silences", "filter")),
  {
    role: "alertmanager",
    name: "POST /api/v2/narthex/receiver-setup/test",
    seeds: [RECEIVER],
    most: 60_000,
    entry: body("/api/v2/narthex/receiver-setup/test", "application/json"),
    status: 400,
  },
  of("alertmanager", "header Content-Type", ["application/json; charset=utf-8"], HEAD, {
    kind: "header",
    path: "/api/v2/alerts",
    name: "content-type",
    body: "[]",
  }),

  of("pushgateway", "PUT /metrics/job/<path>", ["a/instance@base64/YmM=/x/y", "a@base64/YQ=="], HEAD, {
    kind: "path",
    method: "PUT",
    path: "/metrics/job/",
  }),
  of("pushgateway", "PUT /metrics/job/a", CLASSIC.toReversed(), BODY, body("/metrics/job/a", "text/plain", "PUT")),
  of(
    "pushgateway",
    "PUT /metrics/job/a (protobuf)",
    SCRAPE_PROTOBUF,
    BODY,
    body(
      "/metrics/job/a",
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
      "PUT",
    ),
  ),

  of("dashboards", "POST /api/dashboards/db", [DASHBOARD], 8 * MIB, body("/api/dashboards/db", "application/json")),
  of(
    "dashboards",
    "POST /api/ds/query",
    [EXPRESSION, SQL_EXPRESSION],
    8 * MIB,
    body("/api/ds/query", "application/json"),
  ),
  of("dashboards", "POST /api/folders", ['{"title":"a b","uid":"c"}'], MIB, body("/api/folders", "application/json")),
  of(
    "dashboards",
    "POST /api/annotations",
    ['{"time":1700000000000,"timeEnd":1700000001000,"text":"a <b>","tags":["c:d"]}'],
    MIB,
    body("/api/annotations", "application/json"),
  ),
  of(
    "dashboards",
    "POST /api/short-urls",
    ['{"path":"d/abc/def?from=now-1h&var-a=b%20c"}'],
    MIB,
    body("/api/short-urls", "application/json"),
  ),
  of("dashboards", "GET /api/search?query=", ["a b", "c&tag=d&type=dash-db"], HEAD, parameter("/api/search", "query")),
  {
    ...of("dashboards", "POST /login", ['{"user":"admin","password":"a"}'], MIB, body("/login", "application/json")),
    status: 401,
  },
  of("node-exporter", "GET /metrics?collect[]=", ["loadavg", "cpu"], HEAD, parameter("/metrics", "collect[]")),
];
