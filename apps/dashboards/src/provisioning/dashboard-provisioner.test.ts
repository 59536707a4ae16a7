import { rmSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { type Places, Visible } from "../access/visible.ts";
import { visitor } from "../auth/identity.ts";
import { DashboardStore } from "../dashboards/dashboard-store.ts";
import { DeletedPlaces } from "../deleted/deleted-places.ts";
import { FolderStore } from "../folders/folder-store.ts";
import { writeBelow } from "../testing/running-role.ts";
import { DashboardFiles } from "./dashboard-files.ts";
import { DashboardProvisioner } from "./dashboard-provisioner.ts";
import type { Provider } from "./provider-files.ts";

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

/** Runs `use` with access to the files of providers, and to the stored dashboards. */
async function withProvisioner(
  use: (rig: {
    readonly folder: string;
    readonly dashboards: DashboardStore;
    readonly folders: FolderStore;
    readonly lines: readonly unknown[];
    readonly clock: ManualClock;
    readonly write: (path: string, text: string) => void;
    /** Reads the files of these providers. Each provider's folder has the provider's name. */
    readonly provide: (...providers: readonly Partial<Provider>[]) => Promise<void>;
    readonly versions: () => Readonly<Record<string, number>>;
  }) => Promise<void>,
): Promise<void> {
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
  try {
    await use({
      folder,
      dashboards,
      folders,
      clock,
      lines: logger.lines,
      write: (path, text) => writeBelow(folder, path, text),
      provide: (...providers) =>
        provisioner.setProviders(
          providers.map((given) => {
            const provider = { ...PROVIDER, ...given };
            return { ...provider, path: join(folder, provider.name), ...given };
          }),
        ),
      versions: () => Object.fromEntries([...dashboards.values()].map(({ uid, version }) => [uid, version])),
    });
  } finally {
    provisioner.stop();
    await store.close();
  }
}

test("a dashboard whose file is skipped because of a conflict keeps its content and its versions", async () => {
  await withProvisioner(async ({ write, provide, versions, dashboards, lines }) => {
    write("files/b.json", '{"uid":"b","title":"B"}');
    write("files/c.json", '{"uid":"c","title":"C"}');
    await provide({});
    // Gives a.json the title of b.json, and c.json the uid of a.json.
    write("files/a.json", '{"uid":"a","title":"B"}');
    write("files/c.json", '{"uid":"a","title":"C"}');
    await provide({});
    expect(versions()).toEqual({ a: 1, b: 1, c: 1 });
    expect(dashboards.byUid("b")?.provisioned?.file).toBe("b.json");
    expect(JSON.stringify(lines)).toContain("dashboard title is not unique in folder: B");
    expect(JSON.stringify(lines)).toContain("the same UID is used more than once: a");
    write("files/c.json", '{"uid":"d","title":"C"}');
    await provide({});
    expect(versions()).toEqual({ a: 1, b: 1, d: 1 });
  });
});

test("a file with a resource of the v2 form is provisioned as a classic dashboard", async () => {
  await withProvisioner(async ({ dashboards, lines, write, provide }) => {
    const panel = {
      kind: "Panel",
      spec: {
        id: 7,
        title: "Sessions",
        data: { kind: "QueryGroup", spec: { queries: [], transformations: [], queryOptions: {} } },
        vizConfig: { kind: "VizConfig", group: "stat", version: "13.0", spec: {} },
      },
    };
    const place = { x: 0, y: 0, width: 12, height: 4, element: { kind: "ElementReference", name: "a" } };
    const resource = {
      apiVersion: "dashboard.grafana.app/v2",
      kind: "Dashboard",
      metadata: { name: "sessions" },
      spec: {
        title: "Sessions overview",
        elements: { a: panel },
        layout: { kind: "GridLayout", spec: { items: [{ kind: "GridLayoutItem", spec: place }] } },
      },
    };
    write("files/sessions.json", JSON.stringify(resource));
    await provide({});
    expect(lines).toEqual([]);
    const stored = dashboards.byUid("sessions")!;
    const { title, panels } = JSON.parse((await dashboards.textOf(stored, stored.version))!) as {
      title: string;
      panels: { title: string }[];
    };
    expect([title, panels.map((one) => one.title)]).toEqual(["Sessions overview", ["Sessions"]]);
  });
});

test("the log names parts of a resource that were not converted, up to a limit", async () => {
  await withProvisioner(async ({ dashboards, lines, write, provide }) => {
    const elements = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`e${n}`, { kind: "Video" }]));
    const layout = { kind: "GridLayout", spec: { items: [] } };
    write(
      "files/a.json",
      JSON.stringify({ kind: "Dashboard", metadata: { name: "a" }, spec: { title: "A", elements, layout } }),
    );
    await provide({});
    expect(dashboards.byUid("a")?.title).toBe("A");
    expect(lines).toHaveLength(11);
    expect(JSON.stringify(lines[0])).toContain("elements.e0");
    expect(JSON.stringify(lines[10])).toMatch(/"further":2\b/);
    await provide({});
    expect(lines).toHaveLength(11);
  });
});

test("a dashboard whose folder cannot be created stays unchanged", async () => {
  await withProvisioner(async ({ write, provide, versions }) => {
    write("files/a.json", '{"uid":"a","title":"A"}');
    await provide({});
    await provide({ folder: "x".repeat(500) });
    await provide({ folderUid: "no uid" });
    expect(versions()).toEqual({ a: 1 });
  });
});

test("a dashboard whose file moves from one provider to another keeps its versions", async () => {
  await withProvisioner(async ({ write, folder, provide, versions, dashboards }) => {
    write("one/a.json", '{"uid":"a","title":"A"}');
    write("two/b.json", '{"uid":"b","title":"B"}');
    await provide({ name: "one" }, { name: "two" });
    rmSync(join(folder, "one/a.json"));
    write("two/a.json", '{"uid":"a","title":"A"}');
    await provide({ name: "one" }, { name: "two" });
    expect(versions()).toEqual({ a: 1, b: 1 });
    expect(dashboards.byUid("a")?.provisioned?.provider).toBe("two");
    // Dashboards of the removed provider stay while the folder of `three` is missing, because `three` may own their
    // files.
    await provide({ name: "two" }, { name: "three", path: join(folder, "later") });
    await provide({ name: "three", path: join(folder, "later") });
    expect(versions()).toEqual({ a: 1, b: 1 });
    await provide({ name: "three", path: join(folder, "two") });
    expect(versions()).toEqual({ a: 1, b: 1 });
    expect(dashboards.byUid("b")?.provisioned?.provider).toBe("three");
  });
});

test("a dashboard that users may save keeps their changes and their folder until its file changes", async () => {
  await withProvisioner(async ({ write, provide, dashboards, folders }) => {
    write("files/a.json", '{"uid":"a","title":"A"}');
    await provide({ allowUiUpdates: true });
    const { uid: folderUid } = await folders.add({ uid: "mine", title: "Mine", parentUid: "", user: "ann" });
    const dashboard = { uid: "a", title: "Mine" };
    await dashboards.save({ dashboard, folderUid, message: "", overwrite: true, user: "ann" });
    await provide({ allowUiUpdates: true });
    expect(dashboards.byUid("a")).toMatchObject({ title: "Mine", folderUid: "mine", version: 2 });
    write("files/a.json", '{"uid":"a","title":"A", "tags":[]}');
    await provide({ allowUiUpdates: true });
    expect(dashboards.byUid("a")).toMatchObject({ title: "A", folderUid: "", version: 3 });
    // Changes the folder in the provider's settings, which must move the dashboard into this folder.
    await provide({ allowUiUpdates: true, folder: "Team" });
    expect(folders.byUid(dashboards.byUid("a")!.folderUid)?.title).toBe("Team");
  });
});

test("uids and folder titles with spaces at their ends are found at the next scan", async () => {
  await withProvisioner(async ({ write, provide, versions, folders }) => {
    write("files/ sub /a.json", '{"uid":" a ","title":"A"}');
    for (let scan = 0; scan < 3; scan++) await provide({ usesFolders: true });
    expect(versions()).toEqual({ a: 1 });
    expect([...folders.values()].map(({ title }) => title)).toEqual(["sub"]);
    for (let scan = 0; scan < 3; scan++) await provide({ folder: " Team " });
    expect([...folders.values()].map(({ title }) => title)).toEqual(["sub", "Team"]);
  });
});

test("a file that could not be read is read as soon as possible, although its size and time are unchanged", async () => {
  await withProvisioner(async ({ folder, write }) => {
    const file = join(folder, "files/a.json");
    const files = new DashboardFiles(join(folder, "files"), "files");
    const writeAtNoon = (text: string): void => {
      write("files/a.json", text);
      utimesSync(file, 1_700_000_000, 1_700_000_000);
    };
    writeAtNoon('{"uid":"a","title":"A" ');
    expect([...(await files.list()).problems.keys()]).toEqual([file]);
    writeAtNoon('{"uid":"a","title":"A"}');
    expect([...(await files.list()).uids]).toEqual(["a"]);
    writeAtNoon('{"uid":"b","title":"A"}');
    expect([...(await files.list()).uids]).toEqual(["b"]);
    symlinkSync(join(folder, "later.json"), join(folder, "files/link.json"));
    expect(Object.fromEntries((await files.list()).problems)).toEqual({
      [join(folder, "files/link.json")]: "the link is broken",
    });
    write("later.json", '{"uid":"c","title":"C"}');
    expect([...(await files.list()).uids]).toEqual(["b", "c"]);
  });
});

test("files beyond the limit are listed as problems, and their dashboards stay", async () => {
  await withProvisioner(async ({ folder, write }) => {
    for (const name of ["a", "b", "c"]) write(`files/${name}.json`, `{"uid":"${name}","title":"${name}"}`);
    write("files/x/y/z.json", '{"uid":"z","title":"z"}');
    const few = new DashboardFiles(join(folder, "files"), "files", { files: 2, depth: 1 });
    const { files, problems } = await few.list();
    expect(files.map(({ uid }) => uid)).toEqual(["a", "b"]);
    expect(Object.fromEntries(problems)).toEqual({
      [join(folder, "files")]: `a provider has 2 files at most: ${join(folder, "files/c.json")} are left out`,
      [join(folder, "files/x/y")]: "the folder lies more than 1 deep: its files are left out",
    });
    expect([await few.isRemoved("c.json"), await few.isRemoved("d.json")]).toEqual([false, true]);
    const one = new DashboardFiles(join(folder, "files/a.json"), "files");
    await one.list();
    expect([await one.isRemoved("a.json"), await one.isRemoved("b.json")]).toEqual([false, true]);
    // Removes the folder after its files were listed. Its dashboards must stay.
    rmSync(join(folder, "files"), { recursive: true });
    expect([await few.isRemoved("a.json"), await one.isRemoved("a.json")]).toEqual([false, false]);
  });
});

test.each([
  ["a", "b"],
  ["b", "a"],
])("if instances created two folders concurrently, all use the same one: %s, %s", async (...uids) => {
  await withProvisioner(async ({ write, provide, dashboards, folders }) => {
    for (const uid of uids) await folders.add({ uid, title: "Shared", parentUid: "", user: "provisioning" });
    write("files/x.json", '{"uid": "x", "title": "X"}');
    await provide({ folder: "Shared" });
    expect(dashboards.byUid("x")?.folderUid).toBe("a");
  });
});

/** Returns functions that return an editor's current level on a dashboard and in a folder. */
function levelsOfEditor(dashboards: DashboardStore, folders: FolderStore) {
  const seen = () => new Visible({ dashboards, folders } as Places, visitor("Editor"), "");
  return {
    dashboardLevel: (uid: string) => seen().dashboardLevel(dashboards.byUid(uid)!),
    folderLevel: (uid: string) => seen().folderLevel(uid),
  };
}

test("the dashboards of a provider with adminsOnly, and the folders that it creates, are for admins only", async () => {
  await withProvisioner(async ({ write, provide, dashboards, folders }) => {
    write("files/Team/a.json", '{"uid":"a","title":"A"}');
    write("root/b.json", '{"uid":"b","title":"B"}');
    const { dashboardLevel, folderLevel } = levelsOfEditor(dashboards, folders);
    const isForAdmins = (uid: string): boolean => dashboardLevel(uid) === 0;
    await provide({ usesFolders: true, adminsOnly: true }, { name: "root" });
    expect([isForAdmins("a"), isForAdmins("b")]).toEqual([true, false]);
    expect(folderLevel(folders.childrenOf("")[0]!.uid) === 0).toBe(true);
    await provide({ usesFolders: true, adminsOnly: true }, { name: "root", adminsOnly: true });
    expect(isForAdmins("b")).toBe(true);
  });
});

test("adminsOnly restricts the folders that the provider has created, but not those of users", async () => {
  await withProvisioner(async ({ write, provide, dashboards, folders }) => {
    write("files/Team/a.json", '{"uid":"a","title":"A"}');
    write("files/Mine/b.json", '{"uid":"b","title":"B"}');
    await folders.add({ uid: "mine", title: "Mine", parentUid: "", user: "ann" });
    await provide({ usesFolders: true });
    const closed = (): readonly string[] =>
      [...folders.values()]
        .filter(({ uid }) => levelsOfEditor(dashboards, folders).folderLevel(uid) === 0)
        .map(({ title }) => title);
    expect(closed()).toEqual([]);
    await provide({ usesFolders: true, adminsOnly: true });
    expect(closed()).toEqual(["Team"]);
  });
});

test("a restricted dashboard is restricted again when its file comes back", async () => {
  await withProvisioner(async ({ write, folder, provide, dashboards, folders }) => {
    const isForAdmins = (): boolean | undefined => {
      return dashboards.byUid("a") && levelsOfEditor(dashboards, folders).dashboardLevel("a") === 0;
    };
    const leaveOnce = async (): Promise<void> => {
      rmSync(join(folder, "files/a.json"));
      await provide({});
      expect(dashboards.byUid("a")).toBeUndefined();
      write("files/a.json", '{"uid":"a","title":"A"}');
      await provide({});
    };
    write("files/b.json", '{"uid":"b","title":"B"}');
    write("files/a.json", '{"uid":"a","title":"A"}');
    await provide({});
    await dashboards.amend("a", (record) => ({ ...record, isForAdmins: true }));
    await leaveOnce();
    expect(isForAdmins()).toBe(true);
    await dashboards.amend("a", ({ isForAdmins: _before, ...rest }) => rest);
    await leaveOnce();
    expect(isForAdmins()).toBe(false);
  });
});
