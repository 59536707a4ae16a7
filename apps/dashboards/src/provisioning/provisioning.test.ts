import { rmSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder, testHost } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { DashboardStore } from "../dashboards/dashboard-store.ts";
import { DeletedPlaces } from "../deleted/deleted-places.ts";
import { FolderStore } from "../folders/folder-store.ts";
import { main } from "../main.ts";
import { withRole, writeBelow } from "../testing/running-role.ts";
import { DashboardProvisioner } from "./dashboard-provisioner.ts";
import type { Provider } from "./provider-files.ts";

const SOURCES = `apiVersion: 1
deleteDatasources:
  - name: Old
datasources:
  - name: Prometheus
    type: prometheus
    url: http://$HOST:9090
    isDefault: true
    jsonData: { timeInterval: 5s, exemplarTraceIdDestinations: [{ name: a$$b }], httpHeaderName1: X-Key }
    secureJsonData: { httpHeaderValue1: "\${KEY}" }
  - name: Editable
    type: alertmanager
    uid: am
    editable: true
    version: 3
`;

const PROVIDERS = `apiVersion: 1
providers:
  - name: files
    folder: Team
    type: file
    options: { path: FOLDER/dashboards }
  - name: tree
    allowUiUpdates: true
    options: { path: FOLDER/tree, foldersFromFilesStructure: true }
`;

const FILES = {
  "provisioning/datasources/one.yaml": SOURCES,
  "provisioning/dashboards/all.yml": PROVIDERS,
  "dashboards/a.json": '{"id":5,"uid":"a","title":"A","version":9,"panels":[{"datasource":"${DS_PROMETHEUS}"}]}',
  "dashboards/.hidden/b.json": '{"uid":"b","title":"B"}',
  "dashboards/copy.json": '{"uid":"a","title":"Copy"}',
  "dashboards/broken.json": "{",
  "tree/x/y/c.json": '{"uid":"c","title":"C"}',
};

test("sources and dashboards are created from files, which are read again on request", async () => {
  const env = { HOST: "prom", KEY: "k" };
  await withRole({ files: FILES, env }, async ({ call, folder, host }) => {
    const source = (await call("GET", "/api/datasources/name/Prometheus")).json;
    expect(source).toMatchObject({
      uid: "PBFA97CFB590B2093",
      url: "http://prom:9090",
      readOnly: true,
      isDefault: true,
      jsonData: { timeInterval: "5s", exemplarTraceIdDestinations: [{ name: "a$b" }] },
      secureJsonFields: { httpHeaderValue1: true },
    });
    const refused = await call("DELETE", "/api/datasources/name/Prometheus");
    expect([refused.status, refused.json]).toEqual([403, { message: "Cannot delete read-only data source" }]);
    expect(
      (await call("PUT", "/api/datasources/uid/am", { name: "Editable", type: "alertmanager" })).json.datasource
        .version,
    ).toBe(4);
    const a = (await call("GET", "/api/dashboards/uid/a")).json;
    expect(a.dashboard.panels).toEqual([{ datasource: "PBFA97CFB590B2093" }]);
    expect(a.meta).toMatchObject({
      provisioned: true,
      provisionedExternalId: "a.json",
      folderTitle: "Team",
      version: 1,
    });
    expect((await call("GET", "/api/dashboards/uid/b")).status).toBe(404);
    const save = await call("POST", "/api/dashboards/db", { dashboard: { uid: "a", title: "A" }, overwrite: true });
    expect([save.status, save.json]).toEqual([400, { message: "Cannot save provisioned dashboard" }]);
    const c = (await call("GET", "/api/dashboards/uid/c")).json;
    expect([c.meta.provisioned, c.meta.folderTitle]).toEqual([false, "y"]);
    expect((await call("GET", `/api/folders/${c.meta.folderUid}`)).json.parents[0].title).toBe("x");
    expect((await call("POST", "/api/dashboards/db", { dashboard: { ...c.dashboard, title: "Mine" } })).status).toBe(
      200,
    );
    expect(host.output.stderr).toMatch(/copy\.json err="the same UID is used more than once: a"/);
    expect(host.output.stderr).toMatch(/broken\.json/);

    writeBelow(folder, "tree/x/y/c.json", '{"uid":"c","title":"From file"}');
    const reload = (kind: string) => call("POST", `/api/admin/provisioning/${kind}/reload`);
    expect((await reload("dashboards")).json).toEqual({ message: "Dashboards config reloaded" });
    expect((await call("GET", "/api/dashboards/uid/c")).json.dashboard.title).toBe("From file");
    expect((await reload("datasources")).json).toEqual({ message: "Datasources config reloaded" });
    expect((await call("GET", "/api/datasources/uid/am")).json.version).toBe(4);
    writeBelow(folder, "provisioning/datasources/one.yaml", `${SOURCES}  - type: x\n`);
    const failed = await reload("datasources");
    expect([failed.status, failed.json.message]).toEqual([
      500,
      expect.stringMatching(/one\.yaml:16:5: a data source has no name/),
    ]);
    expect((await call("GET", "/api/datasources")).json).toHaveLength(2);
    expect((await reload("notifications")).status).toBe(404);
  });
});

test("provisioned sources that are in no file any more are removed if a file requests this", async () => {
  const files = { "provisioning/datasources/one.yaml": SOURCES };
  await withRole({ files }, async ({ call, folder }) => {
    await call("POST", "/api/datasources", { name: "Mine", type: "prometheus" });
    writeBelow(folder, "provisioning/datasources/one.yaml", "apiVersion: 1\nprune: true\n");
    await call("POST", "/api/admin/provisioning/datasources/reload");
    expect((await call("GET", "/api/datasources")).json.map(({ name }: { name: string }) => name)).toEqual(["Mine"]);
  });
});

test("files without apiVersion, which use an older form, are read", async () => {
  const files = {
    "provisioning/datasources/old.yml":
      "datasources:\n- name: P\n  type: prometheus\n  org_id: 1\n  is_default: true\n  json_data: {a_b: 1}\n",
    "provisioning/dashboards/old.yml": "- name: f\n  org_id: 1\n  type: file\n  options: { folder: FOLDER/d }\n",
    "d/a.json": '{"title":"Without uid"}',
  };
  await withRole({ files }, async ({ call }) => {
    expect((await call("GET", "/api/datasources/name/P")).json).toMatchObject({
      isDefault: true,
      jsonData: { a_b: 1 },
    });
    expect((await call("GET", "/api/search")).json[0].title).toBe("Without uid");
  });
});

test.each([
  [
    "datasources:\n  - {name: a, type: x, isDefault: true}\n  - {name: b, type: x, isDefault: true}\n",
    /s\.yaml:4: Only one datasource per organization can be marked as default; the other one is at .*s\.yaml:3/,
  ],
  [
    "datasources:\n  - {name: a, type: x, basicAuth: maybe}\n",
    /s\.yaml:3:\d+: basicAuth: \\"maybe\\" is neither true nor false/,
  ],
  ["datasources: {a: 1}\n", /s\.yaml:2:\d+: datasources is not a list; start each entry with a dash/],
  ["datasources:\n  - name: a\n   type: x\n", /s\.yaml:\d+:\d+: yaml/],
  ["datasources:\n  - {name: a, type: x, url: '$__file{/none}'}\n", /ENOENT/],
])("an invalid file of sources stops the start, and the error names file and line", async (text, expected) => {
  const folder = temporaryFolder();
  writeBelow(folder, "provisioning/datasources/s.yaml", `apiVersion: 1\n${text}`);
  const env = { GF_PATHS_DATA: join(folder, "data"), GF_PATHS_PROVISIONING: join(folder, "provisioning") };
  const host = testHost(["--web.listen-address=127.0.0.1:0"], { env });
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toMatch(expected);
});

const PROVIDER: Omit<Provider, "path"> = {
  name: "files",
  folder: "",
  folderUid: "",
  disableDeletion: false,
  allowUiUpdates: false,
  adminsOnly: false,
  intervalMs: 10_000,
  usesFolders: false,
};

test("a provider's files are read again at intervals, and dashboards of removed files are deleted unless deletion is disabled", async () => {
  const folder = temporaryFolder();
  const clock = new ManualClock(1_700_000_000_000);
  const store = openSqlite(":memory:");
  const folders = await FolderStore.open(store, clock);
  const dashboards = await DashboardStore.open(store, {
    folders,
    deleted: await DeletedPlaces.open(store, clock),
    clock,
    versionsToKeep: 20,
  });
  const logger = memoryLogger();
  const provisioner = new DashboardProvisioner({ dashboards, folders, minRefreshMs: 5000, clock, logger });
  writeBelow(folder, "gone/a.json", '{"uid":"a","title":"A"}');
  writeBelow(folder, "kept/b.json", '{"uid":"b","title":"B"}');
  const providers = [
    { ...PROVIDER, path: join(folder, "gone") },
    { ...PROVIDER, name: "kept", path: join(folder, "kept"), disableDeletion: true },
  ];
  await provisioner.setProviders(providers);
  expect([...dashboards.values()].map(({ uid }) => uid)).toEqual(["a", "b"]);
  writeBelow(folder, "gone/new.json", '{"uid":"n","title":"New"}');
  rmSync(join(folder, "gone/a.json"));
  rmSync(join(folder, "kept/b.json"));
  const until = async (isDone: () => boolean): Promise<void> => {
    for (let turn = 0; !isDone(); turn++) {
      if (turn > 10_000) throw new Error(JSON.stringify(logger.lines));
      await clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await until(() => dashboards.byUid("n") !== undefined && dashboards.byUid("a") === undefined);
  await until(() => dashboards.byUid("b")!.provisioned === undefined);
  // Removes the folder of the dashboards temporarily. The dashboards must stay.
  rmSync(join(folder, "gone"), { recursive: true });
  await clock.advance(10_000);
  await provisioner.setProviders(providers);
  expect(dashboards.byUid("n")).toBeDefined();
  await provisioner.setProviders([]);
  expect([...dashboards.values()].map(({ uid }) => uid)).toEqual(["b"]);
  provisioner.stop();
  await store.close();
});

test("files of unsupported kinds are logged at the start, and a request to reload them is refused", async () => {
  const files = {
    "provisioning/alerting/rules.yaml": "apiVersion: 1\ngroups:\n  - name: cpu\n",
    "provisioning/alerting/points.json": '{"apiVersion": 1, "contactPoints": []}',
    "provisioning/notifiers/old.yml": "notifiers:\n  - name: mail\n",
    "provisioning/access-control/sample.yaml": "# apiVersion: 2\napiVersion: 2\n# roles:\n#   - name: x\n",
    "provisioning/plugins/sample.yaml": "# apps:\n",
  };
  await withRole({ files }, async ({ call, host, folder }) => {
    const warned = host.output.stderr.split("\n").filter((line) => line.includes("are not read by this build"));
    expect(warned).toHaveLength(2);
    expect(warned[0]).toContain(`${folder}/provisioning/alerting (points.json, rules.yaml): files of this kind`);
    expect(warned[1]).toContain("/notifiers (old.yml)");
    for (const kind of ["alerting", "access-control", "plugins", "notifiers"]) {
      const { status, json } = await call("POST", `/api/admin/provisioning/${kind}/reload`);
      expect([kind, status, json.message]).toEqual([
        kind,
        501,
        expect.stringContaining("are not read by this build: "),
      ]);
    }
  });
});

test("a file does not get the permissions of a user's dashboard that has taken its uid", async () => {
  const EVE = { user: "eve:eves password" };
  const provider = `apiVersion: 1
providers:
  - {name: closed, adminsOnly: true, options: {path: FOLDER/boards}}
`;
  const files = { "provisioning/dashboards/a.yaml": provider };
  await withRole({ files }, async ({ call, folder }) => {
    await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
    await call("PATCH", "/api/org/users/2", { role: "Editor" });
    expect((await call("POST", "/api/dashboards/db", { dashboard: { uid: "prov", title: "x" } }, EVE)).status).toBe(
      200,
    );
    writeBelow(folder, "boards/b.json", JSON.stringify({ uid: "prov", title: "Closed" }));
    expect((await call("POST", "/api/admin/provisioning/dashboards/reload")).status).toBe(200);
    expect((await call("GET", "/api/dashboards/uid/prov")).json.dashboard.title).toBe("Closed");
    expect((await call("GET", "/api/dashboards/uid/prov", undefined, EVE)).status).toBe(403);
  });
});
