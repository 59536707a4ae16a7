import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { datedToken } from "@narthex/runtime";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { withRole } from "./testing/running-role.ts";

const nobody = { user: "" };
const html = { accept: "text/html" };

/** Returns the session cookie of an answer, in the form of a request's Cookie header. */
const cookieOf = (headers: Headers): string =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0]!)
    .find((cookie) => cookie.startsWith("grafana_session="))!;

test("main() answers health, metrics and unknown paths as Grafana does, and its headers state which sites may frame its pages", async () => {
  await withRole({}, async ({ call }) => {
    const health = await call("GET", "/api/health", undefined, nobody);
    expect([health.status, health.json.database, health.json.version]).toEqual([
      200,
      "ok",
      expect.stringMatching(/^13\./),
    ]);
    expect((await call("HEAD", "/api/health", undefined, nobody)).status).toBe(200);
    expect((await call("GET", "/healthz", undefined, nobody)).text).toBe("Ok");
    expect((await call("GET", "/metrics", undefined, nobody)).text).toMatch(/^grafana_build_info\{/m);
    const unknown = await call("GET", "/api/nothing");
    expect([unknown.status, unknown.json]).toEqual([404, { message: "Not found" }]);
    // Unsupported methods are also answered with status 404.
    for (const [method, path] of [
      ["GET", "/api/ds/query"],
      ["DELETE", "/api/health"],
      ["GET", "/apis/x/v1"],
    ] as const) {
      const answer = await call(method, path, undefined, { headers: html });
      expect([answer.status, answer.json]).toEqual([404, { message: "Not found" }]);
    }
    expect(unknown.headers.get("content-security-policy")).toContain("script-src 'self';");
    expect(unknown.headers.get("x-frame-options")).toBe("deny");
  });
});

test("main() redirects a browser without login to the form, and answers other clients with the reason", async () => {
  await withRole({}, async ({ call }) => {
    const page = await call("GET", "/d/abc/x?from=now-1h", undefined, { ...nobody, headers: html });
    expect([page.status, page.headers.get("location")]).toEqual([302, "/login"]);
    expect(page.headers.getSetCookie()[0]).toMatch(
      /^redirect_to=%2Fd%2Fabc%2Fx%3Ffrom%3Dnow-1h; Path=\/; SameSite=Lax; HttpOnly$/,
    );
    const api = await call("GET", "/api/user", undefined, nobody);
    expect([api.status, api.json]).toEqual([
      401,
      { extra: null, message: "Unauthorized", messageId: "auth.unauthorized", statusCode: 401, traceID: "" },
    ]);
    const token = await call("GET", "/api/user", undefined, { user: "", headers: { authorization: "Bearer x" } });
    expect([token.status, token.json.messageId]).toEqual([401, "api-key.invalid"]);
  });
});

test("main() signs in by form, keeps the session, replaces its token and signs out", async () => {
  await withRole({}, async ({ call }) => {
    const login = await call(
      "POST",
      "/login",
      { user: "ADMIN", password: "secret" },
      { user: "", headers: { cookie: "redirect_to=%2Fd%2Fabc" } },
    );
    expect([login.status, login.json]).toEqual([200, { message: "Logged in", redirectUrl: "/d/abc" }]);
    expect(login.headers.getSetCookie()[0]).toMatch(
      /^grafana_session=[0-9a-f]{32}; Max-Age=2592000; Path=\/; SameSite=Lax; HttpOnly$/,
    );
    expect(login.headers.getSetCookie()[1]).toMatch(
      /^grafana_session_expiry=\d{10}; Max-Age=2592000; Path=\/; SameSite=Lax$/,
    );
    const cookie = cookieOf(login.headers);
    const me = await call("GET", "/api/user", undefined, { user: "", headers: { cookie } });
    expect(me.json).toMatchObject({ id: 1, login: "admin", email: "admin@localhost", isGrafanaAdmin: true, orgId: 1 });
    const rotated = await call("POST", "/api/user/auth-tokens/rotate", undefined, { user: "", headers: { cookie } });
    const next = cookieOf(rotated.headers);
    expect(next).not.toBe(cookie);
    for (const one of [cookie, next]) {
      expect((await call("GET", "/api/user", undefined, { user: "", headers: { cookie: one } })).status).toBe(200);
    }
    await call("GET", "/logout", undefined, { user: "", headers: { cookie: next } });
    expect((await call("GET", "/api/user", undefined, { user: "", headers: { cookie: next } })).status).toBe(401);
  });
});

test("main() refuses requests that use the session from pages of other sites", async () => {
  await withRole({ env: { GF_SECURITY_CSRF_TRUSTED_ORIGINS: "good.example" } }, async ({ call, url }) => {
    const login = await call("POST", "/login", { user: "admin", password: "secret" }, nobody);
    const cookie = cookieOf(login.headers);
    const from = (origin: string): Promise<number> =>
      call("PUT", "/api/user", { name: "Ann" }, { user: "", headers: { cookie, origin } }).then(({ status }) => status);
    expect(await from("http://evil.example")).toBe(403);
    expect(await from("null")).toBe(403);
    expect(await from(url)).toBe(200);
    expect(await from("https://good.example")).toBe(200);
  });
});

test("main() refuses the sixth wrong password within five minutes", async () => {
  await withRole({}, async ({ call }) => {
    const attempt = (password: string) => call("POST", "/login", { user: "admin", password }, nobody);
    const wrong = await Promise.all(Array.from({ length: 5 }, () => attempt("wrong")));
    for (const { status, json } of wrong) {
      expect([status, json.messageId, json.message]).toEqual([
        401,
        "password-auth.failed",
        "Invalid username or password",
      ]);
    }
    const sixth = await attempt("secret");
    expect([sixth.status, sixth.json.messageId]).toEqual([401, "password-auth.failed"]);
    expect(sixth.json.message).toBe("Too many failed logins; try again in 5 minutes");
  });
});

test("main() opens its pages to everyone if configured, with the configured role", async () => {
  const env = {
    GF_AUTH_ANONYMOUS_ENABLED: "true",
    GF_AUTH_ANONYMOUS_ORG_ROLE: "editor",
    GF_AUTH_ANONYMOUS_HIDE_VERSION: "1",
  };
  await withRole({ env }, async ({ call }) => {
    const { json } = await call("GET", "/api/frontend/settings", undefined, nobody);
    expect([json.anonymousEnabled, json.user, json.buildInfo.version]).toEqual([
      true,
      { isSignedIn: false, login: "", orgRole: "Editor", isGrafanaAdmin: false, canExplore: true },
      "",
    ]);
    expect((await call("GET", "/api/user", undefined, nobody)).status).toBe(401);
    // Status 503 means that the route exists: the UI's pages are not built in tests.
    expect((await call("GET", "/d/x", undefined, nobody)).status).toBe(503);
  });
});

test("main() generates a password if none is set, writes it to a file that the first change removes, and logs only the name of the file", async () => {
  const folder = temporaryFolder();
  const env = { GF_SECURITY_ADMIN_PASSWORD: "" };
  const password = await withRole({ env, folder }, async ({ host, call }) => {
    const file = /file=(\S+initial-admin-password)/.exec(host.output.stderr)![1]!;
    const found = readFileSync(file, "utf8").trim();
    expect([found.length, statSync(file).mode & 0o777]).toEqual([20, 0o600]);
    expect(host.output.stderr).not.toContain(found);
    const settings = async (headers: Record<string, string>): Promise<unknown> =>
      (await call("GET", "/api/frontend/settings", undefined, { ...nobody, headers })).json.narthexFirstPassword;
    expect(await settings({})).toBe(file);
    expect(await settings({ "x-forwarded-for": "192.0.2.1" })).toBeUndefined();
    expect((await call("GET", "/api/user", undefined, { user: `admin:${found}` })).status).toBe(200);
    expect((await call("GET", "/api/user", undefined, { user: "admin:admin" })).status).toBe(401);
    return found;
  });
  await withRole({ env: { GF_SECURITY_ADMIN_PASSWORD: "other" }, folder }, async ({ host, call }) => {
    expect(host.output.stderr).not.toContain(password);
    expect(host.output.stderr).toContain("security.admin_password differs from the stored password");
    const changed = await call(
      "PUT",
      "/api/user/password",
      { oldPassword: password, newPassword: "better" },
      { user: `admin:${password}` },
    );
    expect(changed.json).toEqual({ message: "User password changed" });
    expect(existsSync(join(folder, "data/initial-admin-password"))).toBe(false);
    expect((await call("GET", "/api/user", undefined, { user: "admin:better" })).status).toBe(200);
  });
});

test("main() signs in the user who started it, once, by a link", async () => {
  const key = "abcdefghijklmnopqrstuvwxyz";
  const env = { NARTHEX_LOGIN_LINK: key };
  const token = datedToken(key, Date.now() + 60_000);
  await withRole({ env }, async ({ call }) => {
    const follow = (headers = {}) => call("GET", `/login/link?token=${token}`, undefined, { user: "", headers });
    expect((await follow({ "x-forwarded-for": "10.0.0.1" })).headers.get("location")).toBe("/login");
    const first = await follow();
    expect(first.headers.get("location")).toBe("/");
    const cookie = cookieOf(first.headers);
    expect((await call("GET", "/api/user", undefined, { user: "", headers: { cookie } })).json.login).toBe("admin");
    expect((await follow()).headers.get("location")).toBe("/login");
  });
});

test("main() answers below the path of root_url and without it", async () => {
  const env = { GF_SERVER_ROOT_URL: "https://example.org/grafana/" };
  await withRole({ env }, async ({ call }) => {
    expect((await call("GET", "/grafana/api/health", undefined, nobody)).status).toBe(200);
    expect((await call("GET", "/api/health", undefined, nobody)).status).toBe(200);
    for (const prefix of ["", "/grafana"]) {
      expect((await call("GET", `${prefix}/api/search/?query=x`)).json).toEqual([]);
    }
    const page = await call("GET", "/grafana/d/x", undefined, { ...nobody, headers: html });
    expect(page.headers.get("location")).toBe("/grafana/login");
  });
});

test("main() does not start with invalid settings, and prints them", async () => {
  const host = testHost(["cfg:server.http_port=x", "--web.listen-address=127.0.0.1:0"], {
    env: { GF_PATHS_DATA: "/tmp" },
  });
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toContain('server.http_port: \\"x\\" is not a whole number');
});

test("main() accepts the command line of Grafana's image", async () => {
  const args = [
    "--homepath=/usr/share/grafana",
    "-packaging=docker",
    "cfg:default.log.mode=console",
    "cfg:server.domain=d",
  ];
  await withRole({ args }, async ({ call }) => {
    expect((await call("GET", "/api/frontend/settings", undefined, nobody)).json.appUrl).toBe("http://d:3000/");
  });
});
