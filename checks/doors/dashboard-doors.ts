import { at, HEAD, BODY, ANSWER_HEAD, type DoorRow } from "./door-row.ts";

const DASHBOARDS = "apps/dashboards/src/";

export const DASHBOARD_DOORS: readonly DoorRow[] = [
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
      "web/server-info.ts",
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
      "querying/query-panels.ts",
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
