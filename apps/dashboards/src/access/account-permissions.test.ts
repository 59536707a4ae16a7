import { expect, test } from "vitest";
import { type Answer, type RunningRole, withRole } from "../testing/running-role.ts";

const URL_PATH = "/api/access-control/serviceaccounts";
const as = (login: string) => ({ user: `${login}:${login}s password` });

/** Starts a server with the users eve (2) and max (3), who are viewers, and the service accounts 4 and 5. */
async function withAccounts(use: (role: RunningRole) => Promise<void>): Promise<void> {
  await withRole({}, async (role) => {
    for (const login of ["eve", "max"]) {
      await role.call("POST", "/api/admin/users", { login, password: `${login}s password` });
    }
    for (const name of ["deploy", "backup"]) await role.call("POST", "/api/serviceaccounts", { name, role: "Editor" });
    await use(role);
  });
}

const allow = ({ call }: RunningRole, userId: number, permission: string, id = 4): Promise<Answer> =>
  call("POST", `${URL_PATH}/${id}/users/${userId}`, { permission });

test("a user with Edit manages one service account and its tokens, and sees no other", async () => {
  await withAccounts(async (role) => {
    const asEve = (method: string, path: string, body?: object): Promise<Answer> =>
      role.call(method, `/api/serviceaccounts${path}`, body, as("eve"));
    expect((await asEve("GET", "/search")).status).toBe(403);
    expect((await allow(role, 2, "Edit")).json).toEqual({ message: "Permission updated" });
    expect((await asEve("GET", "/search")).json).toMatchObject({ totalCount: 1, serviceAccounts: [{ id: 4 }] });
    expect((await asEve("GET", "/4")).status).toBe(200);
    const made = await asEve("POST", "/4/tokens", { name: "one" });
    expect(made.status).toBe(200);
    expect((await asEve("PATCH", "/4", { name: "deploys", isDisabled: true })).status).toBe(200);
    expect((await asEve("DELETE", `/4/tokens/${made.json.id}`)).status).toBe(200);
    for (const [method, path, body] of [
      ["GET", "/5"],
      ["GET", "/5/tokens"],
      ["POST", "/5/tokens", { name: "one" }],
      ["PATCH", "/5", { name: "x" }],
      ["GET", "/999"],
      ["DELETE", "/4"],
      ["POST", "", { name: "new" }],
    ] as const) {
      expect([method, path, (await asEve(method, path, body)).status]).toEqual([method, path, 403]);
    }
    expect((await role.call("GET", `${URL_PATH}/4`, undefined, as("eve"))).status).toBe(403);
    expect((await role.call("GET", "/api/serviceaccounts/4", undefined, as("max"))).status).toBe(403);
    expect((await allow(role, 2, "")).status).toBe(200);
    expect((await asEve("GET", "/4")).status).toBe(403);
  });
});

test("nobody gives a service account a role higher than their own", async () => {
  await withAccounts(async (role) => {
    await allow(role, 2, "Edit");
    const patch = (to: string): Promise<Answer> =>
      role.call("PATCH", "/api/serviceaccounts/4", { role: to }, as("eve"));
    expect([(await patch("Admin")).status, (await patch("Admin")).json]).toEqual([
      403,
      { message: "Cannot assign a role higher than user's role" },
    ]);
    expect((await patch("Editor")).status).toBe(200);
    expect((await patch("Viewer")).status).toBe(200);
    expect((await patch("Editor")).status).toBe(403);
  });
});

test("a user with Admin sets permissions and deletes the service account, whose permissions end with it", async () => {
  await withAccounts(async (role) => {
    await allow(role, 2, "Admin");
    const permissions = [{ userId: 3, permission: "Edit" }];
    expect((await role.call("POST", `${URL_PATH}/4`, { permissions }, as("eve"))).status).toBe(200);
    expect((await role.call("GET", `${URL_PATH}/4`, undefined, as("eve"))).json).toMatchObject([
      { userLogin: "eve", permission: "Admin" },
      { userLogin: "max", permission: "Edit" },
    ]);
    expect((await role.call("POST", `${URL_PATH}/5`, { permissions }, as("eve"))).status).toBe(403);
    expect((await role.call("DELETE", "/api/serviceaccounts/4", undefined, as("eve"))).status).toBe(200);
    expect((await role.call("GET", "/api/serviceaccounts/search", undefined, as("eve"))).status).toBe(403);
    expect((await role.call("GET", `${URL_PATH}/4`)).status).toBe(404);
  });
});

test("members of a team have the permissions of the team, and roles cannot have permissions", async () => {
  await withAccounts(async (role) => {
    await role.call("POST", "/api/teams", { name: "Ops" });
    await role.call("POST", "/api/teams/1/members", { userId: 3 });
    expect((await role.call("POST", `${URL_PATH}/4/teams/1`, { permission: "Edit" })).status).toBe(200);
    expect((await role.call("GET", "/api/serviceaccounts/4", undefined, as("max"))).status).toBe(200);
    expect((await role.call("GET", "/api/serviceaccounts/4", undefined, as("eve"))).status).toBe(403);
    const refused = await role.call("POST", `${URL_PATH}/4`, {
      permissions: [{ builtInRole: "Viewer", permission: "Edit" }],
    });
    expect([refused.status, refused.json.message]).toEqual([400, "only users and teams can have permissions here"]);
    expect((await role.call("POST", `${URL_PATH}/4/builtInRoles/Viewer`, { permission: "Edit" })).status).toBe(404);
    expect((await allow(role, 2, "View")).json.message).toBe("permission must be one of Edit, Admin");
    expect((await role.call("GET", `${URL_PATH}/description`)).json).toEqual({
      assignments: { users: true, serviceAccounts: true, teams: true, builtInRoles: false },
      permissions: ["Edit", "Admin"],
    });
  });
});
