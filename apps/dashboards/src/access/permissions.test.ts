import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

test("rights of folders, dashboards and sources are told, and changes of them refused in a sentence", async () => {
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
      expect([other.status, other.json.message]).toEqual([400, expect.stringMatching(/cannot be changed/)]);
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
