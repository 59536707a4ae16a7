import { expect, test } from "vitest";
import { type RunningRole, withRole } from "../testing/running-role.ts";

const EVE = { user: "eve:eves password" };
const FOR_EVE = { items: [{ userId: 2, permission: 4 }] };

/** Adds the viewer `eve`, a closed folder, a folder in it that `eve` administers, and a dashboard in that folder. */
async function nestedFolders({ call }: RunningRole): Promise<void> {
  await call("POST", "/api/admin/users", { login: "eve", name: "Eve E.", password: "eves password" });
  await call("POST", "/api/folders", { uid: "outer", title: "Outer" });
  await call("POST", "/api/folders", { uid: "inner", title: "Inner", parentUid: "outer" });
  await call("POST", "/api/dashboards/db", { dashboard: { uid: "board", title: "Board" }, folderUid: "inner" });
  await call("POST", "/api/folders/outer/permissions", { items: [{ role: "Editor", permission: 2 }] });
  await call("POST", "/api/folders/inner/permissions", FOR_EVE);
}

test("the permissions of a folder name the folder from which they are inherited, and switching the inheritance off and on keeps them", async () => {
  await withRole({}, async (role) => {
    await nestedFolders(role);
    const { call } = role;
    const own = [{ kind: "user", id: 2, name: "Eve E.", detail: "eve", level: "Admin" }];
    const editors = { kind: "role", id: "Editor", name: "Editor", detail: "", level: "Edit" };
    const inherited = [{ ...editors, from: { uid: "outer", title: "Outer" } }];
    const levels = ["View", "Edit", "Admin"];
    const read = async (path: string) => (await call("GET", `/api/narthex/permissions/${path}`)).json;
    expect(await read("folders/inner")).toEqual({
      uid: "inner",
      title: "Inner",
      levels,
      inherit: true,
      own,
      inherited,
    });
    expect(await read("folders/outer")).toEqual({
      uid: "outer",
      title: "Outer",
      levels,
      own: [editors],
      inherited: [],
    });
    expect(await read("dashboards/board")).toMatchObject({
      inherit: true,
      own: [],
      inherited: [{ ...own[0], from: { uid: "inner", title: "Inner" } }, ...inherited],
    });
    const inherit = (path: string, value: unknown) =>
      call("PUT", `/api/narthex/permissions/${path}/inherit`, { inherit: value });
    expect((await inherit("folders/inner", false)).status).toBe(200);
    expect(await read("folders/inner")).toMatchObject({ inherit: false, own, inherited: [] });
    expect((await inherit("folders/inner", true)).status).toBe(200);
    expect(await read("folders/inner")).toMatchObject({ inherit: true, own, inherited });
    expect((await inherit("dashboards/board", false)).status).toBe(200);
    expect(await read("dashboards/board")).toMatchObject({ inherit: false, own: [], inherited: [] });
    expect((await inherit("folders/inner", "yes")).status).toBe(400);
    expect((await call("PUT", "/api/narthex/permissions/folders/inner/inherit", {})).status).toBe(400);
    expect((await inherit("folders/none", false)).status).toBe(404);
  });
});

test("an account that administers only an inner folder changes that folder, and does not see the names of closed folders", async () => {
  await withRole({}, async (role) => {
    await nestedFolders(role);
    const { call } = role;
    const asEve = (method: string, path: string, body?: object) =>
      call(method, `/api/narthex/permissions${path}`, body, EVE);
    const { json } = await asEve("GET", "/folders/inner");
    expect(json.inherited).toMatchObject([{ id: "Editor", from: { uid: "", title: "" } }]);
    expect((await asEve("PUT", "/folders/inner/inherit", { inherit: false })).status).toBe(200);
    expect((await asEve("GET", "/folders/outer")).status).toBe(403);
    expect((await asEve("PUT", "/folders/outer/inherit", { inherit: false })).status).toBe(403);
    expect((await asEve("GET", "")).json).toEqual({
      folders: [{ uid: "inner", title: "Inner" }],
      dataSources: [],
      serviceAccounts: [],
    });
  });
});

test("the permissions of a data source have its levels, and only its admins see them", async () => {
  await withRole({}, async (role) => {
    const { call } = role;
    await nestedFolders(role);
    await call("POST", "/api/datasources", { uid: "s", name: "S", type: "prometheus" });
    const path = "/api/narthex/permissions/datasources/s";
    expect((await call("GET", path, undefined, EVE)).status).toBe(403);
    expect((await call("GET", path)).json).toMatchObject({
      title: "S",
      levels: ["Query", "Edit", "Admin"],
      own: [
        { id: "Editor", level: "Query" },
        { id: "Viewer", level: "Query" },
      ],
    });
    await call("POST", "/api/access-control/datasources/s/users/2", { permission: "Admin" });
    expect((await call("GET", path, undefined, EVE)).status).toBe(200);
    const { json } = await call("GET", "/api/narthex/permissions", undefined, EVE);
    expect(json.dataSources).toEqual([{ uid: "s", name: "S", type: "prometheus" }]);
  });
});

test("a permission of a deleted account has no name, and can be removed", async () => {
  await withRole({}, async (role) => {
    await nestedFolders(role);
    const { call } = role;
    await call("DELETE", "/api/admin/users/2");
    const own = async () => (await call("GET", "/api/narthex/permissions/folders/inner")).json.own;
    expect(await own()).toEqual([{ kind: "user", id: 2, name: "", detail: "", level: "Admin" }]);
    await call("POST", "/api/access-control/folders/inner/users/2", { permission: "" });
    expect(await own()).toEqual([]);
  });
});

test("the permissions of a service account have its levels, and only its admins see them", async () => {
  await withRole({}, async (role) => {
    const { call } = role;
    await nestedFolders(role);
    await call("POST", "/api/serviceaccounts", { name: "Terraform", role: "Viewer" });
    const path = "/api/narthex/permissions/serviceaccounts/3";
    const give = (permission: string) => call("POST", "/api/access-control/serviceaccounts/3/users/2", { permission });
    const owned = async () => (await call("GET", "/api/narthex/permissions", undefined, EVE)).json.serviceAccounts;
    expect(await owned()).toEqual([]);
    await give("Edit");
    expect(await owned()).toEqual([{ id: 3, name: "Terraform" }]);
    expect((await call("GET", path, undefined, EVE)).status).toBe(403);
    await give("Admin");
    expect((await call("GET", path, undefined, EVE)).json).toEqual({
      uid: "3",
      title: "Terraform",
      levels: ["Edit", "Admin"],
      own: [{ kind: "user", id: 2, name: "Eve E.", detail: "eve", level: "Admin" }],
      inherited: [],
    });
    expect((await call("GET", "/api/narthex/permissions/serviceaccounts/9")).status).toBe(404);
  });
});
