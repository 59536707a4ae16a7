import type { Request } from "./request.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"];

const ID = "2f5f8f8e-5d0c-4a52-9b0e-000000000000";

const PATHS = [
  ["status", "receivers", "alerts", "alerts/groups", "silences", `silence/${ID}`, "silence/xyz", "silence/", "silence"],
  [
    "nope",
    "",
    "alerts/",
    "alerts/nope",
    "silences/",
    "Alerts",
    "alerts/groups/",

    "alerts%2Fgroups",
    "alerts//groups",
  ],
  [
    "/alerts",
    "./alerts",
    "../v2/alerts",
    "status?x=1",
    "alerts;x=1",

    "swagger.json",
    "docs",
  ],
].flat();

const OUTSIDE = [
  [
    "/api/v1/alerts",
    "/api/v1/",
    "/api/v1",
    "/api/v1/status",
    "/api",
    "/api/",
    "/api/v2",
    "/api/v3/alerts",
    "/api/v2/../v2/status",
  ],
  ["/-/healthy", "/-/ready", "/-/reload", "/-/nope", "/-/healthy/", "//-/healthy", "/-//ready", "/nope", "/metrics/"],
  [
    "/debug/nope",

    "/index.html",

    "/-/quit",

    "/a/../-/ready",
  ],
].flat();

const IDS = [
  "xyz",
  ID.toUpperCase(),
  ID.replaceAll("-", ""),
  `${ID}0`,
  ID.slice(1),
  `{${ID}}`,
  `urn:uuid:${ID}`,
  "%20",
  "a%2Fb",
  "%00",
  "00000000-0000-0000-0000-000000000000",
  "2f5f8f8e-5d0c-1a52-0b0e-000000000000",
  "2f5f8f8e5d0c-4a52-9b0e-000000000000",
  "2f5f8f8e-5d0c-4a52-9b0e-00000000000g",
  "%22",
];

const ORIGIN = { origin: "http://there" };

/** Requests to Alertmanager with unusual paths, methods and headers. */
export const HTTP_REQUESTS: readonly Request[] = [
  ...PATHS.flatMap((path) => METHODS.map((method): Request => ({ path: `/api/v2/${path}`, method }))),
  ...OUTSIDE.flatMap((path) => METHODS.map((method): Request => ({ path, method }))),
  ...["/debug/pprof/", "/debug/pprof/cmdline"].map((path): Request => ({ path, method: "DELETE" })),
  ...IDS.flatMap((id) => ["GET", "DELETE"].map((method): Request => ({ path: `/api/v2/silence/${id}`, method }))),
  // Cross-origin requests, as a page of another website sends them.
  ...["status", "alerts", "silences", "nope", `silence/${ID}`].flatMap((path) => [
    { path: `/api/v2/${path}`, headers: ORIGIN },
    { path: `/api/v2/${path}`, method: "POST", headers: ORIGIN },
    ...["GET", "POST", "DELETE", "PUT", "PATCH", "get", "HEAD", "NOPE", ""].map((wanted): Request => ({
      path: `/api/v2/${path}`,
      method: "OPTIONS",
      headers: { ...ORIGIN, "access-control-request-method": wanted },
    })),
    { path: `/api/v2/${path}`, method: "OPTIONS", headers: ORIGIN },
    { path: `/api/v2/${path}`, method: "OPTIONS", headers: { "access-control-request-method": "POST" } },
    ...["content-type", "authorization,content-type", "x-other", "Content-Type", "accept, origin"].map(
      (wanted): Request => ({
        path: `/api/v2/${path}`,
        method: "OPTIONS",
        headers: { ...ORIGIN, "access-control-request-method": "POST", "access-control-request-headers": wanted },
      }),
    ),
  ]),
  { path: "/-/healthy", headers: ORIGIN },
  { path: "/metrics", method: "HEAD", headers: ORIGIN },
  ...[
    "text/html",
    "*/*",
    "application/xml",
    "application/json;q=0.5, text/html",
    "application/*",
    "",
    "json",
    ";;;",
  ].map((accept): Request => ({
    path: "/api/v2/receivers",
    headers: { accept },
  })),
  { path: "/api/v2/receivers", headers: { "accept-encoding": "gzip" } },
  { path: "/-/healthy", headers: { "accept-encoding": "gzip" } },
  { path: "/api/v2/receivers", body: "x", headers: { "content-type": "text/plain" } },
  { path: "/api/v2/receivers", method: "DELETE", body: "{", headers: { "content-type": "application/json" } },
];
