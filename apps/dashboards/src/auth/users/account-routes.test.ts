import { expect, test } from "vitest";
import { withRole } from "../../testing/running-role.ts";

const bob = { name: "Bob", login: "bob", email: "bob@x", password: "bobs password", OrgId: 1 };

test("an admin adds users, sets their roles, and disables them", async () => {
  await withRole({ env: { GF_USERS_AUTO_ASSIGN_ORG_ROLE: "Editor" } }, async ({ call }) => {
    const added = await call("POST", "/api/admin/users", bob);
    expect(added.json).toEqual({ id: 2, uid: expect.any(String), message: "User created" });
    const taken = await call("POST", "/api/admin/users", { ...bob, login: "BOB", email: "other@x" });
    expect([taken.status, taken.json.message]).toEqual([
      412,
      "User with email 'other@x' or username 'BOB' already exists",
    ]);
    const asBob = { user: "bob:bobs password" };
    const save = () => call("POST", "/api/dashboards/db", { dashboard: { title: "B" } }, asBob);
    expect((await save()).status).toBe(200);
    expect((await call("PATCH", "/api/org/users/2", { role: "Viewer" })).json.message).toBe(
      "Organization user updated",
    );
    expect((await save()).status).toBe(403);
    expect((await call("GET", "/api/users", undefined, asBob)).status).toBe(403);
    await call("PUT", "/api/admin/users/2/permissions", { isGrafanaAdmin: true });
    expect((await call("GET", "/api/users", undefined, asBob)).status).toBe(200);
    const login = await call("POST", "/login", { user: "bob", password: "bobs password" }, { user: "" });
    const cookie = login.headers.getSetCookie()[0]!.split(";")[0]!;
    const me = () => call("GET", "/api/user", undefined, { user: "", headers: { cookie } });
    expect((await me()).status).toBe(200);
    await call("POST", "/api/admin/users/2/disable");
    expect([(await me()).status, (await save()).status]).toEqual([401, 401]);
    await call("POST", "/api/admin/users/2/enable");
    expect((await call("GET", "/api/user", undefined, asBob)).json.login).toBe("bob");
    expect((await call("DELETE", "/api/admin/users/2")).json).toEqual({ message: "User deleted" });
    expect((await call("GET", "/api/users/2")).status).toBe(404);
    expect((await call("POST", "/api/admin/users", { ...bob, login: "" })).json.id).toBe(3);
  });
});

test("a user's sessions end when the user is disabled, logged out or deleted, or gets another password", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/admin/users", bob);
    const login = async (password: string): Promise<string> => {
      const answer = await call("POST", "/login", { user: "bob", password }, { user: "" });
      return answer.headers.getSetCookie()[0]!.split(";")[0]!;
    };
    const statusOf = async (cookie: string): Promise<number> =>
      (await call("GET", "/api/user", undefined, { user: "", headers: { cookie } })).status;
    const liveSessions = async (): Promise<number> => (await call("GET", "/api/admin/stats")).json.activeSessions;
    const endings = [
      ["POST", "/disable", undefined, "bobs password"],
      ["POST", "/logout", undefined, "bobs password"],
      ["PUT", "/password", { password: "bobs second" }, "bobs password"],
      ["DELETE", "", undefined, "bobs second"],
    ] as const;
    for (const [method, path, body, password] of endings) {
      const cookies = [await login(password), await login(password)];
      expect([...(await Promise.all(cookies.map(statusOf))), await liveSessions()]).toEqual([200, 200, 2]);
      expect((await call(method, `/api/admin/users/2${path}`, body)).status).toBe(200);
      expect(await liveSessions(), path).toBe(0);
      // Enabling the user again does not bring back sessions that have ended.
      await call("POST", "/api/admin/users/2/enable");
      expect(await Promise.all(cookies.map(statusOf)), path).toEqual([401, 401]);
    }
  });
});

test("when a user sets a new password, only the current session stays signed in", async () => {
  await withRole({}, async ({ call }) => {
    const login = async (): Promise<string> => {
      const answer = await call("POST", "/login", { user: "admin", password: "secret" }, { user: "" });
      return answer.headers.getSetCookie()[0]!.split(";")[0]!;
    };
    const [own, other] = [await login(), await login()];
    const as = (cookie: string) => ({ user: "", headers: { cookie } });
    const change = { oldPassword: "secret", newPassword: "better" };
    expect((await call("PUT", "/api/user/password", change, as(own))).status).toBe(200);
    expect((await call("GET", "/api/user", undefined, as(own))).status).toBe(200);
    expect((await call("GET", "/api/user", undefined, as(other))).status).toBe(401);
  });
});

test("a member cannot be added twice, and the member and the organization must exist", async () => {
  await withRole({}, async ({ call }) => {
    const role = "Viewer";
    const answer = async (method: string, path: string, body?: unknown): Promise<readonly [number, string]> => {
      const { status, json } = await call(method, path, body);
      return [status, json.message];
    };
    for (const [org, own] of [
      ["/api/org/users", true],
      ["/api/orgs/1/users", true],
      ["/api/orgs/2/users", false],
    ] as const) {
      const otherwise = (status: number, message: string): readonly unknown[] =>
        own ? [status, message] : [404, "Organization not found"];
      const unknown = otherwise(404, "user not found");
      const unnamed = otherwise(404, "User not found");
      expect(await answer("POST", org, { loginOrEmail: "nobody", role })).toEqual(unnamed);
      expect(await answer("POST", org, { loginOrEmail: "", role })).toEqual(unnamed);
      expect(await answer("POST", org, { loginOrEmail: "admin", role })).toEqual(
        otherwise(409, "User is already member of this organization"),
      );
      expect(await answer("PATCH", `${org}/7`, { role })).toEqual(unknown);
      expect(await answer("DELETE", `${org}/7`)).toEqual(unknown);
      expect((await answer("DELETE", `${org}/1`))[0]).toBe(own ? 400 : 404);
    }
  });
});

test.each([
  ["DELETE", "/api/admin/users/1", undefined, "cannot remove last grafana admin"],
  ["POST", "/api/admin/users/1/disable", undefined, "cannot remove last grafana admin"],
  ["PUT", "/api/admin/users/1/permissions", { isGrafanaAdmin: false }, "cannot remove last grafana admin"],
  ["PATCH", "/api/org/users/1", { role: "Editor" }, "Cannot change role so that there is no organization admin left"],
  ["PATCH", "/api/org/users/1", { role: "King" }, "Invalid role specified"],
  ["DELETE", "/api/org/users/1", undefined, "Cannot remove last organization admin"],
  ["DELETE", "/api/orgs/1/users/1", undefined, "Cannot remove last organization admin"],
  ["POST", "/api/admin/users", { password: "long enough" }, "Validation error, need specify either username or email"],
  ["POST", "/api/admin/users", { login: "x", password: "x" }, "Password is missing or too short"],
] as const)("a change that would leave no admin is refused: %s %s %j", async (method, path, body, message) => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/admin/users", bob);
    const answer = await call(method, path, body);
    expect([answer.status, answer.json.message]).toEqual([400, message]);
    expect((await call("GET", "/api/users/1")).json).toMatchObject({ isGrafanaAdmin: true, isDisabled: false });
  });
});
