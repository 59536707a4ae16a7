import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { hashSync } from "bcryptjs";
import type { RouteHandlerMethod } from "fastify";
import { expect, test } from "vitest";
import { access, type DisabledAccess } from "./access.ts";
import { ApiError } from "./api-error.ts";
import { useEnvelope } from "./envelope.ts";
import { createHttpServer, type HttpServer } from "./server.ts";

const folder = temporaryFolder();

const DISABLED: DisabledAccess = {
  lifecycle: (reply) => reply.code(403).send("off"),
  admin: () => {
    throw new ApiError("unavailable", "admin APIs disabled");
  },
};

async function makeServer(webConfig: string, disabled = DISABLED): Promise<HttpServer> {
  const webConfigFile = webConfig === "" ? "" : join(folder, "web.yml");
  writeFileSync(join(folder, "web.yml"), webConfig);
  const server = await createHttpServer({
    listen: [],
    webConfigFile,
    disabled,
    externalUrl: "https://public.example/prometheus",
    clock: systemClock,
    logger: memoryLogger(),
  });
  const { app } = server;
  const handler: RouteHandlerMethod = async ({ principal, routeOptions }) =>
    `${routeOptions.config.access} by ${principal.kind} ${principal.name}`;
  app.get("/open", access("public"), handler);
  app.get("/expensive", access("read", { pages: "own" }), handler);
  for (const path of ["/", "/other", "/reload"]) app.get(path, access("read"), handler);
  app.route({ ...access("lifecycle"), method: ["POST", "PUT"], url: "/reload", handler: async () => "reloaded" });
  await app.register(async (api) => {
    useEnvelope(api);
    api.addHook("onRequest", async (_request, reply) => void reply.header("vary", "Origin"));
    api.post("/api/admin/wipe", access("admin"), async () => "wiped");
    api.post("/api/write", access("write", { scope: "push" }), async () => "written");
    api.post("/api/rules", access("write", { scope: "rules", pages: "own" }), async () => "kept");
    api.post("/api/silences", access("write", { scope: "silence", pages: "any" }), async () => "silenced");
  });
  return server;
}

test("each route has its declared access, and a request with a password has that user", async () => {
  const { app } = await makeServer(`basic_auth_users: {ann: "${hashSync("secret", 4)}"}`);
  const get = async (url: string, user = "") => {
    const headers = user === "" ? {} : { authorization: `Basic ${btoa(user)}` };
    const { statusCode, body } = await app.inject({ url, headers });
    return statusCode === 200 ? body : statusCode;
  };
  expect(await get("/open")).toBe("public by anonymous ");
  expect(await get("/other")).toBe(401);
  expect(await get("/other", "ann:secret")).toBe("read by user ann");
  expect(await get("/", "ann:secret")).toBe("read by user ann");
  expect(await get("/reload", "ann:secret")).toBe("read by user ann");
  expect(await get("/nowhere")).toBe(401);
  expect(await get("/nowhere", "ann:secret")).toBe(404);
  await app.close();
});

test("routes whose access is disabled answer with their role's message and the headers of their scope", async () => {
  const { app } = await makeServer("");
  const reload = await app.inject({ method: "POST", url: "/reload" });
  expect([reload.statusCode, reload.body]).toEqual([403, "off"]);
  expect((await app.inject({ url: "/reload" })).body).toBe("read by anonymous ");
  const wipe = await app.inject({ method: "POST", url: "/api/admin/wipe" });
  expect([wipe.json(), wipe.headers["vary"]]).toEqual([
    { status: "error", errorType: "unavailable", error: "admin APIs disabled" },
    "Origin",
  ]);
  await app.close();
});

const WIPE = "/api/admin/wipe";
const OWN = { origin: "http://h:1", host: "h:1" };
const FOREIGN = { origin: "http://site.example", host: "h:1" };
const refusalOf = (routes: string): string =>
  `${routes} refuse pages of other sites, and pages at a name that another site may have led to this machine (headers Origin, Sec-Fetch-Site and Host). If the page is this server's, set --web.external-url to its address.`;
const REFUSED = refusalOf("Routes of the admin API");
const REFUSED_WRITE = refusalOf("Routes that write");

test.each([
  ["/reload", {}, 200, "reloaded"],
  ["/reload", FOREIGN, 403, "Lifecycle API refuses requests of web pages (header Origin)."],
  [WIPE, {}, 200, "wiped"],
  [WIPE, OWN, 200, "wiped"],
  [WIPE, { ...OWN, "sec-fetch-site": "same-site" }, 403, REFUSED],
  [WIPE, { ...FOREIGN, "sec-fetch-site": "same-origin" }, 200, "wiped"],
  [WIPE, { "sec-fetch-site": "none" }, 200, "wiped"],
  [WIPE, { "sec-fetch-site": "cross-site" }, 403, REFUSED],
  [WIPE, FOREIGN, 403, REFUSED],
  [WIPE, { ...FOREIGN, origin: "null" }, 403, REFUSED],
  [WIPE, { origin: "https://public.example", host: "h:1" }, 200, "wiped"],
  ["/api/write", {}, 200, "written"],
  ["/api/write", OWN, 200, "written"],
  ["/api/write", FOREIGN, 403, REFUSED_WRITE],
  ["/api/write", { ...FOREIGN, authorization: "Bearer unchecked" }, 403, REFUSED_WRITE],
  ["/api/silences", FOREIGN, 200, "silenced"],
])("a POST of %s with the headers %j has status %i", async (url, headers, status, body) => {
  const { app } = await makeServer("", {});
  const answer = await app.inject({ method: "POST", url, headers });
  expect([answer.statusCode, answer.body]).toEqual([status, body]);
  await app.close();
});

test.each([
  [WIPE, "evil.example:9090", {}, 403],
  ["/api/rules", "evil.example:9090", {}, 403],
  ["/api/rules", "evil.example:9090", { authorization: "Bearer unchecked" }, 403],
  ["/api/rules", "evil.example:9090", { "sec-fetch-site": "same-origin" }, 200],
  ["/api/rules", "127.0.0.1:9090", {}, 200],
  ["/api/rules", "[::1]:9090", {}, 200],
  ["/api/rules", "localhost:9090", {}, 200],
  ["/api/rules", "public.example", {}, 200],
  ["/api/write", "proxied.example", {}, 200],
])(
  "a POST of %s on a connection of this machine from a page at %s with %j has status %i",
  async (path, host, more, status) => {
    const { app } = await makeServer("", {});
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const headers = { host, origin: `http://${host}`, ...more };
    const sent = request({ port, host: "127.0.0.1", method: "POST", path, headers }).end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(status);
    await app.close();
  },
);

test("a GET for the server's own pages is refused at a name that another site may have led to this machine", async () => {
  const { app } = await makeServer("", {});
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const statusOf = async (path: string, host: string): Promise<number | undefined> => {
    const sent = request({ port, host: "127.0.0.1", path, headers: { host } }).end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    return answer.resume().statusCode;
  };
  expect(await statusOf("/expensive", "evil.example")).toBe(403);
  expect(await statusOf("/expensive", `localhost:${port}`)).toBe(200);
  expect(await statusOf("/other", "evil.example")).toBe(200);
  await app.close();
});

test("the table lists all routes with their access; a server with a route that declares none does not start", async () => {
  const { app, routes } = await makeServer("");
  expect(routes.list().map(({ methods, url, access: right }) => `${methods.join(",")} ${url} ${right}`)).toEqual([
    "GET /open public",
    "GET /expensive read",
    "GET / read",
    "GET /other read",
    "GET /reload read",
    "POST,PUT /reload lifecycle",
    "POST /api/admin/wipe admin",
    "POST /api/write write",
    "POST /api/rules write",
    "POST /api/silences write",
  ]);
  app.get("/forgotten", async () => "");
  await expect(async () => app.ready()).rejects.toThrow("GET /forgotten declares the access that it needs");
});
