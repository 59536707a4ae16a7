import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { fakeBrowser } from "../testing/fake-browser.ts";
import { type RunningRole, withRole } from "../testing/running-role.ts";

const draft = { uid: "a", name: "A", type: "prometheus", access: "proxy" };

interface Seen {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
}

/** Starts a server that records its requests, and a dashboards server with a data source `a` for this server. */
async function withProxied(
  use: (role: RunningRole, seen: Seen[], url: string) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      seen.push({ line: `${request.method} ${request.url} ${body}`.trimEnd(), headers: request.headers });
      const path = request.url!.slice("/base".length);
      if (path.startsWith("/locked")) response.writeHead(401, { "www-authenticate": "Basic" }).end();
      else if (path.startsWith("/moved")) response.writeHead(302, { location: "http://10.0.0.1/x" }).end();
      else if (path.startsWith("/silent")) return;
      else if (path.startsWith("/broken")) response.writeHead(200).end("x".repeat(1000), () => response.destroy());
      else {
        const own = { "set-cookie": "grafana_session=x", "x-frame-options": "allow", server: "secret" };
        response.writeHead(203, { ...own, "content-type": "text/html", etag: "1" }).end("<script>");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
  try {
    await withRole({ env }, (role) => use(role, seen, url));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const PROXY = "/api/datasources/proxy/uid/a";

test("requests are forwarded with the source's credentials instead of the client's", async () => {
  await withProxied(async ({ call }, seen, url) => {
    const secret = { basicAuth: true, basicAuthUser: "u", secureJsonData: { basicAuthPassword: "p" } };
    await call("POST", "/api/datasources", {
      ...draft,
      ...secret,
      url,
      jsonData: { keepCookies: ["kept", "grafana_session"] },
    });
    const headers = {
      cookie: "mine=1; kept=2; grafana_session=3",
      origin: "http://evil",
      "x-forwarded-for": "6.6.6.6",
      "x-grafana-user": "root",
      "if-none-match": "1",
    };
    const answer = await call("GET", `${PROXY}/api/v1/label/a%2Fb/values?x=1&y=%20`, undefined, { headers });
    expect([answer.status, answer.text]).toEqual([203, "<script>"]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({ "content-security-policy": "sandbox", etag: "1" });
    for (const name of ["set-cookie", "server"]) expect(answer.headers.has(name)).toBe(false);
    expect(seen[0]!.headers).toMatchObject({
      authorization: `Basic ${btoa("u:p")}`,
      cookie: "kept=2",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "if-none-match": "1",
    });
    for (const name of ["origin", "x-grafana-user"]) expect(seen[0]!.headers).not.toHaveProperty(name);
    const form = { headers: { "content-type": "application/x-www-form-urlencoded" } };
    await call("POST", "/api/datasources/proxy/1/api/v1/query", "query=up", form);
    await call("GET", "/api/datasources/uid/a/resources/api/v1/labels");
    expect(seen.map(({ line }) => line)).toEqual([
      // An escaped slash is a part of the name.
      "GET /base/api/v1/label/a%2Fb/values?x=1&y=%20",
      "POST /base/api/v1/query query=up",
      "GET /base/api/v1/labels",
    ]);
    expect(seen[1]!.headers["content-type"]).toBe(form.headers["content-type"]);
  });
});

test("the key of a rendering is never forwarded, also if the source names its cookie", async () => {
  const browser = fakeBrowser(`note(await get("${PROXY}/api/v1/labels")); drawn(333);`);
  await withProxied(
    async ({ call }, seen, url) => {
      await call("POST", "/api/datasources", { ...draft, url, jsonData: { keepCookies: ["narthex_render"] } });
      await call("POST", "/api/dashboards/db", { dashboard: { uid: "demo", title: "demo", panels: [] } });
      const { notes } = (await call("GET", "/render/d/demo")).json;
      expect(notes).toEqual([203]);
      expect(seen.map(({ line, headers }) => [line, headers.cookie])).toEqual([["GET /base/api/v1/labels", undefined]]);
    },
    { GF_RENDERING_BROWSER: browser, GF_RENDERING_SANDBOX: "false" },
  );
});

test("the allowed requests of each role depend on the kind of the source", async () => {
  await withProxied(
    async ({ call }, seen, url) => {
      await call("POST", "/api/datasources", { ...draft, url });
      const alertmanager = { uid: "m", name: "M", type: "camptocamp-prometheus-alertmanager-datasource", url };
      await call("POST", "/api/datasources", alertmanager);
      const viewer = async (method: string, path: string) =>
        (await call(method, path, method === "GET" ? undefined : {}, { user: "" })).status;
      expect(await viewer("POST", `${PROXY}/api/v1/query`)).toBe(203);
      expect(await viewer("GET", `${PROXY}/-/healthy`)).toBe(403);
      for (const path of ["api/v1/write", "api/v1/otlp/v1/metrics", "-/reload", "api/v1/query/../write"])
        expect([400, 403]).toContain(await viewer("POST", `${PROXY}/${path}`));
      expect(await viewer("POST", "/api/datasources/proxy/uid/m/api/v2/silences")).toBe(403);
      expect(await viewer("GET", "/api/datasources/proxy/uid/m/api/v2/alerts")).toBe(203);
      const denied = await call("POST", `${PROXY}/api/v1/write`, {});
      expect([denied.status, denied.json.message]).toEqual([
        403,
        "non allow-listed POSTs not allowed on proxied Prometheus datasource",
      ]);
      expect((await call("POST", "/api/datasources/proxy/uid/m/api/v2/silences", {})).status).toBe(203);
      expect(seen).toHaveLength(3);
    },
    { GF_AUTH_ANONYMOUS_ENABLED: "true" },
  );
});

test("a JWT in the address is not forwarded to the source, and the rest of the query is unchanged", async () => {
  const env = { GF_AUTH_JWT_URL_LOGIN: "true" };
  const ask = (query: string) =>
    withProxied(async ({ call }, seen, url) => {
      await call("POST", "/api/datasources", { ...draft, url });
      await call("GET", `${PROXY}/api/v1/query${query}`);
      return void lines.push(seen[0]!.line);
    }, env);
  const lines: string[] = [];
  for (const query of ["?query=a%20b&auth_token=x.y.z&time=1", "?auth%5Ftoken=x.y.z", "?query=auth_token"])
    await ask(query);
  expect(lines).toEqual([
    "GET /base/api/v1/query?query=a%20b&time=1",
    "GET /base/api/v1/query",
    "GET /base/api/v1/query?query=auth_token",
  ]);
});

test("password requests and redirects of a source are not forwarded, and failures are reported", async () => {
  await withProxied(
    async ({ call }, _seen, url) => {
      await call("POST", "/api/datasources", { ...draft, url });
      const statusOf = async (path: string) => {
        const { status, json, headers } = await call("GET", `${PROXY}/${path}`);
        expect([headers.has("www-authenticate"), headers.has("location")]).toEqual([false, false]);
        return [status, json?.message];
      };
      expect(await statusOf("locked")).toEqual([400, "Authentication to data source failed"]);
      expect(await statusOf("moved")).toEqual([502, "The data source redirects: give it the URL that it redirects to"]);
      expect(await statusOf("silent")).toEqual([
        504,
        "Failed to call data source: the data source did not answer in time",
      ]);
      expect(await statusOf("..%2F..%2Fadmin")).toEqual([400, "the path leads out of the data source"]);
      const missing = await call("GET", "/api/datasources/proxy/uid/none/x");
      expect(missing.status).toBe(404);
      await call("PUT", "/api/datasources/uid/a", { ...draft, url: "http://127.0.0.1:9" });
      expect(await statusOf("x")).toEqual([
        502,
        "Failed to call data source: the data source cannot be reached: connect: connection refused",
      ]);
    },
    { GF_DATAPROXY_TIMEOUT: "1" },
  );
});

test("a source's server receives the address of a client behind trusted proxies", async () => {
  await withProxied(
    async ({ call }, seen, url) => {
      await call("POST", "/api/datasources", { ...draft, url });
      const headers = { "x-forwarded-for": "6.6.6.6, 192.0.2.7" };
      await call("GET", `${PROXY}/api/v1/labels`, undefined, { headers });
      expect(seen[0]!.headers["x-forwarded-for"]).toBe("192.0.2.7, 127.0.0.1");
    },
    { GF_SERVER_TRUSTED_PROXIES: "127.0.0.1" },
  );
});

test("sources are queried through the proxy of the environment, except those that NO_PROXY names", async () => {
  await withProxied(async ({ call }, seen, url) => {
    vi.stubEnv("HTTP_PROXY", new URL(url).origin);
    vi.stubEnv("NO_PROXY", "near.test");
    onTestFinished(() => void vi.unstubAllEnvs());
    await call("POST", "/api/datasources", { ...draft, url: "http://far.test:9090" });
    await call("POST", "/api/datasources", { ...draft, uid: "b", name: "B", url: "http://near.test:1" });
    expect((await call("GET", `${PROXY}/api/v1/labels`)).text).toBe("<script>");
    await call("GET", "/api/datasources/uid/a/health");
    expect(seen[0]!.line).toBe("GET http://far.test:9090/api/v1/labels");
    expect(seen[1]!.line).toMatch(/^(?:GET|POST) http:\/\/far\.test:9090\/api\/v1\/query/);
    expect((await call("GET", "/api/datasources/proxy/uid/b/api/v1/labels")).status).toBe(502);
  });
});
