import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Access, HttpServer, RouteAccess } from "@narthex/http";
import {
  type SendRequest,
  CLIENTS,
  routeLines,
  routesAnsweringElse,
  routesNotForTheirScopes,
  SECRET_HASH,
  signInRole,
} from "@narthex/http/testing";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { ServerFeature } from "../server-feature.ts";
import { serverOf, unstartedFeatures } from "../testing/unstarted-server.ts";

const shown = ({ methods, url, access }: RouteAccess): string => `${methods.join(",")} ${url} ${access}`;

test("all routes of the server declare the access that they require", async () => {
  const { context, features } = await unstartedFeatures();
  const { app, routes } = await serverOf(context, features);
  await app.ready();
  const all = routes.list();
  expect(all.length).toBeGreaterThan(60);
  expect(all.filter(({ access }) => access !== "read").map(shown)).toEqual([
    "POST,PUT /prefix/-/reload lifecycle",
    "POST,PUT /prefix/-/quit lifecycle",
    "POST,PUT /prefix/api/v1/admin/tsdb/delete_series admin",
    "POST,PUT /prefix/api/v1/admin/tsdb/clean_tombstones admin",
    "POST,PUT /prefix/api/v1/admin/tsdb/snapshot admin",
    "DELETE /prefix/api/v1/narthex/queries/:id admin",
    "POST /prefix/api/v1/narthex/queries/:id/cancel admin",
    "POST /prefix/api/v1/write write",
    "POST /prefix/api/v1/otlp/v1/metrics write",
  ]);
});

const PASSED = 299;

/** Returns a server whose routes answer PASSED instead of running their handlers. */
async function serverWithoutHandlers(flags: readonly string[]): Promise<HttpServer> {
  const { context, features } = await unstartedFeatures(flags);
  context.state.phase = "ready";
  const server = await serverOf(context, features, ({ app }) =>
    app.addHook("preHandler", async (_request, reply) => reply.code(PASSED).send()),
  );
  await server.app.ready();
  return server;
}

const asking =
  ({ app }: HttpServer, headers: Readonly<Record<string, string>>): SendRequest =>
  async (method, url) =>
    (await app.inject({ method: method as "GET", url, headers })).statusCode;

test("if users are configured, each route accepts a user and refuses all other requests", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "web.yml"), `basic_auth_users: {ann: "${SECRET_HASH}"}\n`);
  const server = await serverWithoutHandlers([
    `--web.config.file=${folder}/web.yml`,
    "--web.enable-lifecycle",
    "--web.enable-admin-api",
  ]);
  for (const [client, headers] of Object.entries(CLIENTS)) {
    const wanted = client === "ann" ? PASSED : 401;
    const wrong = routesAnsweringElse(server.routes.list(), asking(server, headers), (status) => status === wanted);
    expect(await wrong, client).toEqual([]);
  }
});

test("the routes of the server, with their scopes and their answers to limited clients, match the list", async () => {
  const { routes } = await serverWithoutHandlers(["--rules.api.path=stored-rules"]);
  await expect(routeLines(routes.list())).toMatchFileSnapshot("route-access.txt");
});

test("with --web.sign-in-url each route accepts people and tokens with its scope, and refuses all others", async () => {
  await using role = await signInRole();
  const flags = [
    `--web.sign-in-url=${role.url}`,
    "--rules.api.path=a",
    "--web.enable-lifecycle",
    "--web.enable-admin-api",
  ];
  const { app, routes } = await serverWithoutHandlers(flags);
  const wrong = await routesNotForTheirScopes(routes.list(), async (method, url, headers) => {
    const { statusCode, body } = await app.inject({ method: method as "GET", url, headers });
    return { status: statusCode, body };
  });
  expect(wrong).toEqual([]);
});

test.each([
  { flags: [], lifecycle: 403, admin: 500 },
  { flags: ["--web.enable-lifecycle"], lifecycle: PASSED, admin: 500 },
  { flags: ["--web.enable-admin-api"], lifecycle: 403, admin: PASSED },
])("with the flags $flags routes of the lifecycle answer $lifecycle, those of admins $admin", async (row) => {
  const server = await serverWithoutHandlers(row.flags);
  const wanted: Partial<Record<Access, number>> = { lifecycle: row.lifecycle, admin: row.admin };
  const wrong = routesAnsweringElse(
    server.routes.list(),
    asking(server, {}),
    (status, { access }) => status === (wanted[access] ?? PASSED),
  );
  expect(await wrong).toEqual([]);
});

test("a server with a route that declares no access does not get ready", async () => {
  const { context, features } = await unstartedFeatures();
  const forgetful: ServerFeature = {
    name: "forgetful",
    stop: () => undefined,
    routes: { apiWhenReady: (app) => void app.get("/forgotten", async () => "") },
  };
  const { app } = await serverOf(context, [...features, forgetful]);
  await expect(async () => app.ready()).rejects.toThrow(
    "GET /prefix/api/v1/forgotten declares the access that it needs",
  );
});

test("during the start, only routes that need no data are answered, whatever the query string contains", async () => {
  const { context, features } = await unstartedFeatures();
  const { app } = await serverOf(context, features);
  const status = async (url: string): Promise<number> => (await app.inject(`/prefix${url}`)).statusCode;
  expect(await status("/-/healthy")).toBe(200);
  expect(await status("/-/ready")).toBe(503);
  expect(await status("/metrics")).toBe(200);
  expect(await status("/api/v1/status/walreplay")).toBe(200);
  expect(await status("/api/v1/notifications")).toBe(200);
  expect(await status("/api/v1/query?query=up&x=/status/walreplay")).toBe(503);
  expect(await status("/federate?match[]=up")).toBe(503);
});

test.each([
  [[], "/query"],
  [["--enable-feature=old-ui"], "/graph"],
])("the root leads to the page that links of the time lead to: %j", async (flags, home) => {
  const { context, features } = await unstartedFeatures(flags);
  const { app } = await serverOf(context, features);
  const leadsTo = async (url: string): Promise<unknown> => (await app.inject(url)).headers["location"];
  expect(await leadsTo("/prefix/")).toBe(home);
  expect(await leadsTo("/prefix/graph?g0.expr=up")).toBe("/query?g0.expr=up");
});
