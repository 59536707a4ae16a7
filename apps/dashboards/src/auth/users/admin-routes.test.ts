import { expect, test } from "vitest";
import { withRole } from "../../testing/running-role.ts";

test("admins can list users, the organization and an empty list of teams, and can set names and passwords", async () => {
  await withRole({}, async ({ call }) => {
    const get = async (path: string) => (await call("GET", path)).json;
    expect(await get("/api/users")).toEqual([expect.objectContaining({ id: 1, login: "admin", isAdmin: true })]);
    expect(await get("/api/users/search?query=ADM&perpage=10")).toMatchObject({ totalCount: 1, page: 1, perPage: 10 });
    expect((await get("/api/users/search?query=nobody")).users).toEqual([]);
    expect(await get("/api/users/lookup?loginOrEmail=admin@localhost")).toMatchObject({ id: 1, isGrafanaAdmin: true });
    expect((await call("GET", "/api/users/7")).json).toEqual({ message: "user not found" });
    expect((await call("PUT", "/api/users/1", { name: "Ann", email: "ann@x" })).json).toEqual({
      message: "User updated",
    });
    expect(await get("/api/users/1")).toMatchObject({ name: "Ann", email: "ann@x", login: "admin" });
    expect(await get("/api/users/1/orgs")).toEqual([{ orgId: 1, name: "Main Org.", role: "Admin" }]);
    expect(await get("/api/org")).toMatchObject({ id: 1, name: "Main Org." });
    expect(await get("/api/org/users")).toEqual([expect.objectContaining({ userId: 1, role: "Admin" })]);
    expect(await get("/api/orgs")).toEqual([{ id: 1, name: "Main Org." }]);
    expect((await get("/api/orgs/name/Main%20Org.")).id).toBe(1);
    expect((await call("GET", "/api/orgs/2")).json).toEqual({ message: "Organization not found" });
    expect((await get("/api/teams/search")).teams).toEqual([]);
    expect((await get("/api/serviceaccounts/search")).serviceAccounts).toEqual([]);
    const short = await call("PUT", "/api/admin/users/1/password", { password: "x" });
    expect([short.status, short.json]).toEqual([400, { message: "Password is missing or too short" }]);
    expect((await call("PUT", "/api/admin/users/1/password", { password: "better" })).json).toEqual({
      message: "User password updated",
    });
    expect((await call("GET", "/api/users")).status).toBe(401);
    expect((await call("GET", "/api/users", undefined, { user: "admin:better" })).status).toBe(200);
  });
});

test("the server's admin can read the settings, with secrets as stars, and the numbers of objects", async () => {
  await withRole({}, async ({ call }) => {
    const { json, text } = await call("GET", "/api/admin/settings");
    expect(json.security).toMatchObject({ admin_user: "admin", admin_password: "*********" });
    expect(json["auth.anonymous"].enabled).toBe("false");
    expect(text).not.toContain(':"secret"');
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "d", title: "D", tags: ["a", "b"] } });
    await call("POST", "/api/user/stars/dashboard/uid/d");
    expect((await call("GET", "/api/admin/stats")).json).toMatchObject({ dashboards: 1, tags: 2, stars: 1, users: 1 });
  });
});

test("an admin lists and ends sessions of users, and cannot sign out themselves by mistake", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/login", { user: "admin", password: "secret" }, { user: "" });
    const [token] = (await call("GET", "/api/admin/users/1/auth-tokens")).json;
    expect(token).toMatchObject({ id: 1, isActive: false });
    expect((await call("POST", "/api/admin/users/1/logout")).status).toBe(400);
    const revoke = (authTokenId: number) => call("POST", "/api/admin/users/1/revoke-auth-token", { authTokenId });
    expect((await revoke(token.id)).json).toEqual({ message: "User auth token revoked" });
    expect((await revoke(token.id)).status).toBe(404);
  });
});
