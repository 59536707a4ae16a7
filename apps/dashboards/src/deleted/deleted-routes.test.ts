import { ManualClock } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import { type RunningRole, withRole } from "../testing/running-role.ts";
import { DeletedPlaces, KEEP_DELETED_MS } from "./deleted-places.ts";

const EVE = { user: "eve:eves password" };

/** Creates a folder with a folder, two dashboards and a library panel. One dashboard has two versions. */
async function filledFolder({ call }: RunningRole): Promise<void> {
  await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
  await call("PATCH", "/api/org/users/2", { role: "Editor" });
  await call("POST", "/api/folders", { uid: "outer", title: "Outer" });
  await call("POST", "/api/folders", { uid: "inner", title: "Inner", parentUid: "outer" });
  await call("POST", "/api/library-elements", { uid: "lib", name: "Lib", folderUid: "inner", model: { type: "text" } });
  for (const [uid, folderUid] of [
    ["one", "outer"],
    ["two", "inner"],
  ])
    await call("POST", "/api/dashboards/db", { dashboard: { uid, title: uid, panels: [] }, folderUid });
  const changed = { uid: "one", title: "one", version: 1, tags: ["changed"] };
  await call("POST", "/api/dashboards/db", { dashboard: changed, folderUid: "outer" });
}

const titlesOf = (list: readonly { readonly title: string }[]) => list.map(({ title }) => title);

test("a deleted dashboard is restored with its versions, permissions and id, into its folder or another one", async () => {
  await withRole({}, async (role) => {
    await filledFolder(role);
    const { call } = role;
    await call("POST", "/api/access-control/dashboards/one/users/2", { permission: "Admin" });
    const before = (await call("GET", "/api/dashboards/uid/one")).json;
    const rights = (await call("GET", "/api/dashboards/uid/one/permissions")).json;
    await call("DELETE", "/api/dashboards/uid/one");
    const { dashboards } = (await call("GET", "/api/narthex/deleted")).json;
    expect(dashboards).toMatchObject([{ uid: "one", title: "one", folderUid: "outer", deletedBy: "admin" }]);
    expect((await call("PATCH", "/api/dashboards/uid/one/trash")).json).toMatchObject({ uid: "one" });
    expect((await call("GET", "/api/dashboards/uid/one")).json).toEqual(before);
    expect((await call("GET", "/api/dashboards/uid/one/permissions")).json).toEqual(rights);
    expect((await call("GET", "/api/dashboards/uid/one/versions/1")).json.data).toMatchObject({ version: 1 });
    expect((await call("GET", "/api/narthex/deleted")).json.dashboards).toEqual([]);
    await call("DELETE", "/api/dashboards/uid/one");
    await call("PATCH", "/api/dashboards/uid/one/trash", { folderUid: "inner" });
    expect((await call("GET", "/api/dashboards/uid/one")).json.meta.folderUid).toBe("inner");
  });
});

test("a dashboard that has the uid of a deleted one keeps its content, and the deleted one stays until it can be restored", async () => {
  await withRole({}, async (role) => {
    await filledFolder(role);
    const { call } = role;
    await call("DELETE", "/api/dashboards/uid/one");
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "one", title: "New" } });
    expect((await call("PATCH", "/api/dashboards/uid/one/trash")).status).toBe(409);
    expect((await call("GET", "/api/dashboards/uid/one")).json.dashboard.title).toBe("New");
    await call("DELETE", "/api/dashboards/uid/one");
    await call("DELETE", "/api/dashboards/uid/one/trash");
    expect(titlesOf((await call("GET", "/api/narthex/deleted")).json.dashboards)).toEqual(["one"]);
    expect((await call("PATCH", "/api/dashboards/uid/one/trash")).status).toBe(200);
    expect((await call("GET", "/api/dashboards/uid/one")).json.dashboard.tags).toEqual(["changed"]);
  });
});

test("a deleted folder is restored with its folders, library panels and dashboards", async () => {
  await withRole({}, async (role) => {
    await filledFolder(role);
    const { call } = role;
    const contents = async () => [
      titlesOf((await call("GET", "/api/search")).json),
      (await call("GET", "/api/folders/inner")).json.parentUid,
      (await call("GET", "/api/library-elements")).json.result.totalCount,
    ];
    const before = await contents();
    expect((await call("DELETE", "/api/folders/outer")).status).toBe(200);
    expect((await call("GET", "/api/search")).json).toEqual([]);
    expect((await call("GET", "/api/narthex/deleted")).json.folders).toMatchObject([{ uid: "outer", dashboards: 2 }]);
    expect((await call("PATCH", "/api/folders/outer/trash")).json).toMatchObject({ uid: "outer", notRestored: [] });
    expect(await contents()).toEqual(before);
    expect((await call("GET", "/api/narthex/deleted")).json).toEqual({ dashboards: [], folders: [] });
    expect((await call("POST", "/api/dashboards/db", { dashboard: { title: "x" }, folderUid: "inner" })).status).toBe(
      200,
    );
  });
});

test("accounts that are not admins see and restore only what they have deleted, where they may edit", async () => {
  await withRole({}, async (role) => {
    await filledFolder(role);
    const { call } = role;
    await call("DELETE", "/api/dashboards/uid/one");
    await call("DELETE", "/api/dashboards/uid/two", undefined, EVE);
    expect(titlesOf((await call("GET", "/api/narthex/deleted", undefined, EVE)).json.dashboards)).toEqual(["two"]);
    const restore = (uid: string) => call("PATCH", `/api/dashboards/uid/${uid}/trash`, {}, EVE);
    expect((await restore("one")).status).toBe(404);
    await call("POST", "/api/folders/outer/permissions", { items: [] });
    expect((await restore("two")).status).toBe(403);
    await call("POST", "/api/folders/outer/permissions", { items: [{ role: "Editor", permission: 2 }] });
    expect((await restore("two")).status).toBe(200);
  });
});

test("a dashboard whose folder no longer exists is restored for admins only, or into a folder that an admin chooses", async () => {
  await withRole({}, async (role) => {
    await filledFolder(role);
    const { call } = role;
    await call("POST", "/api/folders/outer/permissions", { items: [{ userId: 2, permission: 2 }] });
    await call("DELETE", "/api/dashboards/uid/one", undefined, EVE);
    await call("DELETE", "/api/folders/outer");
    await call("POST", "/api/folders", { uid: "outer", title: "Eve's own" }, EVE);
    expect((await call("PATCH", "/api/dashboards/uid/one/trash", {}, EVE)).status).toBe(403);
    expect((await call("PATCH", "/api/dashboards/uid/one/trash")).status).toBe(200);
    expect((await call("GET", "/api/dashboards/uid/one")).json.meta.folderUid).toBe("");
    expect((await call("GET", "/api/dashboards/uid/one", undefined, EVE)).status).toBe(403);
    expect((await call("DELETE", "/api/dashboards/uid/two/trash", undefined, EVE)).status).toBe(404);
  });
});

test("a folder's restore can be repeated, names what is taken, and leaves dashboards that were deleted elsewhere", async () => {
  await withRole({}, async (role) => {
    await filledFolder(role);
    const { call } = role;
    await call("DELETE", "/api/folders/outer");
    await call("POST", "/api/folders", { uid: "secret", title: "Secret" });
    await call("PATCH", "/api/dashboards/uid/one/trash", { folderUid: "secret" });
    await call("DELETE", "/api/dashboards/uid/one");
    await call("POST", "/api/library-elements", { uid: "lib", name: "Other", model: {} });
    const restored = await call("PATCH", "/api/folders/outer/trash");
    expect(restored.json.notRestored).toEqual(["lib", "1"]);
    expect((await call("GET", "/api/dashboards/uid/two")).status).toBe(200);
    expect((await call("GET", "/api/dashboards/uid/one")).status).toBe(404);
    await call("DELETE", "/api/library-elements/lib");
    expect((await call("PATCH", "/api/folders/outer/trash")).json.notRestored).toEqual(["1"]);
    expect((await call("GET", "/api/library-elements/lib")).json.result.name).toBe("Lib");
  });
});

test("after 30 days a deleted dashboard cannot be restored, and the oldest beyond a thousand are dropped", async () => {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = new ManualClock(1_000_000);
  const deleted = await DeletedPlaces.open(store, clock);
  const versions = [{ version: 1 }];
  for (let id = 1; id <= 1100; id++) {
    const record = { id, uid: `u${id}`, versions } as unknown as DashboardRecord;
    const deletion = { at: clock.now() + id, by: "", byId: 0 };
    await store.exchange(deleted.keepDashboard({ record, deletion }, new Map([[1, "{}"]])));
    await deleted.noteDeletion();
  }
  const kept = await deleted.dashboards();
  expect([kept.length, kept[0]!.record.id, kept.at(-1)!.record.id]).toEqual([1000, 1100, 101]);
  expect((await store.collection("deleted_bodies").entries()).length).toBe(1000);
  await clock.advance(KEEP_DELETED_MS + 2000);
  expect(await deleted.dashboards()).toEqual([]);
  await DeletedPlaces.open(store, clock);
  expect(await store.collection("deleted_bodies").entries()).toEqual([]);
});
