import { request } from "node:https";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { Authority, hasOpenssl, type KeyPair } from "@narthex/tls/testing";
import type { LightMyRequestResponse } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { access } from "../server/access.ts";
import { createHttpServer, type HttpServerOptions } from "../server/server.ts";
import { recordingServer } from "../testing/recording-server.ts";
import { SECRET_HASH } from "../testing/route-walk.ts";
import { SignInUrlError } from "./sign-in.ts";

const PERSON = {
  kind: "user",
  id: 1,
  login: "ann",
  name: "",
  role: "Viewer",
  teams: [],
  matchers: null,
  nothing: null,
};
const KNOWN: Readonly<Record<string, object>> = {
  viewer: { ...PERSON, scopes: ["read", "query"] },
  pusher: { ...PERSON, kind: "service-account", scopes: ["push"] },
  limited: { ...PERSON, scopes: ["read", "query", "push"], matchers: [{ type: "=", name: "team", value: "a" }] },
  lost: { ...PERSON, scopes: ["read", "query", "push"], nothing: "the teams differ" },
  older: { kind: "user", id: 1, login: "ann", role: "Viewer", scopes: ["read", "query"] },
};

/**
 * Starts a server that answers like the dashboards role. KNOWN contains its tokens, which are also its session tokens.
 */
async function dashboardsRole(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const server = await recordingServer(({ url, headers }) => {
    const [, secret = ""] =
      /(?:Bearer |grafana_session=)(\w+)/.exec(`${headers.authorization} ${headers.cookie}`) ?? [];
    const found = url === "/grafana/api/narthex/identity" ? KNOWN[secret] : undefined;
    const body = JSON.stringify({ ...found, loginUrl: "http://localhost:3000/grafana/login/return" });
    return { status: found === undefined ? 401 : 200, body };
  });
  const stop = async (): Promise<void> => server[Symbol.asyncDispose]();
  onTestFinished(stop);
  return { url: `http://${server.home}/grafana/`, stop };
}

async function started(more: Partial<HttpServerOptions> = {}) {
  const role = await dashboardsRole();
  const logger = memoryLogger();
  const { app } = await createHttpServer({
    listen: [],
    webConfigFile: "",
    signInUrl: role.url,
    clock: systemClock,
    logger,
    ...more,
  });
  const routes = {
    "/page": access("read", { series: "none" }),
    "/api/read": access("read"),
    "/api/query": access("read", { scope: "query", series: "limited" }),
    "/api/push": access("write", { scope: "push", series: "none" }),
    "/api/reload": access("lifecycle"),
    "/-/healthy": access("read", { scope: "open" }),
  };
  for (const [url, terms] of Object.entries(routes))
    app.route({ ...terms, method: ["GET", "POST"], url, handler: ({ principal }) => ({ by: principal.name }) });
  onTestFinished(() => app.close());
  const ask = (url: string, headers: object = {}, method: "GET" | "POST" = "GET") =>
    app.inject({ url, method, headers: { host: "here:9090", ...headers } });
  return { ask, role, logger };
}

const token = (secret: string) => ({ authorization: `Bearer ${secret}` });
const session = (secret: string) => ({ cookie: `grafana_session=${secret}` });
const statusOf = async (answer: Promise<LightMyRequestResponse>): Promise<number> => (await answer).statusCode;

test("a person passes with a session or a token, and the request carries the name", async () => {
  const { ask } = await started();
  for (const headers of [token("viewer"), session("viewer"), { authorization: `Basic ${btoa("api_key:viewer")}` }])
    expect((await ask("/api/query", headers)).json()).toEqual({ by: "ann" });
  expect((await ask("/api/query", { ...token("wrong"), ...session("viewer") })).statusCode).toBe(200);
});

test("without credentials an API answers 401, a page leads to the login and back, and health checks stay open", async () => {
  const { ask } = await started();
  for (const headers of [{}, token("wrong"), session("wrong"), { authorization: `Basic ${btoa("ann:secret")}` }]) {
    const { statusCode, body } = await ask("/api/query", headers);
    expect([statusCode, body]).toEqual([
      401,
      expect.stringContaining("sign in at http://localhost:3000/grafana/login,"),
    ]);
  }
  const page = await ask("/page?a=b&c", { accept: "text/html" });
  const back = encodeURIComponent("http://here:9090/page?a=b&c");
  expect([page.statusCode, page.headers["location"]]).toEqual([
    302,
    `http://localhost:3000/grafana/login/return?to=${back}`,
  ]);
  expect(await statusOf(ask("/api/query", { accept: "text/html" }))).toBe(401);
  expect(await statusOf(ask("/page"))).toBe(401);
  expect(await statusOf(ask("/-/healthy"))).toBe(200);
  expect(await statusOf(ask("/unknown"))).toBe(404);
});

test("a browser that comes back without a session is not led to the login again", async () => {
  const { ask } = await started();
  const first = await ask("/page", { accept: "text/html" });
  const cookie = String(first.headers["set-cookie"]).split(";", 1)[0];
  const second = await ask("/page", { accept: "text/html", cookie });
  expect([second.statusCode, second.body]).toEqual([401, expect.stringContaining("need the same host name")]);
});

test.each([
  ["viewer", { "/api/read": 200, "/api/query": 200, "/api/push": 403, "/api/reload": 403 }],
  ["pusher", { "/api/read": 403, "/api/query": 403, "/api/push": 200, "/api/reload": 403 }],
  ["limited", { "/page": 200, "/api/read": 403, "/api/query": 200, "/api/push": 200, "/api/reload": 403 }],
  ["lost", { "/page": 200, "/api/read": 403, "/api/query": 403, "/api/push": 200, "/api/reload": 403 }],
])("the token %s may use the routes of its scopes that can be limited to its series", async (secret, wanted) => {
  const { ask } = await started();
  for (const [url, status] of Object.entries(wanted))
    expect([url, await statusOf(ask(url, token(secret), "POST"))]).toEqual([url, status]);
});

test("pages of other sites may not use a session to change something, but tokens have no such check", async () => {
  const { ask } = await started({ externalUrl: "https://public.example/" });
  const from = (origin: string) => ({ ...session("pusher"), origin });
  expect(await statusOf(ask("/api/push", from("https://elsewhere.example"), "POST"))).toBe(403);
  expect(await statusOf(ask("/api/push", from("http://here:3000"), "POST"))).toBe(403);
  expect(await statusOf(ask("/api/push", { ...session("pusher"), "sec-fetch-site": "cross-site" }, "POST"))).toBe(403);
  expect(await statusOf(ask("/api/push", from("http://here:9090"), "POST"))).toBe(200);
  expect(await statusOf(ask("/api/push", from("https://public.example"), "POST"))).toBe(200);
  const program = { ...token("pusher"), origin: "https://elsewhere.example" };
  expect(await statusOf(ask("/api/push", program, "POST"))).toBe(200);
});

test("users of the web config file and people of the dashboards role both pass", async () => {
  const webConfigFile = join(temporaryFolder(), "web.yml");
  writeFileSync(webConfigFile, `basic_auth_users: {ops: "${SECRET_HASH}"}\n`);
  const { ask } = await started({ webConfigFile });
  const basic = (user: string) => ({ authorization: `Basic ${btoa(user)}` });
  expect((await ask("/api/push", basic("ops:secret"), "POST")).json()).toEqual({ by: "ops" });
  expect((await ask("/api/query", token("viewer"))).json()).toEqual({ by: "ann" });
  expect((await ask("/api/query", { ...basic("ops:wrong"), ...session("viewer") })).json()).toEqual({ by: "ann" });
  const refused = await ask("/api/query", basic("ops:wrong"));
  expect([refused.statusCode, refused.headers["www-authenticate"]]).toEqual([401, "Basic"]);
  expect(await statusOf(ask("/-/healthy"))).toBe(200);
});

test.skipIf(!hasOpenssl())("a client with a certificate needs a session or a token too", async () => {
  using authority = new Authority("own");
  const folder = temporaryFolder();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const server = authority.issue("server", "DNS:localhost");
  const [cert, key] = [file("c.pem", server.cert), file("k.pem", server.key)];
  const ca = file("ca.pem", authority.pair.cert);
  const tls = `cert_file: ${cert}, key_file: ${key}, client_ca_file: ${ca}, client_auth_type: RequireAndVerifyClientCert`;
  const role = await dashboardsRole();
  const secured = await createHttpServer({
    listen: ["127.0.0.1:0"],
    webConfigFile: file("web.yml", `tls_server_config: {${tls}}\n`),
    signInUrl: role.url,
    clock: systemClock,
    logger: memoryLogger(),
  });
  secured.app.get("/api/query", access("read", { scope: "query" }), ({ principal }) => principal.name);
  secured.app.post("/api/reload", access("lifecycle"), ({ principal }) => principal.name);
  const [address] = await secured.start();
  onTestFinished(() => secured.stop());
  const client: KeyPair = authority.issue("client", "DNS:client.test");
  const port = Number(address!.split(":").at(-1));
  const options = {
    host: "127.0.0.1",
    servername: "localhost",
    port,
    ca: authority.pair.cert,
    agent: false,
    ...client,
  };
  const statusFor = (path: string, headers: Record<string, string>, method = "GET"): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request({ ...options, path, headers, method }, (answer) => resolve(answer.resume().statusCode))
        .once("error", reject)
        .end();
    });
  expect(await statusFor("/api/query", {})).toBe(401);
  expect(await statusFor("/api/reload", {}, "POST")).toBe(401);
  expect(await statusFor("/api/query", token("viewer"))).toBe(200);
});

test("while the dashboards role is down, known people pass, others get 503, and no secret is logged", async () => {
  const { ask, role, logger } = await started();
  await ask("/api/query", token("viewer"));
  await role.stop();
  expect(await statusOf(ask("/api/query", token("viewer")))).toBe(200);
  const { statusCode, body } = await ask("/api/query", token("canary"));
  expect([statusCode, body]).toEqual([503, expect.stringContaining("cannot be reached")]);
  expect(await statusOf(ask("/-/healthy"))).toBe(200);
  expect(JSON.stringify(logger.lines)).toMatch(/connection refused|ECONNREFUSED/);
  expect(JSON.stringify(logger.lines)).not.toContain("canary");
});

test("an answer without the fields of the limit gives no rights, because another version may limit differently", async () => {
  const { ask } = await started();
  expect(await statusOf(ask("/api/query", token("older")))).toBe(503);
});

test.each(["dashboards:3000", "ftp://dashboards", "http://ann:secret@dashboards", "http://dashboards/?a=b"])(
  "the address %s is refused at the start, without its password in the message",
  async (signInUrl) => {
    const error = await started({ signInUrl }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SignInUrlError);
    expect(String(error)).not.toContain("secret@");
  },
);
