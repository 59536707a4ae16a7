import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { PUBLIC_SECRET_KEY } from "../settings/setting-table.ts";
import { grafanaPassword, grafanaSecret, type Tables, writeGrafanaFile } from "../testing/grafana-file.ts";
import { type RunningRole, withRole } from "../testing/running-role.ts";

const dashboard = (id: number, uid: string, title: string, more: object = {}): Tables[string][number] => ({
  id,
  org_id: 1,
  version: 3,
  title,
  uid,
  is_folder: 0,
  folder_id: 0,
  folder_uid: null,
  data: JSON.stringify({ id, uid, title, version: 3, schemaVersion: 39, panels: [{ id: 1, type: "text" }] }),
  ...more,
});

const user = (id: number, login: string, more: object = {}): Tables[string][number] => ({
  id,
  login,
  email: `${login}@example.org`,
  name: login.toUpperCase(),
  password: grafanaPassword(`password of ${login}`, "salt"),
  salt: "salt",
  org_id: 1,
  is_admin: 0,
  is_disabled: 0,
  is_service_account: 0,
  ...more,
});

const source = (id: number, name: string, more: object = {}): Tables[string][number] => ({
  id,
  org_id: 1,
  version: 1,
  type: "prometheus",
  name,
  uid: `uid-${name}`,
  access: "proxy",
  url: "http://prometheus:9090",
  user: "",
  database: "",
  basic_auth: 1,
  basic_auth_user: "ann",
  with_credentials: 0,
  is_default: 0,
  read_only: 0,
  json_data: Buffer.from('{"timeInterval":"5s"}'),
  secure_json_data: JSON.stringify({ basicAuthPassword: grafanaSecret("hidden", PUBLIC_SECRET_KEY) }),
  ...more,
});

const TABLES: Tables = {
  org: [{ id: 1, name: "Main Org." }],
  user: [user(1, "admin", { is_admin: 1 }), user(2, "eve"), user(3, "sa-robot", { is_service_account: 1 })],
  org_user: [
    { org_id: 1, user_id: 1, role: "Admin" },
    { org_id: 1, user_id: 2, role: "Editor" },
  ],
  folder: [
    { org_id: 1, uid: "inner", title: "Inner", parent_uid: "outer" },
    { org_id: 1, uid: "outer", title: "Outer", parent_uid: null },
  ],
  dashboard: [
    dashboard(1, "outer", "Outer", { is_folder: 1 }),
    dashboard(2, "inner", "Inner", { is_folder: 1 }),
    dashboard(3, "by-number", "By number", { folder_id: 1 }),
    dashboard(4, "by-uid", "By uid", { folder_uid: "inner" }),
    dashboard(5, "of-a-file", "Of a file"),
    dashboard(6, "of-others", "Of others", { org_id: 2 }),
  ],
  dashboard_provisioning: [{ id: 1, dashboard_id: 5, name: "files", external_id: "/x.json" }],
  data_source: [
    source(1, "Prometheus", { is_default: 1 }),
    source(2, "Locked", { secure_json_data: JSON.stringify({ basicAuthPassword: grafanaSecret("äöü", "another") }) }),
    source(3, "Of a file", { read_only: 1 }),
  ],
  alert_rule: [{ id: 1 }, { id: 2 }],
};

function folderOf(tables: Tables): { folder: string; file: string } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "data"));
  const file = join(folder, "data", "grafana.db");
  writeGrafanaFile(file, tables);
  return { folder, file };
}

const titles = async ({ call }: RunningRole, as: { readonly user?: string } = {}): Promise<string[]> =>
  ((await call("GET", "/api/search", undefined, as)).json as { title: string; folderTitle?: string }[])
    .map(({ title, folderTitle }) => (folderTitle === undefined ? title : `${folderTitle}/${title}`))
    .sort();

const ADMIN = { user: "admin:password of admin" };
const EVE = { user: "eve:password of eve" };

test("Grafana's folders, dashboards, data sources and users are imported once, and its file stays unchanged", async () => {
  const { folder, file } = folderOf(TABLES);
  const before = readFileSync(file);
  const env = { GF_SECURITY_ADMIN_PASSWORD: "password of admin" };
  await withRole({ folder, env }, async (role) => {
    const { call, host } = role;
    expect(await titles(role, ADMIN)).toEqual(["Inner/By uid", "Outer", "Outer/By number", "Outer/Inner"]);
    const shown = await call("GET", "/api/dashboards/uid/by-uid", undefined, EVE);
    expect(shown.json).toMatchObject({
      dashboard: { title: "By uid", panels: [{ type: "text" }] },
      meta: { canSave: true },
    });
    expect((await call("GET", "/api/folders/inner", undefined, ADMIN)).json).toMatchObject({ parentUid: "outer" });
    expect((await call("GET", "/api/datasources/name/Prometheus", undefined, ADMIN)).json).toMatchObject({
      uid: "uid-Prometheus",
      isDefault: true,
      jsonData: { timeInterval: "5s" },
      secureJsonFields: { basicAuthPassword: true },
    });
    expect((await call("GET", "/api/datasources/name/Locked", undefined, ADMIN)).json).toMatchObject({
      secureJsonFields: {},
    });
    expect((await call("GET", "/api/datasources/name/Of a file", undefined, ADMIN)).status).toBe(404);
    const { stderr } = host.output;
    expect(stderr).toMatch(
      /Imported Grafana's data.*users=2 serviceAccounts=0 tokens=0 teams=0 folders=2 dashboards=2 sources=2/,
    );
    expect(stderr).toMatch(/Some of Grafana's data was not imported.*alert_rule=2 service_account=1/);
    expect(stderr).toMatch(/could not be decrypted.*source=Locked secrets=basicAuthPassword/);
    expect((await call("DELETE", "/api/dashboards/uid/by-uid", undefined, ADMIN)).status).toBe(200);
  });
  expect(readFileSync(file).equals(before)).toBe(true);
  await withRole({ folder, env }, async ({ call, host }) => {
    expect((await call("GET", "/api/dashboards/uid/by-uid", undefined, ADMIN)).status).toBe(404);
    expect((await call("GET", "/api/dashboards/uid/by-number", undefined, ADMIN)).status).toBe(200);
    expect(host.output.stderr).not.toContain("Took over");
  });
});

/** Returns a row of the table `resource`, which Grafana uses since version 12. */
const object = (resource: string, name: string, spec: object, annotations: object = {}): Tables[string][number] => ({
  guid: name,
  group: `${resource}.example`,
  resource,
  namespace: "default",
  name,
  action: 1,
  folder: "",
  value: JSON.stringify({ metadata: { name, annotations }, spec }),
});

test("Grafana's resources take precedence over the tables of earlier versions", async () => {
  const { folder } = folderOf({
    dashboard: [dashboard(1, "both", "Earlier"), dashboard(2, "filed", "Of a file")],
    resource: [
      object("folders", "team", { title: "Team" }),
      object("dashboards", "both", { title: "Later", panels: [] }, { "grafana.app/folder": "team" }),
      object("dashboards", "filed", { title: "Of a file" }, { "grafana.app/managedBy": "classic-file-provisioning" }),
      { ...object("dashboards", "gone", { title: "Gone" }), action: 3 },
    ],
  });
  await withRole({ folder }, async (role) => expect(await titles(role)).toEqual(["Team", "Team/Later"]));
});

test("folders that are nested too deeply or form a cycle stop neither the start nor the rest of the import", async () => {
  const chain = Array.from({ length: 20 }, (_, i) => ({
    org_id: 1,
    uid: `f${i}`,
    title: `Folder ${i}`,
    parent_uid: `f${i + 1}`,
  }));
  const circle = [
    { org_id: 1, uid: "a", title: "A", parent_uid: "b" },
    { org_id: 1, uid: "b", title: "B", parent_uid: "a" },
  ];
  const { folder } = folderOf({ ...TABLES, folder: [...chain, ...circle, ...TABLES["folder"]!] });
  const env = { GF_SECURITY_ADMIN_PASSWORD: "password of admin" };
  await withRole({ folder, env }, async (role) => {
    expect(await titles(role, ADMIN)).toContain("Inner/By uid");
  });
});

test("a file that is not a database is reported, left unchanged, and tried again", async () => {
  const { folder, file } = folderOf(TABLES);
  writeFileSync(file, "this is no database, and long enough to be looked at as one".repeat(20));
  const before = readFileSync(file);
  await withRole({ folder }, async (role) => {
    expect(await titles(role)).toEqual([]);
    expect(role.host.output.stderr).toMatch(/Grafana's database cannot be read.*grafana\.db/);
  });
  expect(readFileSync(file).equals(before)).toBe(true);
  rmSync(file);
  writeGrafanaFile(file, TABLES);
  await withRole({ folder }, async ({ call }) =>
    expect((await call("GET", "/api/dashboards/uid/by-uid", undefined, ADMIN)).status).toBe(200),
  );
});

test("the incomplete changes of a killed Grafana are ignored, and its files stay unchanged", async () => {
  const { folder, file } = folderOf(TABLES);
  const [before, journal] = halfWritten(file);
  await withRole({ folder }, async (role) =>
    expect(await titles(role, ADMIN)).toEqual(["Inner/By uid", "Outer", "Outer/By number", "Outer/Inner"]),
  );
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readFileSync(`${file}-journal`).equals(journal)).toBe(true);
  expect(readdirSync(join(folder, "data")).filter((name) => name.startsWith(".grafana-copy"))).toEqual([]);
});

/**
 * Leaves a database in the state after a process was killed during a write: partly changed, with a rollback journal.
 */
function halfWritten(file: string): readonly [Buffer, Buffer] {
  const writer = new DatabaseSync(file);
  // Uses a cache that is so small that SQLite writes changes to the file before the transaction is complete.
  writer.exec(
    "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; DELETE FROM dashboard; CREATE TABLE filler (text)",
  );
  const insert = writer.prepare("INSERT INTO filler VALUES (?)");
  for (let i = 0; i < 200; i++) insert.run("x".repeat(1000));
  const copies = [readFileSync(file), readFileSync(`${file}-journal`)] as const;
  writer.exec("ROLLBACK");
  writer.close();
  writeFileSync(file, copies[0]);
  writeFileSync(`${file}-journal`, copies[1]);
  return copies;
}

test("dashboards in the trash are not imported, and objects that are not imported are counted", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ id: i, text: "x", alert_id: i % 4 === 3 ? i : 0 }));
  const { folder } = folderOf({
    dashboard: [
      dashboard(1, "kept", "Kept", { deleted: null }),
      dashboard(2, "gone", "Gone", { deleted: "2024-05-01 10:00:00" }),
    ],
    annotation: rows,
  });
  await withRole({ folder }, async (role) => {
    expect(await titles(role)).toEqual(["Kept"]);
    expect(role.host.output.stderr).toMatch(/Some of Grafana's data was not imported.*annotation=15/);
  });
});

test("a role that already has users imports nothing from a file that is added later", async () => {
  const { folder, file } = folderOf(TABLES);
  rmSync(file);
  await withRole({ folder }, async (role) => expect(await titles(role)).toEqual([]));
  writeGrafanaFile(file, TABLES);
  await withRole({ folder }, async (role) => expect(await titles(role)).toEqual([]));
});
