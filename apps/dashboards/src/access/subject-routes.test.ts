import { expect, test } from "vitest";
import { type RunningRole, withRole } from "../testing/running-role.ts";

const PATH = "/api/narthex/permissions/subjects";
const EVE = { user: "eve:eves password" };

async function withEve({ call }: RunningRole): Promise<void> {
  await call("POST", "/api/admin/users", { login: "eve", name: "Eve E.", password: "eves password" });
}

test("accounts and teams are found by a part of their names, disabled accounts are not", async () => {
  await withRole({}, async (role) => {
    await withEve(role);
    const { call } = role;
    await call("POST", "/api/serviceaccounts", { name: "evening job", role: "Viewer" });
    await call("POST", "/api/serviceaccounts", { name: "event log", role: "Viewer", isDisabled: true });
    await call("POST", "/api/teams", { name: "Every day" });
    await call("POST", "/api/teams", { name: "Other" });
    expect((await call("GET", `${PATH}?query=EVE`)).json).toEqual({
      users: [{ id: 2, name: "Eve E.", detail: "eve" }],
      serviceAccounts: [{ id: 3, name: "evening job", detail: "sa-1-evening-job" }],
      teams: [{ id: 1, name: "Every day", detail: "" }],
    });
    const all = (await call("GET", PATH)).json;
    expect([all.users.length, all.serviceAccounts.length, all.teams.length]).toEqual([2, 1, 2]);
  });
});

test("a list of results has at most 50 entries", async () => {
  await withRole({}, async ({ call }) => {
    for (let i = 0; i < 51; i++) await call("POST", "/api/teams", { name: `Team ${i}` });
    expect((await call("GET", `${PATH}?query=team`)).json.teams).toHaveLength(50);
  });
});

test.each<[who: string, give: (role: RunningRole) => Promise<unknown>]>([
  [
    "an admin of a folder",
    ({ call }) => call("POST", "/api/access-control/folders/f/users/2", { permission: "Admin" }),
  ],
  [
    "an admin of a data source",
    ({ call }) => call("POST", "/api/access-control/datasources/s/users/2", { permission: "Admin" }),
  ],
  [
    "an admin of a service account",
    ({ call }) => call("POST", "/api/access-control/serviceaccounts/3/users/2", { permission: "Admin" }),
  ],
  ["an admin of a team", ({ call }) => call("PUT", "/api/teams/1/members/2", { permission: 4 })],
])("names of accounts are hidden from visitors and from members of a team, and shown to %s", async (_, give) => {
  await withRole({ env: { GF_AUTH_ANONYMOUS_ENABLED: "true" } }, async (role) => {
    await withEve(role);
    const { call } = role;
    await call("POST", "/api/folders", { uid: "f", title: "F" });
    await call("POST", "/api/datasources", { uid: "s", name: "S", type: "prometheus" });
    await call("POST", "/api/serviceaccounts", { name: "Job", role: "Viewer" });
    await call("POST", "/api/teams", { name: "Team" });
    await call("POST", "/api/teams/1/members", { userId: 2 });
    expect((await call("GET", PATH, undefined, { user: "" })).status).toBe(401);
    expect((await call("GET", PATH, undefined, EVE)).status).toBe(403);
    await give(role);
    expect((await call("GET", PATH, undefined, EVE)).status).toBe(200);
  });
});

test("names of accounts are hidden from tokens without the scope admin, and shown to tokens with it", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/serviceaccounts", { name: "Job", role: "Admin" });
    await call("POST", "/api/folders", { uid: "f", title: "F" });
    expect((await call("POST", "/api/access-control/folders/f/users/2", { permission: "Admin" })).status).toBe(200);
    const statusWith = async (name: string, scopes?: readonly string[]): Promise<number> => {
      const { json } = await call("POST", "/api/serviceaccounts/2/tokens", { name, scopes });
      return (await call("GET", PATH, undefined, { user: "", headers: { authorization: `Bearer ${json.key}` } }))
        .status;
    };
    expect(await statusWith("read", ["read", "query"])).toBe(403);
    expect(await statusWith("admin", ["admin"])).toBe(200);
    expect(await statusWith("all")).toBe(200);
  });
});
