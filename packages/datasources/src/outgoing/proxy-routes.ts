/** The role that a user needs for a request to a source's server. */
export type ProxyRight = "viewer" | "editor" | "admin";

/** Requests that the proxy forwards to a source's server, with the required role. */
export interface ProxyRoute {
  readonly methods: readonly string[];
  /** Path below the source's URL, without a leading slash; "" is everything. */
  readonly path: string;
  /** Whether only the path itself matches, without paths below it. */
  readonly isExact?: boolean;
  readonly right: ProxyRight;
}

const READ = ["GET"];
const ASK = ["GET", "POST"];
const CHANGE = ["POST", "PUT", "DELETE"];
const ALL = [...READ, ...CHANGE];

/** Endpoints for the operators of a server: lifecycle, profiles, deletion of data. */
const operation = (methods: readonly string[]): readonly ProxyRoute[] =>
  ["-", "debug", "api/v1/admin"].map((path) => ({ methods, path, right: "admin" }));

const asked = (path: string): ProxyRoute => ({ methods: ASK, path, isExact: true, right: "viewer" });

/**
 * Routes of Prometheus and compatible servers. Queries may use POST. Changing rules of Mimir and Cortex, and cancelling
 * queries, requires an editor.
 */
export const PROMETHEUS_ROUTES: readonly ProxyRoute[] = [
  ...operation(READ),
  { methods: READ, path: "api/v1/status/flags", right: "admin" },
  ...["query", "query_range", "query_exemplars", "series", "labels", "format_query", "parse_query"].map((name) =>
    asked(`api/v1/${name}`),
  ),
  // Cancels another user's query.
  { methods: ["POST"], path: "api/v1/narthex/queries", right: "editor" },
  ...["rules", "config/v1/rules"].map((path): ProxyRoute => ({ methods: ["POST", "DELETE"], path, right: "editor" })),
  { methods: READ, path: "", right: "viewer" },
];

/**
 * Routes of an Alertmanager. Changing silences and alerts requires an editor. Mimir's configuration at `api/v1/alerts`
 * contains secrets and determines who is notified, so reading, replacing and deleting it requires an admin.
 */
export const ALERTMANAGER_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  ...["api/v1/alerts", "multitenant_alertmanager"].map((path): ProxyRoute => ({ methods: ALL, path, right: "admin" })),
  { methods: CHANGE, path: "", right: "editor" },
  { methods: READ, path: "", right: "viewer" },
];

/** Routes of a Pushgateway. Pushing and deleting groups requires an editor; wiping everything requires an admin. */
export const PUSHGATEWAY_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  { methods: CHANGE, path: "metrics", right: "editor" },
  { methods: READ, path: "", right: "viewer" },
];

/** Routes of unknown servers. */
export const UNKNOWN_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  { methods: READ, path: "", right: "viewer" },
  { methods: CHANGE, path: "", right: "admin" },
];

/** Returns the role that a request needs, or undefined if it is never allowed. The first matching route decides. */
export function proxyRight(routes: readonly ProxyRoute[], method: string, path: string): ProxyRight | undefined {
  const asked = path
    .split("/")
    .filter((part) => part !== "")
    .join("/");
  return routes.find(({ methods, path: below, isExact = false }) => {
    if (!methods.includes(method)) return false;
    return below === "" || asked === below || (!isExact && asked.startsWith(`${below}/`));
  })?.right;
}
