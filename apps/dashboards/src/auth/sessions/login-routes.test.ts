import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Answer, withRole } from "../../testing/running-role.ts";

const nobody = { user: "" };
const credentials = { user: "admin", password: "secret" };
const cookieOf = (answer: Answer): string => answer.headers.getSetCookie()[0]!.split(";")[0]!;
const names = (answer: Answer): readonly string[] =>
  answer.headers
    .getSetCookie()
    .map((text) => text.replace(/=;.*| *=[^;]+;.*/s, (rest) => (rest.startsWith("=;") ? " is cleared" : " is set")));

test("a login redirects to the page that the browser had requested, and a logout redirects to the login", async () => {
  await withRole({}, async ({ call, host }) => {
    const login = (headers: Readonly<Record<string, string>>, body = credentials) =>
      call("POST", "/login", body, { user: "", headers });
    const urls: unknown[] = [];
    for (const wanted of ["%2Fd%2Fx%3Fa%3Db", "http%3A%2F%2Fevil", "%zz", ""])
      urls.push((await login({ cookie: `redirect_to=${wanted}` })).json.redirectUrl);
    expect(urls).toEqual(["/d/x?a=b", "/", "/", "/"]);
    const first = await login({});
    expect([first.status, first.json.message]).toEqual([200, "Logged in"]);
    expect(names(first)).toEqual(["grafana_session is set", "grafana_session_expiry is set", "redirect_to is cleared"]);
    const as = { user: "", headers: { cookie: cookieOf(first) } };
    const rotated = await call("POST", "/api/user/auth-tokens/rotate", undefined, as);
    expect([rotated.status, rotated.json, names(rotated)]).toEqual([
      200,
      { message: "Token rotated" },
      ["grafana_session is set", "grafana_session_expiry is set"],
    ]);
    expect((await call("GET", "/api/user/auth-tokens/rotate")).status).toBe(401);
    const out = await call("GET", "/logout", undefined, { user: "", headers: { cookie: cookieOf(rotated) } });
    expect([out.status, out.headers.get("location"), names(out)]).toEqual([
      302,
      "/login",
      ["grafana_session is cleared", "grafana_session_expiry is cleared"],
    ]);
    const cookie = cookieOf(rotated);
    expect((await call("GET", "/api/user", undefined, { user: "", headers: { cookie } })).status).toBe(401);
    const long = await login({}, { user: "x".repeat(200), password: "wrong" });
    expect([long.status, host.output.stderr.match(/A login failed.*user=(x+)\b/)?.[1]?.length]).toEqual([401, 100]);
    const link = await call("GET", "/login/link?token=x", undefined, nobody);
    expect([link.status, link.headers.get("location"), link.headers.getSetCookie()]).toEqual([302, "/login", []]);
    expect(host.output.stderr).toContain("A login link was refused");
  });
});

test("answers use the configured path, and the configured page after a logout", async () => {
  const env = { GF_SERVER_ROOT_URL: "http://x/sub/", GF_AUTH_SIGNOUT_REDIRECT_URL: "http://sso/out" };
  await withRole({ env }, async ({ call }) => {
    const login = await call("POST", "/login", credentials, { user: "", headers: { cookie: "redirect_to=%2Fd%2Fx" } });
    expect(login.json.redirectUrl).toBe("/sub/d/x");
    const out = await call("GET", "/logout", undefined, nobody);
    expect([out.status, out.headers.get("location")]).toEqual([302, "http://sso/out"]);
    expect((await call("GET", "/login/link?token=x", undefined, nobody)).headers.get("location")).toBe("/sub/login");
  });
});

test("the answer to a login says that the password is the generated one, until it changes", async () => {
  await withRole({ env: { GF_SECURITY_ADMIN_PASSWORD: "" } }, async ({ call, folder }) => {
    const generated = readFileSync(join(folder, "data", "initial-admin-password"), "utf8").trim();
    const login = (password: string): Promise<Answer> =>
      call("POST", "/login", { user: "admin", password }, { user: "" });
    const first = await login(generated);
    expect(first.json).toEqual({ message: "Logged in", redirectUrl: "/", narthexGeneratedPassword: true });
    const as = { user: "", headers: { cookie: cookieOf(first) } };
    const account = { name: "Bo", login: "bo", password: generated };
    expect((await call("POST", "/api/admin/users", account, as)).status).toBe(200);
    const other = await call("POST", "/login", { user: "bo", password: generated }, { user: "" });
    expect(other.json).toEqual({ message: "Logged in", redirectUrl: "/" });
    const change = { oldPassword: generated, newPassword: "my own" };
    expect((await call("PUT", "/api/user/password", change, as)).status).toBe(200);
    expect((await login("my own")).json).toEqual({ message: "Logged in", redirectUrl: "/" });
  });
});
