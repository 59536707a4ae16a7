/** Who may have a request passed on to a source's server. */
export type ProxyRight = "viewer" | "editor" | "admin";

/** Requests that are passed on to the server of a source, and for whom. */
export interface ProxyRoute {
  readonly methods: readonly string[];
  /** Below the source's URL, without a slash in front; "" is everything. */
  readonly path: string;
  /** The path alone, nothing below it. */
  readonly isExact?: boolean;
  readonly right: ProxyRight;
}

const READ = ["GET"];
const ASK = ["GET", "POST"];
const CHANGE = ["POST", "PUT", "DELETE"];
const ALL = [...READ, ...CHANGE];

/** What servers keep for those who run them: their lifecycle, profiles, deletion of data. */
const operation = (methods: readonly string[]): readonly ProxyRoute[] =>
  ["-", "debug", "api/v1/admin"].map((path) => ({ methods, path, right: "admin" }));

const asked = (path: string): ProxyRoute => ({ methods: ASK, path, isExact: true, right: "viewer" });

/** Of Prometheus and what answers alike: questions may come by POST; rules of Mimir and Cortex are an editor's, and so is ending what runs. */
export const PROMETHEUS_ROUTES: readonly ProxyRoute[] = [
  ...operation(READ),
  { methods: READ, path: "api/v1/status/flags", right: "admin" },
  ...["query", "query_range", "query_exemplars", "series", "labels", "format_query", "parse_query"].map((name) =>
    asked(`api/v1/${name}`),
  ),
  // Cancelling a query of somebody.
  { methods: ["POST"], path: "api/v1/narthex/queries", right: "editor" },
  ...["rules", "config/v1/rules"].map((path): ProxyRoute => ({ methods: ["POST", "DELETE"], path, right: "editor" })),
  { methods: READ, path: "", right: "viewer" },
];

/**
 * Routes of an Alertmanager: silences and alerts are an editor's. Mimir's configuration, at `api/v1/alerts`, holds secrets and
 * decides who is notified: reading, replacing and deleting it is an admin's.
 */
export const ALERTMANAGER_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  ...["api/v1/alerts", "multitenant_alertmanager"].map((path): ProxyRoute => ({ methods: ALL, path, right: "admin" })),
  { methods: CHANGE, path: "", right: "editor" },
  { methods: READ, path: "", right: "viewer" },
];

/** Of a Pushgateway: pushes and the deletion of groups are an editor's, wiping it all is an admin's. */
export const PUSHGATEWAY_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  { methods: CHANGE, path: "metrics", right: "editor" },
  { methods: READ, path: "", right: "viewer" },
];

/** Of servers that nothing is known of. */
export const UNKNOWN_ROUTES: readonly ProxyRoute[] = [
  ...operation(ALL),
  { methods: READ, path: "", right: "viewer" },
  { methods: CHANGE, path: "", right: "admin" },
];

/** Who may send a request; undefined: nobody. The first route that fits decides. */
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
