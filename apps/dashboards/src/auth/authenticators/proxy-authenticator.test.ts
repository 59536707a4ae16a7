import { expect, test } from "vitest";
import { type RunningRole, withRole } from "../../testing/running-role.ts";

type Texts = Readonly<Record<string, string>>;

const envWith = (more: Texts = {}): Texts =>
  Object.fromEntries(
    Object.entries({ ENABLED: "true", ...more }).map(([key, value]) => [`GF_AUTH_PROXY_${key}`, value]),
  );

const withHeaders = (role: RunningRole, headers: Texts, path = "/api/user") =>
  role.call("GET", path, undefined, { user: "", headers });

const HEADERS = "Name:X-Name Email:X-Email Role:X-Role Groups:X-Groups";

test("the header of a proxy signs a user in, with the names, the role and the groups of further headers", async () => {
  await withRole({ env: envWith({ WHITELIST: "10.0.0.0/8, 127.0.0.1", HEADERS }) }, async (role) => {
    const { teamId } = (await role.call("POST", "/api/teams", { name: "Operations" })).json;
    await role.call("POST", `/api/teams/${teamId}/groups`, { groupId: "ops team" });
    const headers = { "x-webauth-user": "ann", "x-email": "ann@x", "x-role": "Editor", "x-groups": "dev, ops team" };
    const user = await withHeaders(role, headers);
    expect(user.json).toMatchObject({ id: 2, login: "ann", email: "ann@x", authLabels: ["Auth Proxy"] });
    expect(user.headers.getSetCookie()).toEqual([]);
    expect((await role.call("GET", "/api/users/2/orgs")).json).toMatchObject([{ role: "Editor" }]);
    expect((await role.call("GET", "/api/users/2/teams")).json).toMatchObject([{ name: "Operations" }]);
    // Signs in with the invalid role King in the header, which must not change the user's role.
    await withHeaders(role, { ...headers, "x-role": "King", "x-groups": "" });
    expect((await role.call("GET", "/api/users/2/orgs")).json).toMatchObject([{ role: "Editor" }]);
    expect((await role.call("GET", "/api/users/2/teams")).json).toEqual([]);
    expect(role.host.output.stderr).not.toContain("auth.proxy.whitelist is empty");
  });
});

test("groups make a user outside the organization a member of no team, until somebody adds the user again", async () => {
  await withRole({ env: envWith({ HEADERS: "Groups:X-Groups" }) }, async (role) => {
    const { teamId } = (await role.call("POST", "/api/teams", { name: "Operations" })).json;
    await role.call("POST", `/api/teams/${teamId}/groups`, { groupId: "ops" });
    const teams = async () => {
      await withHeaders(role, { "x-webauth-user": "ann", "x-groups": "ops" });
      return (await role.call("GET", "/api/users/2/teams")).json;
    };
    expect(await teams()).toMatchObject([{ name: "Operations" }]);
    await role.call("DELETE", "/api/orgs/1/users/2");
    expect(await teams()).toEqual([]);
    await role.call("POST", "/api/org/users", { loginOrEmail: "ann", role: "Viewer" });
    expect(await teams()).toMatchObject([{ name: "Operations" }]);
  });
});

test("the header is refused from an address that is not a proxy, whatever X-Forwarded-For contains", async () => {
  const env = { ...envWith({ WHITELIST: "10.0.0.1" }), GF_SERVER_TRUSTED_PROXIES: "127.0.0.1" };
  await withRole({ env }, async (role) => {
    for (const forwarded of [{}, { "x-forwarded-for": "10.0.0.1" }]) {
      const answer = await withHeaders(role, { "x-webauth-user": "admin", ...forwarded });
      expect([answer.status, answer.json.messageId]).toEqual([401, "auth-proxy.invalid-ip"]);
    }
  });
});

test("without a list of proxies, the header is accepted from everybody, and the log warns", async () => {
  await withRole({ env: envWith() }, async (role) => {
    expect((await withHeaders(role, { "x-webauth-user": "admin" })).json).toMatchObject({ id: 1 });
    expect(role.host.output.stderr).toContain("auth.proxy.whitelist is empty");
  });
});

test("the header can contain an e-mail address, and unknown users can be refused", async () => {
  await withRole({ env: envWith({ HEADER_PROPERTY: "email", AUTO_SIGN_UP: "false" }) }, async (role) => {
    expect((await withHeaders(role, { "x-webauth-user": "ADMIN@localhost" })).json).toMatchObject({ id: 1 });
    expect((await withHeaders(role, { "x-webauth-user": "eve@x" })).json.messageId).toBe("auth-proxy.sign-up-off");
  });
});

test("a session begins if the settings want one, and each further request with its cookie keeps it", async () => {
  await withRole({ env: envWith({ ENABLE_LOGIN_TOKEN: "true" }) }, async (role) => {
    const first = await withHeaders(role, { "x-webauth-user": "ann" });
    const cookie = first.headers.getSetCookie()[0]!.split(";", 1)[0]!;
    expect((await withHeaders(role, { cookie })).json).toMatchObject({ login: "ann" });
    const again = await withHeaders(role, { cookie, "x-webauth-user": "ann" });
    expect(again.headers.getSetCookie()).toEqual([]);
    const other = await withHeaders(role, { cookie, "x-webauth-user": "bob" });
    expect([other.json.login, other.headers.getSetCookie().length]).toEqual(["bob", 2]);
  });
});

test("a page of another site cannot use the header that a proxy adds", async () => {
  await withRole({ env: envWith() }, async (role) => {
    const headers = { "x-webauth-user": "admin", "sec-fetch-site": "cross-site", origin: "https://evil.test" };
    const answer = await role.call("POST", "/api/teams", { name: "x" }, { user: "", headers });
    expect([answer.status, answer.json.message]).toEqual([403, "origin not allowed"]);
  });
});

test.each<[Texts, string]>([
  [{ HEADERS: "Colour:X-Colour" }, 'auth.proxy.headers: \\"Colour:X-Colour\\"'],
  [{ HEADERS: "Name" }, "auth.proxy.headers"],
  [{ WHITELIST: "proxy.test" }, "auth.proxy.whitelist"],
])("the server does not start with the settings %j of a proxy", async (more, problem) => {
  await expect(withRole({ env: envWith(more) }, async () => undefined)).rejects.toThrow(problem);
});

test("nobody takes the name of a colleague who has not signed in yet", async () => {
  await withRole({ env: envWith({ HEADERS }) }, async (role) => {
    await role.call("POST", "/api/admin/users", { login: "eve", email: "eve@x", password: "eves password" });
    const eve = { user: "eve:eves password" };
    for (const names of [{ login: "boss" }, { email: "boss@x" }])
      expect([names, (await role.call("PUT", "/api/user", { name: "Eve", ...names }, eve)).status]).toEqual([
        names,
        400,
      ]);
    expect((await role.call("PUT", "/api/user", { name: "Eva" }, eve)).status).toBe(200);
    const invited = await role.call("POST", "/api/org/invites", { loginOrEmail: "max@x", role: "Viewer" });
    const accept = (more: object) => {
      const inviteCode = String(invited.json.narthexUrl).split("/invite/")[1];
      const body = { inviteCode, password: "maxs password", ...more };
      return role.call("POST", "/api/user/invite/complete", body, { user: "" });
    };
    for (const names of [{ username: "boss" }, { email: "boss@x" }]) expect((await accept(names)).status).toBe(400);
    const boss = await withHeaders(role, { "x-webauth-user": "boss", "x-email": "boss@x", "x-role": "Admin" });
    expect(boss.json.id).toBe(3);
    expect((await role.call("GET", "/api/users/2")).json).toMatchObject({ login: "eve", name: "Eva" });
    expect((await accept({ email: "MAX@x" })).status).toBe(200);
    expect((await role.call("PUT", "/api/user", { login: "root" })).status).toBe(200);
  });
});

test("users without an address change their own names, and an empty name in a list of members is nobody", async () => {
  await withRole({ env: envWith() }, async (role) => {
    for (const login of ["ann", "eve"]) await withHeaders(role, { "x-webauth-user": login });
    const headers = { "x-webauth-user": "eve", "sec-fetch-site": "same-origin" };
    const changed = await role.call("PUT", "/api/user", { name: "Eva" }, { user: "", headers });
    expect([changed.status, changed.json.message]).toEqual([200, "User updated"]);
    const admin = { user: "admin:secret", headers: { "sec-fetch-site": "same-origin" } };
    await role.call("POST", "/api/teams", { name: "Operations" }, admin);
    expect((await role.call("PUT", "/api/teams/1/members", { members: [""] }, admin)).status).toBe(404);
  });
});
