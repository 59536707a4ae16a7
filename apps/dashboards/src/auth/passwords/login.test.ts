import { createHook } from "node:async_hooks";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { grafanaPassword, writeGrafanaFile } from "../../testing/grafana-file.ts";
import { type Answer, type RunningRole, withRole } from "../../testing/running-role.ts";
import { hashPassword, isPassword } from "./passwords.ts";

const TRUSTED = { GF_SERVER_TRUSTED_PROXIES: "127.0.0.1" };
const nobody = { user: "" };

/** Logs in as a client with the given address, through a trusted proxy. */
const loginFrom =
  ({ call }: RunningRole) =>
  (address: string, password: string, user = "admin"): Promise<Answer> =>
    call("POST", "/login", { user, password }, { user: "", headers: { "x-forwarded-for": address } });

test("a client that fills the queue with logins does not lock out others", async () => {
  await withRole({ env: TRUSTED }, async (role) => {
    const login = loginFrom(role);
    const flood = Array.from({ length: 150 }, (_, i) => login("9.9.9.9", "wrong", `user ${i}`));
    const other = await login("8.8.8.8", "secret");
    expect(other.status).toBe(200);
    const refused = (await Promise.all(flood)).filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
  });
});

test("failed logins from one network are counted together, even across a restart", async () => {
  const folder = temporaryFolder();
  await withRole({ env: TRUSTED, folder }, async (role) => {
    const login = loginFrom(role);
    for (let i = 1; i <= 5; i++) expect((await login(`2001:db8::${i}`, "wrong")).status).toBe(401);
    expect((await login("2001:db8:0:0:ffff::6", "secret")).json.message).toMatch(/^Too many failed logins/);
    expect((await login("2001:db8:0:1::6", "secret")).status).toBe(200);
  });
  await withRole({ env: TRUSTED, folder }, async (role) => {
    expect((await loginFrom(role)("2001:db8::7", "secret")).json.message).toMatch(/^Too many failed logins/);
  });
});

test("failed logins from one network with many names, and with one name from many networks, are limited", async () => {
  const env = { ...TRUSTED, GF_SECURITY_BRUTE_FORCE_LOGIN_PROTECTION_MAX_ATTEMPTS: "1" };
  await withRole({ env }, async (role) => {
    const login = loginFrom(role);
    for (let i = 0; i < 10; i++) expect((await login("9.9.9.9", "wrong", `user ${i}`)).status).toBe(401);
    expect((await login("9.9.9.9", "secret")).json.message).toMatch(/^Too many failed logins/);
    // Failures from other networks are not counted, because the user is signed in from this network.
    expect((await login("7.7.7.7", "secret")).status).toBe(200);
    for (let i = 0; i < 20; i++) expect((await login(`10.0.0.${i}`, "wrong")).json.message).toMatch(/^Invalid/);
    expect((await login("8.8.8.8", "secret")).json.message).toMatch(/^Too many failed logins/);
    expect((await login("7.7.7.7", "secret")).status).toBe(200);
  });
});

test("clients behind an untrusted proxy have a larger limit, and the log contains the proxy's address", async () => {
  const env = { GF_SECURITY_BRUTE_FORCE_LOGIN_PROTECTION_MAX_ATTEMPTS: "1" };
  await withRole({ env }, async (role) => {
    const login = loginFrom(role);
    for (let i = 0; i < 10; i++) await login("9.9.9.9", "wrong", `user ${i}`);
    expect((await login("9.9.9.9", "secret")).status).toBe(200);
    expect(
      role.host.output.stderr.match(/came through a proxy that hides its clients.*address=127\.0\.0\.1/g),
    ).toHaveLength(1);
  });
});

test("checking a password takes the same work whether the user exists or not", async () => {
  const jobs: string[] = [];
  const hook = createHook({ init: (_id, type) => void (/ARGON2|SCRYPT|PBKDF2/.test(type) && jobs.push(type)) });
  const imported = { algorithm: "pbkdf2", salt: "salt", hash: grafanaPassword("right", "salt") } as const;
  const own = await hashPassword("right");
  hook.enable();
  const derived = async (...given: Parameters<typeof isPassword>): Promise<readonly [boolean, string]> => {
    jobs.length = 0;
    const isRight = await isPassword(...given);
    return [isRight, jobs.toSorted().join()];
  };
  const both = "ARGON2REQUEST,PBKDF2REQUEST";
  const all = new Set(["argon2id", "pbkdf2"] as const);
  expect(await derived("right", own, all)).toEqual([true, both]);
  expect(await derived("right", imported, all)).toEqual([true, both]);
  expect(await derived("", undefined, all)).toEqual([false, both]);
  hook.disable();
});

test("the password hash of an imported Grafana user is replaced at the login", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "data"));
  const password = grafanaPassword("eves password", "salt");
  const user = { login: "eve", email: "e@x", name: "", password, salt: "salt", is_admin: 1, is_disabled: 0 };
  writeGrafanaFile(join(folder, "data/grafana.db"), {
    user: [{ id: 1, ...user, is_service_account: 0 }],
    org_user: [{ org_id: 1, user_id: 1, role: "Admin" }],
    user_auth: [
      { user_id: 1, auth_module: "ldap", auth_id: "cn=eve" },
      { user_id: 1, auth_module: "auth.saml", auth_id: "eve" },
    ],
  });
  const external = async (): Promise<readonly string[]> => {
    const store = openSqlite(join(folder, "data/narthex.db"));
    const entries = await store.collection("credentials").entries();
    await store.close();
    return entries.map(({ key }) => key).filter((key) => key.startsWith("external/"));
  };
  const algorithm = async (): Promise<unknown> => {
    const store = openSqlite(join(folder, "data/narthex.db"));
    const entry = await store.collection("credentials").get("password/1");
    await store.close();
    return (JSON.parse(entry!.value) as { hash: { algorithm: string } }).hash.algorithm;
  };
  await withRole({ folder }, async () => undefined);
  expect([await algorithm(), await external()]).toEqual(["pbkdf2", ["external/ldap/cn=eve"]]);
  await withRole({ folder }, async ({ call }) => {
    for (let i = 0; i < 2; i++)
      expect((await call("POST", "/login", { user: "eve", password: "eves password" }, nobody)).status).toBe(200);
  });
  expect(await algorithm()).toBe("argon2id");
  await withRole({ folder }, async ({ call }) => {
    expect((await call("GET", "/api/user", undefined, { user: "eve:eves password" })).status).toBe(200);
  });
});

test("a page of another site cannot sign a browser in as another user", async () => {
  await withRole({}, async ({ call, url }) => {
    const login = (headers: Readonly<Record<string, string>>): Promise<number> =>
      call("POST", "/login", { user: "admin", password: "secret" }, { user: "", headers }).then(({ status }) => status);
    expect(await login({ origin: "http://evil.example" })).toBe(403);
    expect(await login({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await login({ origin: url })).toBe(200);
    expect(await login({})).toBe(200);
  });
});

test("auth.disable_login_form disables the form, but not Basic authentication", async () => {
  await withRole({ env: { GF_AUTH_DISABLE_LOGIN_FORM: "true" } }, async ({ call }) => {
    const login = await call("POST", "/login", { user: "admin", password: "secret" }, nobody);
    expect([login.status, login.headers.getSetCookie(), login.json.message]).toEqual([
      403,
      [],
      "the login form is disabled: auth.disable_login_form",
    ]);
    expect((await call("GET", "/api/user")).status).toBe(200);
  });
});
