import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

const EVE = { user: "eve:eves password" };

test("teams are created, found, renamed and deleted, and a name belongs to one team only", async () => {
  await withRole({}, async ({ call }) => {
    const made = await call("POST", "/api/teams", { name: "Ops", email: "ops@example.org" });
    expect([made.status, made.json]).toEqual([200, { message: "Team created", teamId: 1, uid: expect.any(String) }]);
    const taken = await call("POST", "/api/teams", { name: "ops" });
    expect([taken.status, taken.json.message]).toEqual([409, "Team name taken"]);
    expect((await call("POST", "/api/teams", { name: " " })).status).toBe(400);
    await call("POST", "/api/teams", { name: "Development" });
    const search = async (query: string) => {
      const { json } = await call("GET", `/api/teams/search?${query}`);
      return [json.totalCount, json.teams.map(({ name }: { name: string }) => name)];
    };
    expect(await search("")).toEqual([2, ["Development", "Ops"]]);
    expect(await search("query=op")).toEqual([2, ["Development", "Ops"]]);
    expect(await search("name=Ops")).toEqual([1, ["Ops"]]);
    expect(await search("perpage=1&page=2")).toEqual([2, ["Ops"]]);
    expect((await call("PUT", "/api/teams/1", { name: "Operations" })).json).toEqual({ message: "Team updated" });
    for (const name of ["1", made.json.uid]) {
      expect((await call("GET", `/api/teams/${name}`)).json).toMatchObject({
        id: 1,
        name: "Operations",
        memberCount: 1,
      });
    }
    expect((await call("DELETE", "/api/teams/1")).json).toEqual({ message: "Team deleted" });
    expect((await call("GET", "/api/teams/1")).status).toBe(404);
  });
});

test("a service account can be a member of a team, by its id or its login", async () => {
  await withRole({}, async ({ call }) => {
    const { id } = (await call("POST", "/api/serviceaccounts", { name: "Robot" })).json;
    await call("POST", "/api/teams", { name: "Ops" });
    const members = async () => (await call("GET", "/api/teams/1/members")).json;
    expect((await call("POST", "/api/teams/1/members", { userId: id })).status).toBe(200);
    expect(await members()).toMatchObject([
      { login: "admin", permission: 4 },
      { userId: id, login: "sa-1-robot", permission: 0 },
    ]);
    expect((await call("PUT", "/api/teams/1/members", { members: [], admins: ["sa-1-robot"] })).status).toBe(200);
    expect(await members()).toMatchObject([{ userId: id, permission: 4 }]);
    expect((await call("GET", `/api/serviceaccounts/${id}`)).json).toMatchObject({ teams: ["Ops"] });
    expect((await call("DELETE", `/api/teams/1/members/${id}`)).status).toBe(200);
    expect(await members()).toEqual([]);
  });
});

test("the creator of a team is its admin, except a service account or if the team limits its members", async () => {
  await withRole({}, async ({ call }) => {
    const members = async (id: number) => (await call("GET", `/api/teams/${id}/members`)).json;
    await call("POST", "/api/teams", { name: "Own" });
    expect(await members(1)).toMatchObject([{ login: "admin", permission: 4 }]);
    await call("POST", "/api/teams", { name: "Limited", narthexMatchers: '{team="a"}' });
    expect(await members(2)).toEqual([]);
    await call("POST", "/api/serviceaccounts", { name: "ci", role: "Admin" });
    const { key } = (await call("POST", "/api/serviceaccounts/2/tokens", { name: "t" })).json;
    const headers = { authorization: `Bearer ${key}` };
    expect((await call("POST", "/api/teams", { name: "Made" }, { user: "", headers })).status).toBe(200);
    expect(await members(3)).toEqual([]);
  });
});

test("admins of a team change its members, members see the team, and other users do not", async () => {
  await withRole({}, async ({ call }) => {
    for (const login of ["eve", "max", "ann"]) {
      await call("POST", "/api/admin/users", { login, password: `${login}s password` });
    }
    await call("POST", "/api/teams", { name: "Ops" });
    const add = (userId: number, user: object = {}) => call("POST", "/api/teams/1/members", { userId }, user);
    expect((await add(2)).json).toEqual({ message: "Member added to Team" });
    expect((await add(2)).json).toEqual({ message: "User is already added to this team" });
    expect((await add(9)).status).toBe(404);
    expect((await add(3, EVE)).status).toBe(403);
    expect((await call("GET", "/api/teams/1", undefined, EVE)).json).toMatchObject({ name: "Ops", permission: 0 });
    const elsewhere = { user: "max:maxs password" };
    expect((await call("GET", "/api/teams/1", undefined, elsewhere)).status).toBe(403);
    expect((await call("GET", "/api/teams/search", undefined, elsewhere)).json.totalCount).toBe(0);
    expect((await call("GET", "/api/user/teams", undefined, EVE)).json).toMatchObject([{ id: 1, name: "Ops" }]);
    expect((await call("PUT", "/api/teams/1/members/2", { permission: 4 })).status).toBe(200);
    expect((await add(3, EVE)).status).toBe(200);
    const bulk = { members: ["ann"], admins: ["max"] };
    expect((await call("PUT", "/api/teams/1/members", bulk, EVE)).status).toBe(200);
    const members = (await call("GET", "/api/teams/1/members")).json;
    expect(members.map(({ login, permission }: Record<string, unknown>) => [login, permission])).toEqual([
      ["ann", 0],
      ["max", 4],
    ]);
    expect((await call("DELETE", "/api/teams/1/members/2")).status).toBe(404);
    expect((await call("DELETE", "/api/admin/users/4")).status).toBe(200);
    expect((await call("GET", "/api/teams/1")).json.memberCount).toBe(1);
  });
});

test("a member because of a group leaves the team with the group, also after a change of the member's level", async () => {
  const env = {
    GF_AUTH_PROXY_ENABLED: "true",
    GF_AUTH_PROXY_HEADERS: "Groups:X-Groups",
  };
  await withRole({ env }, async ({ call }) => {
    await call("POST", "/api/teams", { name: "Ops" });
    await call("POST", "/api/teams/1/groups", { groupId: "ops" });
    const teamsOf = async (login: string, groups: string) => {
      const headers = { "x-webauth-user": login, "x-groups": groups };
      const { json } = await call("GET", "/api/user/teams", undefined, { user: "", headers });
      return json.map(({ name }: { name: string }) => name);
    };
    expect([await teamsOf("ann", "ops"), await teamsOf("eve", "ops")]).toEqual([["Ops"], ["Ops"]]);
    expect((await call("PUT", "/api/teams/1/members/2", { permission: 4 })).status).toBe(200);
    expect((await call("PUT", "/api/teams/1/members", { members: ["eve"], admins: ["ann"] })).status).toBe(200);
    expect((await call("PUT", "/api/teams/1/members/2", { permission: 4 })).status).toBe(200);
    expect([await teamsOf("ann", "other"), await teamsOf("eve", "")]).toEqual([[], []]);
  });
});
