import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { grafanaPassword, type Tables, writeGrafanaFile } from "../testing/grafana-file.ts";
import { type RunningRole, withRole } from "../testing/running-role.ts";

type Row = Tables[string][number];

const user = (id: number, login: string): Row => ({
  id,
  login,
  email: `${login}@example.org`,
  name: login,
  password: grafanaPassword(`${login} password`, "salt"),
  salt: "salt",
  is_admin: login === "admin" ? 1 : 0,
  is_disabled: 0,
  is_service_account: 0,
});

const folder = (id: number, uid: string, more: Row = {}): Row => board(id, uid, { is_folder: 1, ...more });

const board = (id: number, uid: string, more: Row = {}): Row => ({
  id,
  org_id: 1,
  uid,
  title: `The ${uid}`,
  is_folder: 0,
  folder_id: 0,
  has_acl: 0,
  data: JSON.stringify({ uid, title: `The ${uid}`, tags: [`tag-${uid}`] }),
  ...more,
});

const USERS: Tables = {
  user: [user(1, "admin"), user(2, "eve"), user(3, "vic")],
  org_user: [
    { org_id: 1, user_id: 1, role: "Admin" },
    { org_id: 1, user_id: 2, role: "Editor" },
    { org_id: 1, user_id: 3, role: "Viewer" },
  ],
};

const as = (login: string) => ({ user: `${login}:${login} password` });

async function withGrafana(
  tables: Tables,
  use: (role: RunningRole) => Promise<void>,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  const root = temporaryFolder();
  mkdirSync(join(root, "data"));
  writeGrafanaFile(join(root, "data", "grafana.db"), { ...USERS, ...tables });
  await withRole({ folder: root, files, env: { GF_SECURITY_ADMIN_PASSWORD: "admin password" } }, use);
}

const seenBy = async ({ call }: RunningRole, login: string): Promise<readonly string[]> =>
  ((await call("GET", "/api/search", undefined, as(login))).json as { uid: string }[]).map(({ uid }) => uid).sort();

/**
 * Returns rows of Grafana's permission tables. Each argument gives a role's name, the actions that the role may
 * perform, and their scope.
 */
function permissions(...given: readonly (readonly [role: string, actions: string, scope: string])[]): Tables {
  const names = [...new Set(given.map(([role]) => role))];
  return {
    migration_log: [{ id: 1, migration_id: "dashboard permissions", success: 1 }],
    role: names.map((name, i) => ({ id: i + 1, org_id: 1, name: `managed:${name}:permissions` })),
    builtin_role: names.flatMap((name, i) =>
      name.startsWith("builtins:") ? [{ id: i + 1, role_id: i + 1, org_id: 1, role: capital(name.slice(9)) }] : [],
    ),
    permission: given.flatMap(([role, actions, scope]) =>
      actions.split(" ").map((action) => ({ role_id: names.indexOf(role) + 1, action, scope })),
    ),
  };
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

test("a folder that Grafana hid from viewers, or that editors could not change, is for admins only, and the log names it", async () => {
  const tables: Tables = {
    ...permissions(
      ["builtins:viewer", "folders:read dashboards:read", "folders:uid:open"],
      ["builtins:editor", "folders:read folders:write dashboards:read dashboards:write", "folders:uid:open"],
      ["builtins:viewer", "folders:view", "folders:uid:open-by-sets"],
      ["builtins:editor", "folders:edit", "folders:uid:open-by-sets"],
      ["users:1", "folders:admin", "folders:uid:secret"],
      ["teams:1", "folders:edit", "folders:uid:secret"],
      ["builtins:viewer", "folders:view", "folders:uid:unwritable"],
      ["builtins:editor", "folders:view", "folders:uid:unwritable"],
      ["builtins:viewer", "dashboards:read", "dashboards:uid:at-root"],
      ["builtins:editor", "dashboards:edit", "dashboards:uid:at-root"],
      ["users:1", "dashboards:admin", "dashboards:uid:secret-at-root"],
      ["users:1", "dashboards:admin", "dashboards:uid:secret-of-file"],
    ),
    folder: [
      { org_id: 1, uid: "open", title: "The open", parent_uid: null },
      { org_id: 1, uid: "open-by-sets", title: "The sets", parent_uid: null },
      { org_id: 1, uid: "secret", title: "The secret", parent_uid: null },
      { org_id: 1, uid: "unwritable", title: "The unwritable", parent_uid: null },
      { org_id: 1, uid: "in-open", title: "Within the open", parent_uid: "open" },
      { org_id: 1, uid: "in-secret", title: "Within the secret", parent_uid: "secret" },
    ],
    dashboard: [
      board(1, "of-open", { folder_uid: "in-open" }),
      board(2, "of-secret", { folder_uid: "in-secret" }),
      board(3, "of-unwritable", { folder_uid: "unwritable" }),
      board(4, "at-root"),
      board(5, "secret-at-root"),
      board(6, "secret-of-file"),
    ],
    dashboard_provisioning: [{ id: 1, dashboard_id: 6, name: "files", external_id: "/x.json" }],
  };
  const files = {
    "provisioning/dashboards/files.yaml":
      "apiVersion: 1\nproviders: [{name: files, type: file, options: {path: FOLDER/boards}}]\n",
    "boards/x.json": JSON.stringify({ uid: "secret-of-file", title: "Of a file" }),
  };
  const open = ["at-root", "in-open", "of-open", "open", "open-by-sets"];
  const secret = [
    "in-secret",
    "of-secret",
    "of-unwritable",
    "secret",
    "secret-at-root",
    "secret-of-file",
    "unwritable",
  ];
  await withGrafana(
    tables,
    async (role) => {
      expect(await seenBy(role, "vic")).toEqual(open);
      expect(await seenBy(role, "eve")).toEqual(open);
      expect(await seenBy(role, "admin")).toEqual([...open, ...secret].sort());
      expect(role.host.output.stderr).toMatch(
        /Access was restricted in Grafana: only admins can see these.*folders="The secret, The unwritable" dashboards="The secret-at-root, The secret-of-file"/,
      );
      const shown = await role.call("GET", "/api/dashboards/uid/of-secret", undefined, as("eve"));
      expect([shown.status, shown.json.title]).toEqual([403, "Access denied"]);
      const ofFile = await role.call("GET", "/api/dashboards/uid/secret-of-file", undefined, as("admin"));
      expect(ofFile.json).toMatchObject({
        dashboard: { title: "Of a file" },
        meta: { hasAcl: true, provisioned: true },
      });
    },
    files,
  );
});

test("the permission list of Grafana before version 9 also restricts folders and dashboards", async () => {
  const entry = (
    dashboard_id: number,
    role: string | null,
    permission: number,
    user_id: number | null = null,
  ): Row => ({
    id: null,
    org_id: dashboard_id === -1 ? -1 : 1,
    dashboard_id,
    user_id,
    team_id: null,
    role,
    permission,
  });
  const tables: Tables = {
    dashboard_acl: [
      entry(-1, "Viewer", 1),
      entry(-1, "Editor", 2),
      entry(2, null, 4, 1),
      entry(3, "Editor", 2),
      entry(3, "Viewer", 1),
      entry(5, "Editor", 2),
    ],
    dashboard: [
      folder(1, "open"),
      folder(2, "secret", { has_acl: 1 }),
      folder(3, "listed", { has_acl: 1 }),
      board(4, "at-root"),
      board(5, "no-viewers", { has_acl: 1 }),
      board(6, "of-secret", { folder_id: 2 }),
      board(7, "of-open", { folder_id: 1 }),
    ],
  };
  await withGrafana(tables, async (role) => {
    expect(await seenBy(role, "eve")).toEqual(["at-root", "listed", "of-open", "open"]);
    expect(await seenBy(role, "admin")).toHaveLength(7);
  });
});
