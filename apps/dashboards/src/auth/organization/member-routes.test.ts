import { expect, test } from "vitest";
import { type RunningRole, withRole } from "../../testing/running-role.ts";

const as = (login: string) => ({ user: `${login}:${login}s password` });

/** Adds users with the ids 2, 3 and so on. */
async function withUsers(logins: readonly string[], use: (role: RunningRole) => Promise<void>): Promise<void> {
  await withRole({}, async (role) => {
    for (const login of logins) await role.call("POST", "/api/admin/users", { login, password: `${login}s password` });
    await use(role);
  });
}

test("an admin of the organization removes members, but no admin of the server", async () => {
  await withUsers(["ann", "bob", "eve"], async ({ call }) => {
    await call("PATCH", "/api/org/users/2", { role: "Admin" });
    await call("PUT", "/api/admin/users/3/permissions", { isGrafanaAdmin: true });
    const refused = await call("DELETE", "/api/org/users/3", undefined, as("ann"));
    expect([refused.status, refused.json.title]).toEqual([403, "Access denied"]);
    expect((await call("GET", "/api/users/3")).status).toBe(200);
    expect((await call("DELETE", "/api/org/users/4", undefined, as("ann"))).json).toEqual({ message: "User deleted" });
    expect((await call("GET", "/api/user", undefined, as("eve"))).status).toBe(401);
    expect((await call("DELETE", "/api/org/users/3", undefined, as("bob"))).status).toBe(403);
    expect((await call("DELETE", "/api/org/users/3")).json).toEqual({ message: "User deleted" });
  });
});

test("a user outside the organization has no role, no team and no permission until somebody adds the user again", async () => {
  await withUsers(["ann"], async ({ call }) => {
    await call("POST", "/api/folders", { uid: "f", title: "F" });
    await call("POST", "/api/folders/f/permissions", { items: [{ userId: 2, permission: 4 }] });
    await call("POST", "/api/teams", { name: "Ops" });
    await call("POST", "/api/teams/1/members", { userId: 2 });
    const folder = async () => (await call("GET", "/api/folders/f", undefined, as("ann"))).status;
    expect(await folder()).toBe(200);
    expect((await call("DELETE", "/api/orgs/1/users/2")).json).toEqual({ message: "User removed from organization" });
    expect(await folder()).toBe(403);
    expect((await call("GET", "/api/org/users")).json).toMatchObject([{ login: "admin" }]);
    expect((await call("GET", "/api/org/users/lookup")).json).toMatchObject([{ login: "admin" }]);
    expect((await call("GET", "/api/users/2/teams")).json).toEqual([]);
    expect((await call("GET", "/api/user/orgs", undefined, as("ann"))).json).toEqual([]);
    expect((await call("POST", "/api/user/using/1", undefined, as("ann"))).status).toBe(401);
    expect((await call("PATCH", "/api/org/users/2", { role: "Admin" })).status).toBe(404);
    const added = await call("POST", "/api/org/users", { loginOrEmail: "ann", role: "Viewer" });
    expect(added.json).toEqual({ message: "User added to organization", userId: 2 });
    expect(await folder()).toBe(200);
  });
});

test("a team does not give permissions to a user outside the organization whom a group or an admin adds to it", async () => {
  await withUsers(["ann"], async ({ call }) => {
    await call("POST", "/api/teams", { name: "Ops" });
    await call("POST", "/api/folders", { uid: "f", title: "F" });
    await call("POST", "/api/folders/f/permissions", { items: [{ teamId: 1, permission: 4 }] });
    await call("DELETE", "/api/orgs/1/users/2");
    await call("POST", "/api/teams/1/members", { userId: 2 });
    const folder = async () => (await call("GET", "/api/folders/f", undefined, as("ann"))).status;
    expect(await folder()).toBe(403);
    await call("POST", "/api/org/users", { loginOrEmail: "ann", role: "None" });
    expect(await folder()).toBe(200);
  });
});

test("the role None alone does not end the membership", async () => {
  await withUsers(["ann"], async ({ call }) => {
    await call("PATCH", "/api/org/users/2", { role: "None" });
    expect((await call("GET", "/api/org/users")).json).toMatchObject([{ login: "admin" }, { login: "ann" }]);
    expect((await call("GET", "/api/users/2/orgs")).json).toMatchObject([{ orgId: 1, role: "None" }]);
  });
});

test("the name and the address of the organization are limited, and only admins change them", async () => {
  await withUsers(["ann"], async ({ call }) => {
    const long = "x".repeat(256);
    const status = async (path: string, body: object, user: object = {}) =>
      (await call("PUT", path, body, user)).status;
    expect(await status("/api/org", { name: long })).toBe(400);
    expect(await status("/api/org/address", { city: long })).toBe(400);
    expect(await status("/api/org", { name: "Own" }, as("ann"))).toBe(403);
    await call("PATCH", "/api/org/users/2", { role: "Admin" });
    expect(await status("/api/org", { name: "Own" }, as("ann"))).toBe(200);
    expect(await status("/api/orgs/1", { name: "Theirs" }, as("ann"))).toBe(403);
    expect((await call("GET", "/api/org")).json.name).toBe("Own");
  });
});
