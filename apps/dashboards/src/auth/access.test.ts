import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

const nobody = { user: "" };
const EVERYBODY_ADMIN = { GF_AUTH_ANONYMOUS_ENABLED: "true", GF_AUTH_ANONYMOUS_ORG_ROLE: "Admin" };

test("profiles of the process, which contain its command line, are readable only for the server's admin", async () => {
  await withRole({ env: EVERYBODY_ADMIN, args: ["cfg:database.password=hidden"] }, async ({ call }) => {
    const seen = await call("GET", "/debug/pprof/cmdline", undefined, nobody);
    expect([seen.status, seen.text]).toEqual([401, expect.not.stringContaining("hidden")]);
    expect((await call("GET", "/debug/pprof/cmdline")).status).toBe(200);
  });
});

test("metrics are readable for everyone, or only for the user in the settings", async () => {
  await withRole({}, async ({ call }) => {
    for (let i = 0; i < 6; i++) {
      const options = { user: "", headers: { authorization: `Basic ${btoa("admin:wrong")}` } };
      expect((await call("GET", "/metrics", undefined, options)).status).toBe(200);
    }
    expect((await call("GET", "/api/user")).status).toBe(200);
    expect((await call("GET", "/robots.txt", undefined, nobody)).text).toBe("User-agent: *\nDisallow: /\n");
  });
  const env = { GF_METRICS_BASIC_AUTH_USERNAME: "scraper", GF_METRICS_BASIC_AUTH_PASSWORD: "s" };
  await withRole({ env }, async ({ call }) => {
    expect((await call("GET", "/metrics", undefined, { user: "scraper:s" })).status).toBe(200);
    const refused = await call("GET", "/metrics");
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, 'Basic realm="metrics"']);
    expect((await call("GET", "/api/user", undefined, { user: "scraper:s" })).status).toBe(401);
  });
  await withRole({ env: { GF_METRICS_ENABLED: "false" } }, async ({ call }) => {
    expect((await call("GET", "/metrics")).status).toBe(404);
  });
});

test("if everyone may make changes, requests from pages of other sites still cannot change anything", async () => {
  await withRole({ env: EVERYBODY_ADMIN }, async ({ call, url }) => {
    const make = (headers: Readonly<Record<string, string>>): Promise<number> =>
      call("POST", "/api/folders", { title: "x" }, { user: "", headers }).then(({ status }) => status);
    expect(await make({ origin: "http://evil.example" })).toBe(403);
    expect(await make({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await make({ origin: url })).toBe(200);
    expect(await make({})).toBe(200);
  });
});

test("pages receive the proxy address of a data source, not its own address", async () => {
  await withRole({}, async ({ call }) => {
    const source = {
      uid: "u",
      name: "P",
      type: "prometheus",
      url: "http://hidden:1",
      user: "hidden",
      database: "hidden",
    };
    await call("POST", "/api/datasources", source);
    const { json, text } = await call("GET", "/api/frontend/settings");
    expect(json.datasources.P).toMatchObject({ uid: "u", url: "/api/datasources/proxy/uid/u", access: "proxy" });
    expect(text).not.toContain("hidden");
  });
});

test("wrong old passwords in a change of the password are limited in the same way as failed logins", async () => {
  await withRole({}, async ({ call }) => {
    const login = await call("POST", "/login", { user: "admin", password: "secret" }, nobody);
    const cookie = login.headers
      .getSetCookie()
      .map((one) => one.split(";")[0]!)
      .find((one) => one.startsWith("grafana_session="))!;
    const change = (oldPassword: string) =>
      call("PUT", "/api/user/password", { oldPassword, newPassword: "better" }, { user: "", headers: { cookie } });
    for (let i = 0; i < 5; i++) expect((await change("wrong")).json).toEqual({ message: "Invalid old password" });
    const sixth = await change("secret");
    expect([sixth.status, sixth.json.message]).toEqual([401, "Too many failed logins; try again in 5 minutes"]);
  });
});
