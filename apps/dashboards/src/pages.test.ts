import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { withRole } from "./testing/running-role.ts";

const nobody = { user: "" };

test("annotations are created, listed by time, place and tag, changed and deleted", async () => {
  await withRole({}, async ({ call }) => {
    const made = await call("POST", "/api/annotations", {
      dashboardUID: "d",
      panelId: 2,
      time: 1000,
      timeEnd: 2000,
      tags: ["a", "b"],
      text: "x",
    });
    expect(made.json).toEqual({ id: 1, message: "Annotation added" });
    expect((await call("POST", "/api/annotations", { text: "" })).status).toBe(400);
    await call("POST", "/api/annotations/graphite", { what: "deploy", when: 3, tags: "a c", data: "more" });
    const listed = async (query: string) =>
      (await call("GET", `/api/annotations?${query}`)).json.map(({ id }: { id: number }) => id);
    expect(await listed("from=1500&to=9000")).toEqual([2, 1]);
    expect(await listed("tags=a&tags=b")).toEqual([1]);
    expect(await listed("tags=c&tags=b&matchAny=true")).toEqual([2, 1]);
    expect(await listed("dashboardUID=d&panelId=2")).toEqual([1]);
    expect((await call("GET", "/api/annotations/2")).json).toMatchObject({
      text: "deploy\nmore",
      time: 3000,
      login: "admin",
    });
    await call("PATCH", "/api/annotations/1", { text: "y" });
    expect((await call("GET", "/api/annotations/1")).json).toMatchObject({ text: "y", tags: ["a", "b"] });
    expect((await call("GET", "/api/annotations/tags")).json.result.tags).toHaveLength(3);
    expect((await call("GET", "/api/annotations?type=alert")).json).toEqual([]);
    expect((await call("DELETE", "/api/annotations/1")).json).toEqual({ message: "Annotation deleted" });
    expect((await call("GET", "/api/annotations/1")).status).toBe(404);
  });
});

test("annotations can refer to dashboards by id, keep their length when moved, and can be selected by panel", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "d", title: "D" } });
    const add = (more: object) => call("POST", "/api/annotations", { text: "x", time: 1000, panelId: 2, ...more });
    await add({ dashboardId: 1, timeEnd: 3000, data: { a: 1 } });
    await add({ dashboardUID: "d" });
    expect((await add({ dashboardId: 9 })).status).toBe(404);
    const listed = (await call("GET", "/api/annotations?dashboardId=1&userId=1")).json;
    expect(listed.map(({ id, dashboardId, data }: Record<string, unknown>) => [id, dashboardId, data])).toEqual([
      [1, 1, { a: 1 }],
      [2, 1, {}],
    ]);
    expect((await call("GET", "/api/annotations?dashboardId=7")).json).toEqual([]);
    await call("PATCH", "/api/annotations/2", { time: 5000, data: { b: 2 } });
    await call("PATCH", "/api/annotations/1", { time: 2000 });
    expect((await call("GET", "/api/annotations/2")).json).toMatchObject({ time: 5000, timeEnd: 5000, data: { b: 2 } });
    expect((await call("GET", "/api/annotations/1")).json).toMatchObject({ time: 2000, timeEnd: 3000 });
    const remove = (body: object) => call("POST", "/api/annotations/mass-delete", body);
    expect((await remove({ dashboardUID: "d" })).status).toBe(400);
    expect((await remove({ annotationId: 77 })).status).toBe(404);
    expect((await remove({ dashboardUID: "d", panelId: 2 })).json).toEqual({ message: "Annotations deleted" });
    expect((await call("GET", "/api/annotations")).json).toEqual([]);
    expect((await add({})).json.id).toBe(3);
  });
});

test("snapshots have the given keys, and expire", async () => {
  await withRole({}, async ({ call }) => {
    const make = (more: object) => call("POST", "/api/snapshots", { dashboard: { title: "T" }, ...more });
    expect((await make({ key: "chosen-key", deleteKey: "other-key" })).json).toMatchObject({
      key: "chosen-key",
      deleteKey: "other-key",
    });
    expect((await make({ key: "chosen-key" })).status).toBe(409);
    expect((await make({ key: "../x" })).status).toBe(400);
    expect((await make({ external: true })).status).toBe(403);
    await make({ key: "short-lived", expires: 0.001, name: "Short" });
    await make({ key: "very-long-lived", expires: 1e300, name: "Ever" });
    expect((await call("GET", "/api/snapshots/very-long-lived")).status).toBe(200);
    expect((await make({ name: "Long" })).status).toBe(200);
    expect((await call("GET", "/api/snapshots/short-lived")).status).toBe(404);
    const names = async (query: string) =>
      (await call("GET", `/api/dashboard/snapshots${query}`)).json.map(({ name }: { name: string }) => name);
    expect(await names("")).toEqual(["Unnamed snapshot", "Ever", "Long"]);
    expect(await names("?query=lo&limit=5")).toEqual(["Long"]);
    expect((await call("GET", "/api/snapshot/shared-options")).json.snapshotEnabled).toBe(true);
  });
});

test("anyone can read a snapshot by its key, and delete it by its other key", async () => {
  await withRole({}, async ({ call }) => {
    const { key, deleteKey, url } = (await call("POST", "/api/snapshots", { dashboard: { title: "T" }, name: "S" }))
      .json;
    expect(url).toBe(`http://localhost:3000/dashboard/snapshot/${key}`);
    expect((await call("GET", `/api/snapshots/${key}`, undefined, nobody)).json.dashboard).toEqual({ title: "T" });
    const listed = await call("GET", "/api/dashboard/snapshots");
    expect(listed.json).toHaveLength(1);
    expect(listed.text).not.toContain(deleteKey);
    expect((await call("GET", `/api/snapshots-delete/${deleteKey}`, undefined, nobody)).status).toBe(200);
    expect((await call("GET", `/api/snapshots/${key}`)).status).toBe(404);
  });
});

test("PUT replaces preferences, PATCH merges them, and they determine the home page", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "h", title: "Home" } });
    await call("PUT", "/api/user/preferences", { theme: "light", homeDashboardUID: "h" });
    await call("PATCH", "/api/user/preferences", { timezone: "utc" });
    expect((await call("GET", "/api/user/preferences")).json).toMatchObject({ theme: "light", timezone: "utc" });
    expect((await call("GET", "/api/dashboards/home")).json).toEqual({ redirectUri: "/d/h/home" });
    await call("PUT", "/api/user/preferences", {});
    expect((await call("GET", "/api/dashboards/home")).json.meta.isHome).toBe(true);
    expect((await call("PUT", "/api/org/preferences", { theme: "pink" })).status).toBe(400);
  });
});

test("playlists, library panels and short URLs are created and found", async () => {
  await withRole({}, async ({ call }) => {
    const item = { type: "dashboard_by_tag", value: "a", title: "" };
    const list = (await call("POST", "/api/playlists", { name: "P", interval: "1m", items: [item] })).json;
    expect((await call("GET", `/api/playlists/${list.uid}`)).json.items).toEqual([item]);
    expect((await call("POST", "/api/playlists", { name: "P", items: [{ type: "x" }] })).status).toBe(400);

    const panel = { name: "L", kind: 1, model: { type: "stat" } };
    const element = (await call("POST", "/api/library-elements", panel)).json.result;
    expect(element).toMatchObject({ name: "L", type: "stat", version: 1 });
    expect((await call("PATCH", `/api/library-elements/${element.uid}`, { name: "M", version: 7 })).status).toBe(412);
    expect(
      (await call("PATCH", `/api/library-elements/${element.uid}`, { name: "M", version: 1 })).json.result.version,
    ).toBe(2);
    expect((await call("GET", "/api/library-elements?searchString=m")).json.result.totalCount).toBe(1);

    const panels = [{ type: "row", panels: [{ id: 1, libraryPanel: { uid: element.uid, name: "M" } }] }];
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "shows", title: "Shows", panels } });
    const connections = (await call("GET", `/api/library-elements/${element.uid}/connections`)).json.result;
    expect(connections).toEqual([expect.objectContaining({ elementId: element.id, connectionUid: "shows" })]);
    const listed = (await call("GET", "/api/library-elements?typeFilter=stat,gauge")).json.result.elements;
    expect(listed[0].meta.connectedDashboards).toBe(1);
    expect((await call("GET", "/api/library-elements?typeFilter=gauge")).json.result.totalCount).toBe(0);
    expect((await call("DELETE", `/api/library-elements/${element.uid}`)).status).toBe(403);
    await call("DELETE", "/api/dashboards/uid/shows");
    expect((await call("DELETE", `/api/library-elements/${element.uid}`)).status).toBe(200);

    const short = (await call("POST", "/api/short-urls", { path: "d/abc/x?from=now-1h" })).json;
    const followed = await call("GET", `/goto/${short.uid}?orgId=1`);
    expect([followed.status, followed.headers.get("location")]).toEqual([302, "/d/abc/x?from=now-1h"]);
    for (const path of ["/evil.example", "\\evil", "a b", ""]) {
      expect((await call("POST", "/api/short-urls", { path })).status).toBe(400);
    }
  });
});

test("short URLs exist after a restart", async () => {
  const folder = temporaryFolder();
  const { uid } = await withRole(
    { folder },
    async ({ call }) => (await call("POST", "/api/short-urls", { path: "d/abc" })).json,
  );
  await withRole({ folder }, async ({ call }) => {
    expect((await call("GET", `/goto/${uid}`)).headers.get("location")).toBe("/d/abc");
    expect((await call("GET", "/goto/nothing")).headers.get("location")).toBe("/");
  });
});

test("large bodies from unknown clients and from viewers are not read", async () => {
  const text = JSON.stringify({ user: "admin", password: "x".repeat(70_000) });
  await withRole({}, async ({ call }) => {
    expect((await call("POST", "/login", text, nobody)).status).toBe(413);
    expect((await call("POST", "/nothing", "{", nobody)).json).toEqual({ message: "Not found" });
    expect((await call("POST", "/api/short-urls", { path: "x", more: "x".repeat(140_000) })).status).toBe(413);
    expect((await call("POST", "/api/ds/query", { queries: [], more: "x".repeat(11_000_000) })).status).toBe(413);
  });
});
