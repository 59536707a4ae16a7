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

test("permissions of folders, dashboards and sources are returned, and unsupported permissions are refused with a reason", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/folders", { uid: "f", title: "F" });
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "d", title: "D" }, folderUid: "f" });
    await call("POST", "/api/datasources", { uid: "s", name: "S", type: "prometheus" });
    for (const path of ["folders/f", "dashboards/uid/d"]) {
      const { json } = await call("GET", `/api/${path}/permissions`);
      expect(json.map(({ role, permissionName }: Record<string, string>) => [role, permissionName])).toEqual([
        ["Editor", "Edit"],
        ["Viewer", "View"],
      ]);
      const set = (items: readonly object[]) => call("POST", `/api/${path}/permissions`, { items });
      const same = [
        { role: "Viewer", permission: 1 },
        { role: "Editor", permission: 2 },
      ];
      expect((await set(same)).status).toBe(200);
      const other = await set([{ role: "Viewer", permission: 2 }]);
      expect([other.status, other.json.message]).toEqual([400, expect.stringMatching(/cannot be set/)]);
    }
    expect((await call("GET", "/api/folders/none/permissions")).status).toBe(404);
    for (const path of ["folders/f", "dashboards/d", "datasources/s"]) {
      const { json } = await call("GET", `/api/access-control/${path}`);
      expect(json.map(({ builtInRole }: Record<string, string>) => builtInRole)).toEqual(["Editor", "Viewer"]);
      const given = { permissions: [{ builtInRole: "Viewer", permission: json[1].permission }] };
      expect((await call("POST", `/api/access-control/${path}`, given)).status).toBe(200);
      expect((await call("POST", `/api/access-control/${path}/users/1`, { permission: "Edit" })).status).toBe(400);
      expect(
        (await call("POST", `/api/access-control/${path}/builtInRoles/Viewer`, { permission: "Admin" })).status,
      ).toBe(400);
    }
    expect((await call("GET", "/api/access-control/folders/description")).json.permissions).toContain("Edit");
    const actions = (await call("GET", "/api/access-control/user/actions")).json;
    expect(actions).toMatchObject({ "dashboards:write": true, "datasources:query": true, "users:read": true });
  });
  await withRole({ env: { GF_AUTH_ANONYMOUS_ENABLED: "true" } }, async ({ call }) => {
    const actions = (await call("GET", "/api/access-control/user/actions", undefined, { user: "" })).json;
    expect([actions["dashboards:read"], actions["dashboards:write"]]).toEqual([true, undefined]);
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
    const inner = await call("POST", "/api/folders/inner/permissions", { items: LEVELS });
    expect([inner.status, inner.json.message]).toEqual([400, expect.stringMatching(/a folder above it/)]);
    expect((await call("POST", "/api/folders/outer/permissions", { items: LEVELS })).status).toBe(200);
    expect((await call("GET", "/api/dashboards/uid/board", undefined, EVE)).status).toBe(200);
    expect((await call("POST", "/api/dashboards/uid/board/permissions", { items: [] }, EVE)).status).toBe(403);
    expect((await call("POST", "/api/dashboards/uid/board/permissions", { items: [] })).status).toBe(200);
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

test("a folder within a folder for admins only can be restricted too, and stays restricted when the outer folder is opened for all", async () => {
  await withRole({}, async (role) => {
    await closedFolder(role);
    const { call } = role;
    expect((await call("POST", "/api/folders/inner/permissions", { items: [] })).status).toBe(200);
    expect((await call("POST", "/api/folders/outer/permissions", { items: LEVELS })).status).toBe(200);
    expect((await call("GET", "/api/folders/outer", undefined, EVE)).status).toBe(200);
    expect((await call("GET", "/api/folders/inner", undefined, EVE)).status).toBe(403);
    expect((await call("POST", "/api/folders/inner/permissions", { items: LEVELS })).status).toBe(200);
    expect((await call("POST", "/api/folders/outer/permissions", { items: [] })).status).toBe(200);
    expect((await call("POST", "/api/dashboards/uid/board/permissions", { items: [] })).status).toBe(200);
    expect((await call("POST", "/api/folders/outer/permissions", { items: LEVELS })).status).toBe(200);
    expect((await call("GET", "/api/dashboards/uid/board", undefined, EVE)).status).toBe(403);
  });
});
