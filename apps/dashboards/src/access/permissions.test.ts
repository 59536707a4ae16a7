import { expect, test } from "vitest";
import { type RunningRole, withRole } from "../testing/running-role.ts";

const EVE = { user: "eve:eves password" };

/**
 * Creates a restricted folder that contains a folder, a dashboard, a library panel and an annotation. Also creates an
 * unrestricted dashboard that shows the panel.
 */
async function closedFolder({ call }: RunningRole): Promise<void> {
  await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
  await call("PATCH", "/api/org/users/2", { role: "Editor" });
  await call("POST", "/api/folders", { uid: "outer", title: "Outer" });
  await call("POST", "/api/folders", { uid: "inner", title: "Inner", parentUid: "outer" });
  await call("POST", "/api/folders", { uid: "open", title: "Open" });
  const library = { uid: "lib", name: "Lib", folderUid: "inner", model: { type: "text" } };
  await call("POST", "/api/library-elements", library);
  const panels = [{ id: 1, libraryPanel: { uid: "lib" } }];
  const save = (dashboard: object, folderUid: string) =>
    call("POST", "/api/dashboards/db", { dashboard: { tags: ["t"], ...dashboard }, folderUid });
  await save({ uid: "board", title: "Board", tags: ["hidden"] }, "inner");
  await save({ uid: "shown", title: "Shown", panels }, "open");
  await call("POST", "/api/annotations", { dashboardUID: "board", text: "hidden mark", tags: ["hidden"] });
  await call("POST", "/api/annotations", { dashboardUID: "shown", text: "shown mark", tags: ["t"] });
  expect((await call("POST", "/api/folders/outer/permissions", { items: [] })).status).toBe(200);
}

test("the default permissions of a folder belong to editors, viewers and the creator, and a dashboard inherits them", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/folders", { uid: "f", title: "F" });
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "d", title: "D" }, folderUid: "f" });
    await call("POST", "/api/datasources", { uid: "s", name: "S", type: "prometheus" });
    const listed = async (path: string) =>
      (await call("GET", `/api/${path}/permissions`)).json.map((item: Record<string, unknown>) => [
        item["role"] ?? item["userLogin"],
        item["permissionName"],
        item["inherited"],
      ]);
    const defaults = (isInherited: boolean) => [
      ["Editor", "Edit", isInherited],
      ["Viewer", "View", isInherited],
      ["admin", "Admin", isInherited],
    ];
    expect(await listed("folders/f")).toEqual(defaults(false));
    expect(await listed("dashboards/uid/d")).toEqual(defaults(true));
    expect((await call("GET", "/api/folders/none/permissions")).status).toBe(404);
    const managed = async (path: string) =>
      (await call("GET", `/api/access-control/${path}`)).json.map((item: Record<string, unknown>) => [
        item["builtInRole"] ?? item["userLogin"],
        item["permission"],
        item["isInherited"],
      ]);
    const admins = ["Admin", "Admin", false];
    expect(await managed("folders/f")).toEqual([...defaults(false), admins]);
    expect(await managed("dashboards/d")).toEqual([...defaults(true), admins]);
    expect(await managed("datasources/s")).toEqual([["Editor", "Query", false], ["Viewer", "Query", false], admins]);
    expect((await call("GET", "/api/access-control/folders/description")).json).toEqual({
      assignments: { users: true, serviceAccounts: true, teams: true, builtInRoles: true },
      permissions: ["View", "Edit", "Admin"],
    });
    const actions = (await call("GET", "/api/access-control/user/actions")).json;
    expect(actions).toMatchObject({ "dashboards:write": true, "datasources:query": true, "users:read": true });
  });
  await withRole({ env: { GF_AUTH_ANONYMOUS_ENABLED: "true" } }, async ({ call }) => {
    const actions = (await call("GET", "/api/access-control/user/actions", undefined, { user: "" })).json;
    expect([actions["dashboards:read"], actions["dashboards:write"]]).toEqual([true, undefined]);
  });
});

test.each<[path: string, body: object, message: RegExp]>([
  ["folders/f/permissions", { items: [{ role: "Viewer", permission: 3 }] }, /1 \(View\), 2 \(Edit\) or 4 \(Admin\)/],
  ["folders/f/permissions", { items: [{ permission: 1 }] }, /exactly one of userId, teamId and role/],
  ["folders/f/permissions", { items: [{ role: "Viewer", userId: 1, permission: 1 }] }, /exactly one/],
  ["folders/f/permissions", { items: [{ role: "None", permission: 1 }] }, /must be Viewer, Editor or Admin/],
  ["folders/f/permissions", { items: [{ userId: 9, permission: 1 }] }, /no user with the id 9/],
  ["folders/f/permissions", { items: [{ teamId: 9, permission: 1 }] }, /no team with the id 9/],
  ["folders/f/permissions", { items: "all" }, /bad request data/],
  [
    "access-control/folders/f",
    { permissions: [{ builtInRole: "Viewer", permission: "Own" }] },
    /one of View, Edit, Admin/,
  ],
  ["access-control/folders/f/users/x", { permission: "View" }, /no user/],
  ["access-control/datasources/s/users/1", { permission: "View" }, /one of Query, Edit, Admin/],
])("%s refuses the permissions %j", async (path, body, message) => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/folders", { uid: "f", title: "F" });
    await call("POST", "/api/datasources", { uid: "s", name: "S", type: "prometheus" });
    const refused = await call("POST", `/api/${path}`, body);
    expect([refused.status, refused.json.message]).toEqual([400, expect.stringMatching(message)]);
  });
});

test("a viewer changes a folder after a team gets the right, until the viewer leaves the team", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
    await call("POST", "/api/folders", { uid: "f", title: "F" });
    await call("POST", "/api/folders", { uid: "inner", title: "Inner", parentUid: "f" });
    const { teamId } = (await call("POST", "/api/teams", { name: "Ops" })).json;
    const save = (title: string) =>
      call("POST", "/api/dashboards/db", { dashboard: { title }, folderUid: "inner" }, EVE).then(
        ({ status }) => status,
      );
    expect(await save("A")).toBe(403);
    await call("POST", `/api/access-control/folders/f/teams/${teamId}`, { permission: "Edit" });
    expect(await save("B")).toBe(403);
    await call("POST", `/api/teams/${teamId}/members`, { userId: 2 });
    expect(await save("C")).toBe(200);
    const edit = (await call("GET", "/api/search?permission=Edit", undefined, EVE)).json;
    expect(edit.map(({ title }: { title: string }) => title)).toEqual(["F", "Inner", "C"]);
    expect((await call("GET", "/api/folders/inner", undefined, EVE)).json).toMatchObject({
      canSave: true,
      canAdmin: false,
    });
    expect((await call("POST", "/api/folders", { title: "At the root" }, EVE)).status).toBe(403);
    expect((await call("POST", "/api/folders/inner/move", { parentUid: "" }, EVE)).status).toBe(403);
    await call("DELETE", `/api/teams/${teamId}/members/2`);
    expect(await save("D")).toBe(403);
  });
});

test("a user without a role sees only what the user's own permissions show", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    const { call } = role;
    await call("PATCH", "/api/org/users/2", { role: "None" });
    expect((await call("GET", "/api/search", undefined, EVE)).status).toBe(403);
    await call("POST", "/api/access-control/dashboards/board/users/2", { permission: "View" });
    const found = (await call("GET", "/api/search", undefined, EVE)).json;
    expect(found.map(({ title, folderTitle }: Record<string, string>) => [title, folderTitle])).toEqual([
      ["Board", undefined],
    ]);
    expect((await call("GET", "/api/dashboards/uid/board", undefined, EVE)).status).toBe(200);
    expect((await call("GET", "/api/dashboards/uid/shown", undefined, EVE)).status).toBe(403);
    expect((await call("POST", "/api/dashboards/db", { dashboard: { uid: "board", title: "x" } }, EVE)).status).toBe(
      403,
    );
  });
});

test("the creator of a folder may change its permissions, and nobody else without the right", async () => {
  await withRole({}, async ({ call }) => {
    for (const login of ["eve", "max"])
      await call("POST", "/api/admin/users", { login, password: `${login}s password` });
    for (const id of [2, 3]) await call("PATCH", `/api/org/users/${id}`, { role: "Editor" });
    await call("POST", "/api/folders", { uid: "own", title: "Own" }, EVE);
    const close = (user: object) =>
      call("POST", "/api/folders/own/permissions", { items: [{ userId: 2, permission: 4 }] }, user);
    expect((await close({ user: "max:maxs password" })).status).toBe(403);
    expect((await close(EVE)).status).toBe(200);
    expect((await call("GET", "/api/folders/own", undefined, { user: "max:maxs password" })).status).toBe(403);
    expect((await call("GET", "/api/folders/own", undefined, EVE)).json).toMatchObject({
      canAdmin: true,
      hasAcl: true,
    });
  });
});

const changedBoard = { dashboard: { uid: "board", title: "Mine" }, folderUid: "open", overwrite: true };
const LEVELS = [
  { role: "Editor", permission: 2 },
  { role: "Viewer", permission: 1 },
];

const REFUSED: readonly (readonly [method: string, path: string, body?: object])[] = [
  ["GET", "/api/dashboards/uid/board"],
  ["DELETE", "/api/dashboards/uid/board"],
  ["GET", "/api/dashboards/uid/board/versions"],
  ["GET", "/api/dashboards/uid/board/versions/1"],
  ["GET", "/api/dashboards/id/1/versions"],
  ["POST", "/api/dashboards/uid/board/restore", { version: 1 }],
  ["POST", "/api/dashboards/calculate-diff", { base: { dashboardUid: "board" }, new: { dashboardUid: "shown" } }],
  ["POST", "/api/dashboards/db", changedBoard],
  ["POST", "/api/dashboards/db", { dashboard: { id: 1, title: "Mine" }, overwrite: true }],
  ["POST", "/api/dashboards/db", { dashboard: { title: "New" }, folderUid: "inner" }],
  ["POST", "/api/dashboards/import", changedBoard],
  ["POST", "/api/dashboards/import", { dashboard: { title: "New" }, folderUid: "inner" }],
  ["GET", "/api/dashboards/uid/board/permissions"],
  ["GET", "/api/access-control/dashboards/board"],
  ["POST", "/api/user/stars/dashboard/uid/board"],
  ["PATCH", "/api/user/preferences", { homeDashboardUID: "board" }],
  ["GET", "/api/folders/inner"],
  ["GET", "/api/folders/id/2"],
  ["PUT", "/api/folders/inner", { title: "Mine", overwrite: true }],
  ["DELETE", "/api/folders/inner"],
  ["POST", "/api/folders/inner/move", { parentUid: "open" }],
  ["POST", "/api/folders/open/move", { parentUid: "inner" }],
  ["POST", "/api/folders", { title: "New", parentUid: "inner" }],
  ["GET", "/api/folders/inner/counts"],
  ["GET", "/api/folders/inner/permissions"],
  ["GET", "/api/access-control/folders/inner"],
  ["GET", "/api/library-elements/lib"],
  ["GET", "/api/library-elements/lib/connections"],
  ["PATCH", "/api/library-elements/lib", { version: 1, folderUid: "open" }],
  ["DELETE", "/api/library-elements/lib"],
  ["POST", "/api/library-elements", { name: "New", folderUid: "inner", model: {} }],
  ["GET", "/api/annotations/1"],
  ["PUT", "/api/annotations/1", { text: "mine" }],
  ["PATCH", "/api/annotations/1", { text: "mine" }],
  ["DELETE", "/api/annotations/1"],
  ["POST", "/api/annotations", { dashboardUID: "board", text: "mine" }],
  ["POST", "/api/annotations/mass-delete", { annotationId: 1 }],
];

test("an editor cannot change anything in a folder for admins only", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    for (const [method, path, body] of REFUSED) {
      const refused = await role.call(method, path, body, EVE);
      expect([method, path, refused.status, refused.json.title]).toEqual([method, path, 403, "Access denied"]);
    }
    expect((await role.call("GET", "/api/dashboards/uid/board")).json).toMatchObject({
      dashboard: { title: "Board", version: 1 },
      meta: { folderUid: "inner", hasAcl: true },
    });
    expect((await role.call("GET", "/api/folders/inner")).json).toMatchObject({ title: "Inner", parentUid: "outer" });
  });
});

test("lists omit the contents of a folder for admins only, until an admin removes the restriction", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    const { call } = role;
    const listed = async (path: string): Promise<string> => (await call("GET", path, undefined, EVE)).text;
    const lists = [
      "/api/search",
      "/api/search?folderUIDs=inner",
      "/api/folders",
      "/api/folders?parentUid=outer",
      "/api/dashboards/tags",
      "/api/library-elements",
      "/api/annotations",
      "/api/annotations?dashboardUID=board",
      "/api/annotations/tags",
    ];
    const hidden = /Board|Inner|Outer|hidden|Lib/;
    for (const path of lists) expect([path, await listed(path)]).toEqual([path, expect.not.stringMatching(hidden)]);
    expect(await listed("/api/search")).toContain("Shown");
    expect((await call("GET", "/api/library-elements/name/Lib", undefined, EVE)).status).toBe(404);
    await call("PATCH", "/api/org/preferences", { homeDashboardUID: "board" });
    expect((await call("GET", "/api/dashboards/home", undefined, EVE)).json.redirectUri).toBeUndefined();
    expect((await call("GET", "/api/dashboards/home")).json.redirectUri).toContain("board");
    expect((await call("GET", "/api/folders/outer/permissions")).json).toEqual([]);
    expect((await call("POST", "/api/folders/outer/permissions", { items: LEVELS })).status).toBe(200);
    expect((await call("GET", "/api/dashboards/uid/board", undefined, EVE)).status).toBe(200);
    expect((await call("POST", "/api/dashboards/uid/board/permissions", { items: [] }, EVE)).status).toBe(403);
    const closed = { items: [], inherit: false };
    expect((await call("POST", "/api/dashboards/uid/board/permissions", closed)).status).toBe(200);
    expect((await call("DELETE", "/api/folders/outer", undefined, EVE)).status).toBe(403);
    expect((await call("GET", "/api/dashboards/uid/board", undefined, EVE)).status).toBe(403);
    await call("POST", "/api/dashboards/uid/board/permissions", { items: LEVELS });
    expect((await call("DELETE", "/api/dashboards/uid/board", undefined, EVE)).status).toBe(200);
  });
});

test("the annotations of a deleted dashboard are for admins only", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    const { call } = role;
    const listed = async (user: object): Promise<string> =>
      (await call("GET", "/api/annotations", undefined, user)).text;
    expect((await call("DELETE", "/api/dashboards/uid/board")).status).toBe(200);
    expect(await listed(EVE)).not.toContain("hidden mark");
    expect(await listed({})).toContain("hidden mark");
    const tags = await call("GET", "/api/annotations/tags", undefined, EVE);
    expect(tags.text).not.toContain("hidden");
    const refused = [
      await call("GET", "/api/annotations/1", undefined, EVE),
      await call("PATCH", "/api/annotations/1", { text: "mine" }, EVE),
      await call("POST", "/api/annotations", { dashboardUID: "none", text: "mine" }, EVE),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect((await call("DELETE", "/api/annotations/1")).status).toBe(200);
  });
});

test("a folder inherits the permissions of the folder above, unless they are posted with inherit: false", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    const { call } = role;
    const set = (path: string, body: object) =>
      call("POST", `/api/${path}/permissions`, body).then(({ status }) => status);
    const statusOf = async (path: string) => (await call("GET", path, undefined, EVE)).status;
    expect(await set("folders/inner", { items: LEVELS })).toBe(200);
    expect([await statusOf("/api/folders/outer"), await statusOf("/api/folders/inner")]).toEqual([403, 200]);
    expect(await set("folders/inner", { items: [] })).toBe(200);
    expect(await set("folders/outer", { items: LEVELS })).toBe(200);
    expect(await statusOf("/api/folders/inner")).toBe(200);
    expect(await set("folders/inner", { items: [], inherit: false })).toBe(200);
    expect([await statusOf("/api/folders/outer"), await statusOf("/api/folders/inner")]).toEqual([200, 403]);
    expect(await statusOf("/api/dashboards/uid/board")).toBe(403);
    expect(await set("dashboards/uid/board", { items: LEVELS })).toBe(200);
    expect(await statusOf("/api/dashboards/uid/board")).toBe(200);
  });
});

test("an editor of a folder or dashboard cannot become its admin by moving it into a folder of their own", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    const { call } = role;
    await call("POST", "/api/folders", { uid: "own", title: "Own" }, EVE);
    await call("POST", "/api/access-control/folders/inner/users/2", { permission: "Edit" });
    expect((await call("POST", "/api/folders/inner/move", { parentUid: "own" }, EVE)).status).toBe(403);
    const moved = { dashboard: { uid: "board", title: "Board" }, folderUid: "own", overwrite: true };
    expect((await call("POST", "/api/dashboards/db", moved, EVE)).status).toBe(403);
    await call("POST", "/api/access-control/folders/inner/users/2", { permission: "Admin" });
    expect((await call("POST", "/api/dashboards/db", moved, EVE)).status).toBe(200);
    expect((await call("POST", "/api/folders/inner/move", { parentUid: "own" }, EVE)).status).toBe(200);
  });
});

test("the titles of folders that a user may not see are not shown with what is in them", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    const { call } = role;
    await call("POST", "/api/access-control/folders/inner/users/2", { permission: "View" });
    await call("POST", "/api/access-control/dashboards/board/users/2", { permission: "View" });
    await call("POST", "/api/folders/inner/permissions", { items: [] });
    const board = (await call("GET", "/api/dashboards/uid/board", undefined, EVE)).json;
    expect(board.meta).toMatchObject({ folderUid: "inner", folderTitle: "inner", folderUrl: "" });
    await call("POST", "/api/access-control/folders/inner/users/2", { permission: "View" });
    expect((await call("GET", "/api/folders/inner", undefined, EVE)).json).toMatchObject({
      title: "Inner",
      parents: [],
    });
  });
});

test("permissions of a deleted user can be removed, and a viewer's actions include those of single folders", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    const { call } = role;
    await call("PATCH", "/api/org/users/2", { role: "Viewer" });
    const actions = async () => (await call("GET", "/api/access-control/user/actions", undefined, EVE)).json;
    expect((await actions())["dashboards:write"]).toBeUndefined();
    await call("POST", "/api/access-control/folders/open/users/2", { permission: "Edit" });
    expect((await actions())["dashboards:write"]).toBe(true);
    await call("DELETE", "/api/admin/users/2");
    const removed = await call("POST", "/api/access-control/folders/open/users/2", { permission: "" });
    expect(removed.status).toBe(200);
    const left = (await call("GET", "/api/folders/open/permissions")).json;
    expect(left.map(({ userId }: { userId: number }) => userId)).toEqual([0, 0, 1]);
  });
});

test("a new dashboard with the uid of a deleted one does not show the annotations of the deleted one", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    const { call } = role;
    await call("DELETE", "/api/dashboards/uid/board");
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "board", title: "Eve's" } }, EVE);
    const listed = async (user: object) =>
      (await call("GET", "/api/annotations?dashboardUID=board", undefined, user)).text;
    expect(await listed(EVE)).not.toContain("hidden mark");
    expect(await listed({})).toContain("hidden mark");
  });
});
