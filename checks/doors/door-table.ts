/** A limit of a door, and the text of the source that sets it. */
export interface DoorLimit {
  /** As a user reads it. */
  readonly limit: string;
  /** File of the repository. */
  readonly file: string;
  /** A part of the file's text: if the limit changes, so must the row. */
  readonly source: string;
}

/** A place at which bytes from outside enter a role. */
export interface DoorRow {
  readonly role: string;
  readonly door: string;
  /** Files that let the bytes in: they register the route, or open the connection. */
  readonly files: readonly string[];
  readonly limits: readonly DoorLimit[];
  readonly beyond: string;
  /** Names of doors of `e2e/src/doors`, which get hostile input, or test files that have some. */
  readonly hostile: readonly string[];
}

const at = (file: string, source: string, limit: string): DoorLimit => ({ limit, file, source });

const HEAD = at(
  "packages/runtime/src/listening/http-listeners.ts",
  "maxHeaderSize: 1024 * 1024",
  "1 MiB for the head of a request",
);
const FORM = at("packages/http/src/server/server.ts", "MAX_FORM = 10 * 1024 * 1024", "10 MiB for a form");
const FIELDS = at("packages/http/src/server/server.ts", "MAX_FIELDS = 2 ** 16", "65,536 fields of a form");
const BODY = at("packages/http/src/server/server.ts", "DEFAULT_BODY_LIMIT = 64 * 1024 * 1024", "64 MiB for a body");
const ANSWER_HEAD = at(
  "packages/http/src/client/http1-reader.ts",
  "MAX_HEAD_BYTES = 10 * 1024 * 1024",
  "10 MiB for the head of an answer",
);

const SERVER = "apps/server/src/";
const DASHBOARDS = "apps/dashboards/src/";

/** All doors, by role. Add a row, or a file to a row, with each new route and each new connection. */
export const DOOR_TABLE: readonly DoorRow[] = [
  {
    role: "server",
    door: "parameters of queries",
    files: [
      "querying/query-routes.ts",
      "querying/parse-routes.ts",
      "querying/explain-route.ts",
      "querying/series-routes.ts",
      "querying/federate-route.ts",
      "storage/exemplar-route.ts",
    ].map((file) => SERVER + file),
    limits: [
      HEAD,
      FORM,
      FIELDS,
      at("apps/server/src/web/request-bodies.ts", "MAX_PARTS = 1000", "1,000 parts of a multipart form"),
      at("apps/server/src/querying/query-routes.ts", "MAX_STEPS = 11_000", "11,000 steps of a range"),
      at("packages/promql/src/syntax/token-stream.ts", "MAX_DEPTH = 1000", "1,000 levels of an expression"),
      at("packages/model/src/pattern/pattern.ts", "MAX_LENGTH = 2 ** 18", "262,144 characters of a regular expression"),
    ],
    beyond: "the request is refused with 400, 413 or 431",
    hostile: [
      "GET /api/v1/query?query=",
      "GET /api/v1/query?time=",
      "GET /api/v1/query?timeout=",
      "GET /api/v1/query?lookback_delta=",
      "GET /api/v1/query_range?query=",
      "GET /api/v1/query_range?start=",
      "GET /api/v1/query_range?step=",
      "GET /api/v1/format_query?query=",
      "GET /api/v1/parse_query?query=",
      "GET /api/v1/series?match[]=",
      "GET /api/v1/labels?match[]=",
      "GET /api/v1/label/job/values?match[]=",
      "GET /api/v1/query_exemplars?query=",
      "GET /federate?match[]=",
      "GET /api/v1/label/<name>/values",
      "POST /api/v1/query (form)",
    ],
  },
  {
    role: "server",
    door: "parameters, paths and headers of other requests",
    files: [
      "configuration/reloading.ts",
      "consoles/console-route.ts",
      "consoles/user-assets.ts",
      "agent/unavailable-routes.ts",
      "discovery/monitor-routes.ts",
      "metric-usage/usage-route.ts",
      "notifications/notifications.ts",
      "openapi/openapi-route.ts",
      "querying/active-jobs-routes.ts",
      "querying/active-queries-route.ts",
      "rules/rules.ts",
      "scraping/target-routes.ts",
      "search/search.ts",
      "storage/admin-routes.ts",
      "storage/status-routes.ts",
      "web/capability-route.ts",
      "web/lifecycle-routes.ts",
      "web/notice-routes.ts",
      "web/router.ts",
      "web/self-metrics-route.ts",
      "web/status-routes.ts",
      "web/ui-routes.ts",
      "web/web.ts",
    ].map((file) => SERVER + file),
    limits: [HEAD, BODY],
    beyond: "the request is refused with 413 or 431",
    hostile: [
      "GET /api/v1/targets/metadata?match_target=",
      "POST /no/such/path (JSON)",
      "header Accept-Encoding",
      "header Accept",
      "header Content-Type",
    ],
  },
  {
    role: "server",
    door: "remote write 1.0 and 2.0",
    files: [`${SERVER}remote-write/write-route.ts`],
    limits: [
      at("apps/server/src/remote-write/write-route.ts", "maxBytes: 64 * MIB", "64 MiB for a body"),
      at(
        "packages/remote/src/message-limits.ts",
        "MAX_MESSAGE_BYTES: number = 32 * 1024 * 1024",
        "32 MiB for an unpacked message",
      ),
      at("packages/remote/src/message-limits.ts", "MAX_LABELS = 4096", "4,096 labels of a series"),
      at("packages/remote/src/message-limits.ts", "MAX_ENTRY_BYTES = 128 * 1024", "128 KiB for a sample or histogram"),
      at(
        "packages/remote/src/message-limits.ts",
        "MAX_OBJECTS = 100_000",
        "100,000 histograms and exemplars of a message",
      ),
    ],
    beyond: "the message is refused with 413; nothing of it is stored",
    hostile: ["remote write 1.0", "remote write 2.0"],
  },
  {
    role: "server",
    door: "OTLP metrics, protobuf and JSON",
    files: [`${SERVER}otlp/otlp-route.ts`],
    limits: [
      at(
        "packages/remote/src/message-limits.ts",
        "MAX_MESSAGE_BYTES: number = 32 * 1024 * 1024",
        "32 MiB for an unpacked message",
      ),
      at(
        "packages/remote/src/message-limits.ts",
        "MAX_PART_BYTES: number = 1024 * 1024",
        "1 MiB for a part that is read in one step",
      ),
      at("packages/remote/src/message-limits.ts", "MAX_POINTS = 2_000_000", "2,000,000 points of a message"),
      at("packages/remote/src/otlp/message/check-message.ts", "MAX_DEPTH = 200", "200 levels of a value"),
    ],
    beyond: "the message is refused with 400 or 413",
    hostile: ["OTLP (JSON)", "OTLP (protobuf)"],
  },
  {
    role: "server",
    door: "remote read, as server",
    files: [`${SERVER}remote-read/read-route.ts`],
    limits: [at("apps/server/src/remote-read/read-route.ts", "MAX_BYTES = 32 * MIB", "32 MiB for a request")],
    beyond: "the request is refused with 400 or 413",
    hostile: ["e2e/src/server/remote/read-differential.test.ts"],
  },
  {
    role: "server",
    door: "remote read and the long-term store, as client",
    files: [
      "packages/querying/src/remote-read/client/remote-endpoint.ts",
      "packages/querying/src/long-term/client/long-term-store.ts",
    ],
    limits: [
      ANSWER_HEAD,
      at(
        "packages/querying/src/remote-read/source/read-answer.ts",
        "MAX_MESSAGE_BYTES = 2 ** 30",
        "1 GiB for a message, within the memory of the query",
      ),
      at(
        "packages/querying/src/long-term/client/long-term-store.ts",
        "MAX_FRAME_BYTES = 50_000_000",
        "50 MB for a frame",
      ),
    ],
    beyond: "the query has a warning, or fails if the section says so",
    hostile: ["packages/querying/src/remote-read"],
  },
  {
    role: "server",
    door: "scraped pages: text, OpenMetrics, protobuf, gzip",
    files: ["packages/http/src/client/http-client.ts", "packages/http/src/client/http1-connection.ts"],
    limits: [
      ANSWER_HEAD,
      at(
        "packages/scrape/src/fetch/inflater.ts",
        "UNLIMITED_BYTES = 2 * 1024 ** 3",
        "2 GiB for a page of a job without body_size_limit",
      ),
      at(
        "packages/scrape/src/fetch/fetch.ts",
        "DEFAULT_LIMIT = 256 * 1024 * 1024",
        "256 MiB for all long pages at once (--scrape.max-body-memory)",
      ),
      at("packages/exposition/src/byte-text.ts", "MAX_TEXT_BYTES = 16 * 1024 * 1024", "16 MiB for a text of a line"),
      at(
        "packages/exposition/src/protobuf/metric-messages.ts",
        "MAX_ELEMENTS = 1_000_000",
        "1,000,000 elements of a protobuf message",
      ),
    ],
    beyond: "the scrape fails: `up` is 0, and the targets page shows the reason",
    hostile: [
      "a scraped page (text)",
      "a scraped page (OpenMetrics)",
      "a scraped page (protobuf)",
      "the Content-Type of a scraped page",
    ],
  },
  {
    role: "server",
    door: "answers of service discovery",
    files: [
      "packages/discovery/src/discovery-client.ts",
      "packages/discovery/src/consul/consul.ts",
      "packages/discovery/src/dockerswarm/services.ts",
    ],
    limits: [
      ANSWER_HEAD,
      at("packages/discovery/src/discovery-client.ts", "MAX_BODY_BYTES = 64 * 1024 * 1024", "64 MiB for an answer"),
      at(
        "packages/discovery/src/kubernetes/api-server.ts",
        "MAX_TEXT_BYTES = 256 * 1024 * 1024",
        "256 MiB for an answer of Kubernetes",
      ),
      at(
        "packages/discovery/src/kubernetes/json-lines.ts",
        "MAX_LINE_LENGTH = 64 * 1024 * 1024",
        "64 MiB for an event of a Kubernetes watch",
      ),
    ],
    beyond: "the refresh fails and is counted; the last good targets stay",
    hostile: ["the answer of HTTP discovery", "packages/discovery/src/manager.test.ts"],
  },
  {
    role: "server",
    door: "answers of DNS",
    files: [
      "packages/discovery/src/dns/lookup.ts",
      "packages/http/src/client/round-robin-lookup.ts",
      "packages/mesh/src/peer-lookup.ts",
    ],
    limits: [
      at(
        "packages/discovery/src/dns/lookup.ts",
        'import { Resolver } from "node:dns/promises"',
        "64 KiB for a message, by the protocol; Node reads it",
      ),
    ],
    beyond: "the refresh fails and is counted; the last good targets stay",
    hostile: ["packages/discovery/src/dns"],
  },
  {
    role: "server",
    door: "answers of remote write receivers",
    files: ["packages/remote/src/sender/client/write-client.ts"],
    limits: [
      ANSWER_HEAD,
      at(
        "packages/remote/src/sender/client/write-client.ts",
        "MAX_PROBLEM_BYTES = 1024",
        "1 KiB for the text of an error",
      ),
    ],
    beyond: "the rest is not read",
    hostile: ["packages/remote/src/sender"],
  },
  {
    role: "server",
    door: "answers of Alertmanagers",
    files: ["packages/rules/src/notifier/notifier.ts"],
    limits: [ANSWER_HEAD],
    beyond: "the alerts are sent again, and the failure is counted",
    hostile: ["packages/rules/src/notifier"],
  },
  {
    role: "server",
    door: "WAL, head chunk files and blocks",
    files: [],
    limits: [
      at(
        "packages/tsdb/src/wal/compression.ts",
        "MAX_RECORD_BYTES = 512 * 1024 * 1024",
        "512 MiB for a record of the log",
      ),
      at(
        "packages/tsdb/src/head/chunk-files/head-chunk-file.ts",
        "MAX_FILE_BYTES = 128 * 1024 * 1024",
        "128 MiB for a head chunk",
      ),
    ],
    beyond: "it counts as damage: the file or block is set aside",
    hostile: ["packages/tsdb/src/testing/simulation.fault.test.ts", "packages/tsdb/src/block/damage.test.ts"],
  },
  {
    role: "every role",
    door: "configuration, rules, web configuration (YAML)",
    files: [],
    limits: [
      at("packages/config/src/yaml/node.ts", "MAX_NODES = 4_000_000", "4,000,000 nodes of a file, aliases included"),
    ],
    beyond: "the file is refused with file, line and remedy; the last good one stays in force",
    hostile: ["packages/config/src/yaml"],
  },
  {
    role: "every role",
    door: "connections, heads of requests, TLS",
    files: [
      "packages/http/src/server/server.ts",
      "packages/http/src/server/access.ts",
      "packages/http/src/metrics/metrics-route.ts",
      "packages/http/src/metrics/profile-routes.ts",
      "packages/http/src/docs/static-docs.ts",
      "packages/http/src/ui/static-ui.ts",
      "packages/runtime/src/listening/http-listeners.ts",
      "packages/runtime/src/listening/request-pipeline.ts",
      "packages/tls/src/tls-acceptor.ts",
      "packages/tls/src/server-terms.ts",
    ],
    limits: [
      HEAD,
      at(
        "packages/runtime/src/listening/connection-limit.ts",
        "MAX_WAITING = 4096",
        "4,096 connections that wait beyond `--web.max-connections`",
      ),
    ],
    beyond: "the request is refused with 431, the connection is closed",
    hostile: ["packages/runtime/src/listening"],
  },
  {
    role: "every role",
    door: "answers of proxies, token servers and AWS",
    files: [
      "packages/http/src/client/tunnel.ts",
      "packages/http/src/client/oauth2.ts",
      "packages/http/src/aws/configured-signer.ts",
    ],
    limits: [
      at("packages/http/src/client/tunnel.ts", "MAX_ANSWER_BYTES = 64 * 1024", "64 KiB for the answer of a proxy"),
      at("packages/http/src/client/oauth2.ts", "MAX_ANSWER_BYTES = 1024 * 1024", "1 MiB for a token"),
      at("packages/http/src/aws/configured-signer.ts", "MAX_ANSWER_BYTES = 1024 * 1024", "1 MiB for an answer of AWS"),
    ],
    beyond: "the request that needs it fails",
    hostile: ["packages/http/src/client", "packages/http/src/aws"],
  },
  {
    role: "alertmanager",
    door: "alerts, silences and their filters",
    files: [
      "packages/alerting/src/api/api.ts",
      "packages/alerting/src/api/alert-routes.ts",
      "packages/alerting/src/api/silence-routes.ts",
      "packages/alerting/src/api/recurring-silence-routes.ts",
      "packages/alerting/src/api/history-routes.ts",
      "packages/alerting/src/api/why-routes.ts",
      "apps/alertmanager/src/api/receiver-test-routes.ts",
      "apps/alertmanager/src/api/template-preview-routes.ts",
      "apps/alertmanager/src/web/web-routes.ts",
    ],
    limits: [
      HEAD,
      at("packages/alerting/src/api/api.ts", "maxBytes: 64 * MIB", "64 MiB for a body"),
      at("packages/alerting/src/api/api.ts", "maxHeldBytes: 256 * MIB", "256 MiB for all bodies at once"),
      at("packages/alerting/src/api/go-json.ts", "MAX_DEPTH = 10_000", "10,000 levels of JSON"),
    ],
    beyond: "the request is refused with 400, 413 or 431",
    hostile: [
      "POST /api/v2/alerts",
      "POST /api/v2/silences",
      "GET /api/v2/alerts?filter=",
      "GET /api/v2/alerts?receiver=",
      "GET /api/v2/silences?filter=",
    ],
  },
  {
    role: "alertmanager",
    door: "messages of other instances",
    files: ["packages/mesh/src/tcp-transport.ts", "packages/alerting/src/cluster/cluster-tls.ts"],
    limits: [
      at("packages/mesh/src/frame.ts", "MAX_FRAME_BYTES = 16 * 1024 * 1024", "16 MiB for a message"),
      at("packages/mesh/src/transport.ts", "MAX_STRANGERS = 64", "64 connections that have not said who they are"),
      at("packages/mesh/src/messages.ts", "MAX_ITEMS = 65_536", "65,536 items of a message"),
    ],
    beyond: "the connection is closed, and the failure is counted",
    hostile: ["packages/mesh/src"],
  },
  {
    role: "alertmanager",
    door: "rows of a shared PostgreSQL database",
    files: ["packages/store/src/postgres/connect-client.ts", "packages/store/src/postgres/postgres-session.ts"],
    limits: [
      at("packages/store/src/postgres/postgres-session.ts", "MAX_QUEUE = 10_000", "10,000 statements that wait"),
    ],
    beyond: "a row that cannot be read is logged and left out",
    hostile: ["e2e/src/alertmanager/postgres/postgres-store.test.ts"],
  },
  {
    role: "alertmanager",
    door: "answers of receivers: web services and mail servers",
    files: [
      "packages/receivers/src/http/http-poster.ts",
      "packages/receivers/src/slack/slack-app.ts",
      "packages/receivers/src/email/email.ts",
      "packages/receivers/src/email/smtp.ts",
      "packages/receivers/src/email/smtp-session.ts",
      "packages/receivers/src/email/smtp-library.ts",
    ],
    limits: [
      ANSWER_HEAD,
      at("packages/receivers/src/http/http-poster.ts", "MAX_ANSWER = 64 * 1024", "64 KiB for an answer"),
      at("packages/receivers/src/slack/slack-app.ts", "MAX_ANSWER = 1024 * 1024", "1 MiB for an answer of Slack"),
    ],
    beyond: "the rest is not read; the status decides",
    hostile: ["packages/receivers/src/http/http-poster.test.ts", "packages/receivers/src/email"],
  },
  {
    role: "pushgateway",
    door: "pushed metrics and their paths",
    files: [
      "packages/pushing/src/api/routes.ts",
      "apps/pushgateway/src/lifecycle-routes.ts",
      "apps/pushgateway/src/scrape-route.ts",
    ],
    limits: [
      HEAD,
      at("packages/pushing/src/body/push-body.ts", "MAX_BODY_BYTES = 64 * 1024 * 1024", "64 MiB for an unpacked body"),
      at("packages/pushing/src/body/metric-count.ts", "MAX_METRICS = 1_000_000", "1,000,000 metrics of a push"),
      at("packages/pushing/src/api/routes.ts", "maxHeldBytes: 4 * MAX_BODY_BYTES", "256 MiB for all bodies at once"),
    ],
    beyond: "the push is refused with 400 or 413; the group stays as it was",
    hostile: ["PUT /metrics/job/<path>", "PUT /metrics/job/a", "PUT /metrics/job/a (protobuf)"],
  },
  {
    role: "node exporter",
    door: "requests",
    files: [
      "apps/node-exporter/src/guarded-server.ts",
      "apps/node-exporter/src/plain-server.ts",
      "apps/node-exporter/src/routed.ts",
      "apps/node-exporter/src/answers.ts",
    ],
    limits: [HEAD],
    beyond: "the request is refused with 431",
    hostile: ["GET /metrics?collect[]=", "e2e/src/node-exporter/http.test.ts"],
  },
  {
    role: "node exporter",
    door: "files of /proc and /sys, text files, answers of services of the host",
    files: [
      "packages/collectors/src/containers/engine-client.ts",
      "packages/collectors/src/services/d-bus.ts",
      "packages/collectors/src/services/ntp.ts",
      "packages/collectors/src/services/sntp.ts",
      "packages/collectors/src/services/supervisord.ts",
    ],
    limits: [
      at(
        "packages/collectors/src/containers/engine-client.ts",
        "MAX_BYTES = 256 * 1024 * 1024",
        "256 MiB for an answer of a container engine",
      ),
      at(
        "packages/collectors/src/services/d-bus-message.ts",
        "MAX_MESSAGE_BYTES = 2 ** 27",
        "128 MiB for a message of D-Bus",
      ),
      at("packages/collectors/src/services/d-bus-message.ts", "MAX_DEPTH = 64", "64 levels of a value of D-Bus"),
      at(
        "packages/collectors/src/services/supervisord.ts",
        "MAX_ANSWER_BYTES = 16 * 1024 * 1024",
        "16 MiB for an answer of supervisord",
      ),
    ],
    beyond: "the collector fails alone: `node_scrape_collector_success` is 0",
    hostile: ["e2e/src/node-exporter/mangled", "e2e/src/node-exporter/broken-files", "e2e/src/node-exporter/textfile"],
  },
  {
    role: "dashboards",
    door: "bodies, paths and parameters of requests",
    files: [
      "access/permission-routes.ts",
      "annotations/annotations.ts",
      "auth/account-routes.ts",
      "auth/admin-routes.ts",
      "auth/user-routes.ts",
      "dashboards/dashboard-routes.ts",
      "dashboards/version-routes.ts",
      "datasources/plugin-routes.ts",
      "datasources/source-routes.ts",
      "folders/folder-routes.ts",
      "library-panels/library-panels.ts",
      "playlists/playlists.ts",
      "preferences/preferences.ts",
      "provisioning/provisioning.ts",
      "search/search-routes.ts",
      "snapshots/snapshots.ts",
      "stars/star-routes.ts",
      "web/frontend-settings.ts",
      "web/health-routes.ts",
      "web/server-facts.ts",
      "web/source-pages.ts",
      "web/web.ts",
    ].map((file) => DASHBOARDS + file),
    limits: [
      HEAD,
      BODY,
      at("apps/dashboards/src/annotations/annotations.ts", "MAX_TAGS = 500", "500 tags of an annotation"),
      at("apps/dashboards/src/playlists/playlists.ts", "MAX_ITEMS = 1000", "1,000 items of a playlist"),
      at("apps/dashboards/src/folders/folder-store.ts", "MAX_DEPTH = 8", "8 levels of folders"),
    ],
    beyond: "the request is refused with 400, 413 or 431",
    hostile: [
      "POST /api/dashboards/db",
      "POST /api/folders",
      "POST /api/annotations",
      "GET /api/search?query=",
      "e2e/src/dashboards/hostile",
    ],
  },
  {
    role: "dashboards",
    door: "sign-in",
    files: [`${DASHBOARDS}auth/login-routes.ts`],
    limits: [
      at("apps/dashboards/src/auth/login-routes.ts", "MAX_LOGIN_BYTES = 65_536", "64 KiB for a body"),
      at("apps/dashboards/src/auth/passwords.ts", "MAX_LENGTH = 1024", "1,024 characters of a password"),
    ],
    beyond: "the request is refused with 401 or 413",
    hostile: ["POST /login", "apps/dashboards/src/auth"],
  },
  {
    role: "dashboards",
    door: "queries of panels, alert rules, generated dashboards, short addresses",
    files: [
      "querying/querying.ts",
      "querying/ask-panels.ts",
      "alert-rule/alert-rule.ts",
      "generate/generate.ts",
      "short-urls/short-urls.ts",
    ].map((file) => DASHBOARDS + file),
    limits: [
      at(
        "apps/dashboards/src/querying/querying.ts",
        "MAX_BYTES = 10 * 1024 * 1024",
        "10 MiB for a request with queries",
      ),
      at("apps/dashboards/src/querying/query-request.ts", "MAX_QUERIES = 500", "500 queries of a request"),
      at(
        "apps/dashboards/src/alert-rule/alert-rule.ts",
        "MAX_BYTES = 131_072",
        "128 KiB for a panel that becomes an alert rule",
      ),
      at("apps/dashboards/src/generate/generate.ts", "MAX_BYTES = 65_536", "64 KiB for a list of metrics"),
      at("apps/dashboards/src/short-urls/short-urls.ts", "MAX_PATH = 65_536", "64 KiB for an address"),
    ],
    beyond: "the request is refused with 400 or 413",
    hostile: [
      "POST /api/ds/query",
      "POST /api/short-urls",
      "apps/dashboards/src/querying",
      "e2e/src/dashboards/hostile",
    ],
  },
  {
    role: "dashboards",
    door: "answers of data sources",
    files: [
      `${DASHBOARDS}datasources/source-proxy.ts`,
      `${DASHBOARDS}datasources/source-instances.ts`,
      "packages/datasources/src/outgoing/source-client.ts",
      "packages/datasources/src/outgoing/destinations.ts",
    ],
    limits: [
      ANSWER_HEAD,
      at(
        "packages/datasources/src/outgoing/source-client.ts",
        "MAX_BODY_BYTES = 64 * 1024 * 1024",
        "64 MiB for an answer",
      ),
      at("packages/datasources/src/value-budget.ts", "MAX_CELLS = 5_000_000", "5,000,000 cells of a table"),
    ],
    beyond: "the query fails with 422 or 502; other panels are drawn",
    hostile: ["packages/datasources/src", "e2e/src/dashboards/failing-sources.test.ts"],
  },
];
