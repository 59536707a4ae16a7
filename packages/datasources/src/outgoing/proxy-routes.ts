/** The role that a user needs for a request to a source's server. */
export type ProxyRight = "viewer" | "editor" | "admin";

/** A kind of request that the proxy forwards to the server of a data source, with the role that users need for it. */
export interface ProxyRoute {
  readonly methods: readonly string[];
  /** Path relative to the source's URL, without a leading slash. An empty path matches every path. */
  readonly path: string;
  /** Whether only the path itself matches, not paths below it. */
  readonly isExact?: boolean;
  /** Whether the path also matches behind a prefix, which the source's URL does not contain. */
  readonly isAnywhere?: boolean;
  readonly right: ProxyRight;
}

const READ = ["GET"];
const ASK = ["GET", "POST"];
const CHANGE = ["POST", "PUT", "DELETE"];
const ALL = [...READ, ...CHANGE];

/** Returns routes for endpoints that only operators of a server use: lifecycle, profiles, deletion of data. */
const operation = (methods: readonly string[]): readonly ProxyRoute[] =>
  ["-", "debug", "api/v1/admin"].map((path) => ({ methods, path, right: "admin" }));

const readRoute = (path: string): ProxyRoute => ({ methods: ASK, path, isExact: true, right: "viewer" });

/**
 * Routes of Prometheus and compatible servers. Queries may use POST. To change rules of Mimir and Cortex, or to cancel
 * queries, users need the role of editor.
 */
export const PROMETHEUS_ROUTES: readonly ProxyRoute[] = [
  ...operation(READ),
  { methods: READ, path: "api/v1/status/flags", right: "admin" },
  ...["query", "query_range", "query_exemplars", "series", "labels", "format_query", "parse_query"].map((name) =>
    readRoute(`api/v1/${name}`),
  ),
  // Cancels a query. The role of editor is needed, because the query may be another user's.
  { methods: ["POST"], path: "api/v1/narthex/queries", right: "editor" },
  ...["rules", "config/v1/rules"].map((path): ProxyRoute => ({ methods: ["POST", "DELETE"], path, right: "editor" })),
  { methods: READ, path: "", right: "viewer" },
];

/**
 * Routes of Loki. Queries may use POST. To change rules, users need the role of editor. Only admins may push or delete
 * log lines, read the configuration, and stop parts of the server.
 */
export const LOKI_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  ...["config", "flush", "ingester", "loki/api/v1/delete", "loki/api/v1/push", "api/prom/push"].map(
    (path): ProxyRoute => ({ methods: ALL, path, right: "admin" }),
  ),
  ...["query", "query_range", "series", "labels"].map((name) => readRoute(`loki/api/v1/${name}`)),
  ...["loki/api/v1/rules", "api/prom/rules"].map((path): ProxyRoute => ({
    methods: ["POST", "DELETE"],
    path,
    right: "editor",
  })),
  { methods: READ, path: "", right: "viewer" },
  { methods: CHANGE, path: "", right: "admin" },
];

/** Routes of Elasticsearch. Searches use POST. Everything else is the business of admins, also what needs only GET. */
export const ELASTICSEARCH_ROUTES: readonly ProxyRoute[] = [
  ...["_msearch", "_field_caps"].map(readRoute),
  { methods: ["GET"], path: "_cluster/health", isExact: true, right: "viewer" },
  { methods: ALL, path: "", right: "admin" },
];

/** Returns routes for GET requests to paths, and to the paths below them. Everything else is refused. */
const readOnly = (paths: readonly string[]): readonly ProxyRoute[] =>
  paths.map((path): ProxyRoute => ({ methods: READ, path, right: "viewer" }));

/** Routes of Tempo. The other paths of its API operate the server. */
export const TEMPO_ROUTES: readonly ProxyRoute[] = readOnly([
  "api/traces",
  "api/v2/traces",
  "api/search",
  "api/v2/search",
  "api/metrics/query",
  "api/metrics/query_range",
  "api/metrics/summary",
  "api/echo",
  "api/status/buildinfo",
]);

/** Routes of Jaeger's query service. */
export const JAEGER_ROUTES: readonly ProxyRoute[] = readOnly([
  "api/traces",
  "api/services",
  "api/operations",
  "api/dependencies",
]);

/** Routes of Zipkin. A POST to one of these paths would write spans. */
export const ZIPKIN_ROUTES: readonly ProxyRoute[] = readOnly([
  "api/v2/trace",
  "api/v2/traces",
  "api/v2/traceMany",
  "api/v2/services",
  "api/v2/spans",
  "api/v2/dependencies",
  "api/v2/autocompleteKeys",
  "api/v2/autocompleteValues",
]);

/**
 * Routes of an Alertmanager. To change silences and alerts, users need the role of editor. Mimir's configuration at
 * `api/v1/alerts` contains secrets and determines who is notified, so only admins may read, replace or delete it. The same
 * is true for the receivers of Narthex.
 */
export const ALERTMANAGER_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  ...["api/v1/alerts", "multitenant_alertmanager"].map((path): ProxyRoute => ({ methods: ALL, path, right: "admin" })),
  { methods: ALL, path: "api/v2/narthex/receiver-setup", isAnywhere: true, right: "admin" },
  { methods: CHANGE, path: "", right: "editor" },
  { methods: READ, path: "", right: "viewer" },
];

/**
 * Routes of a Pushgateway. To push and delete groups, users need the role of editor; only admins may delete all groups.
 */
export const PUSHGATEWAY_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  { methods: CHANGE, path: "metrics", right: "editor" },
  { methods: READ, path: "", right: "viewer" },
];

export const UNKNOWN_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  { methods: READ, path: "", right: "viewer" },
  { methods: CHANGE, path: "", right: "admin" },
];

/**
 * Returns the role that a user needs for a request, or undefined if the request is never allowed. The first route that
 * matches is used.
 */
export function proxyRight(routes: readonly ProxyRoute[], method: string, path: string): ProxyRight | undefined {
  const segments = path
    .split("/")
    .filter((part) => part !== "")
    .join("/");
  return routes.find(({ methods, path: below, isExact = false, isAnywhere = false }) => {
    if (!methods.includes(method)) return false;
    if (isAnywhere && `/${segments}/`.includes(`/${below}/`)) return true;
    return below === "" || segments === below || (!isExact && segments.startsWith(`${below}/`));
  })?.right;
}
