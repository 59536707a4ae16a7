import { expect, test } from "vitest";
import { withRole, type RunningRole } from "../testing/running-role.ts";

const save = (call: RunningRole["call"], dashboard: object, more: object = {}) =>
  call("POST", "/api/dashboards/db", { dashboard, ...more });

test("a dashboard is saved, shown, found, starred and deleted", async () => {
  await withRole({}, async ({ call }) => {
    const saved = await save(call, { id: null, title: "Größe & CPU", tags: ["a", "b", "a", 1], panels: [{ mine: 1 }] });
    expect([saved.status, saved.json]).toEqual([
      200,
      {
        folderUid: "",
        id: 1,
        slug: "grosse-and-cpu",
        status: "success",
        uid: expect.stringMatching(/^[a-z0-9]{14}$/),
        url: `/d/${saved.json.uid}/grosse-and-cpu`,
        version: 1,
      },
    ]);
    const { uid } = saved.json;
    const shown = await call("GET", `/api/dashboards/uid/${uid}`);
    expect(shown.json.dashboard).toEqual({
      id: 1,
      uid,
      title: "Größe & CPU",
      tags: ["a", "b", "a", 1],
      panels: [{ mine: 1 }],
      version: 1,
    });
    expect(shown.json.meta).toMatchObject({
      canSave: true,
      canAdmin: true,
      provisioned: false,
      createdBy: "admin",
      version: 1,
    });
    expect((await call("GET", "/api/dashboards/tags")).json).toEqual([
      { term: "a", count: 1 },
      { term: "b", count: 1 },
    ]);
    expect((await call("POST", `/api/user/stars/dashboard/uid/${uid}`)).json).toEqual({
      message: "Dashboard starred!",
    });
    const found = await call("GET", "/api/search?query=cpu&tag=b&starred=true");
    expect(found.json).toEqual([
      expect.objectContaining({ uid, type: "dash-db", isStarred: true, uri: "db/grosse-and-cpu" }),
    ]);
    expect((await call("GET", "/api/search?query=memory")).json).toEqual([]);
    expect((await call("DELETE", `/api/dashboards/uid/${uid}`)).json).toMatchObject({
      message: "Dashboard Größe & CPU deleted",
      uid,
    });
    expect(await call("GET", `/api/dashboards/uid/${uid}`)).toMatchObject({
      status: 404,
      json: { message: "Dashboard not found" },
    });
  });
});

test("a save that is based on an outdated version is a conflict, unless it sets overwrite", async () => {
  await withRole({}, async ({ call }) => {
    await save(call, { uid: "x", title: "One" });
    const conflict = await save(call, { uid: "x", title: "Two" });
    expect([conflict.status, conflict.json]).toEqual([
      412,
      { message: "The dashboard has been changed by someone else", status: "version-mismatch" },
    ]);
    expect((await save(call, { uid: "x", title: "Two", version: 1 })).json.version).toBe(2);
    const both = await Promise.all([1, 2].map(() => save(call, { uid: "x", title: "Three", version: 2 })));
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect((await save(call, { uid: "x", title: "Four" }, { overwrite: true })).json.version).toBe(4);
  });
});

test.each([
  [{ title: " " }, {}, 400, "Dashboard title cannot be empty"],
  [{ title: "x", uid: "a".repeat(41) }, {}, 400, "uid too long, max 40 characters"],
  [{ title: "x", uid: "ä" }, {}, 400, "uid contains illegal characters"],
  [{ title: "x".repeat(5001) }, {}, 400, "Dashboard title cannot contain more than 5000 characters"],
  [{ title: "x" }, { message: "x".repeat(501) }, 400, "Message must be at most 500 characters"],
  [{ title: "x" }, { folderUid: "none" }, 400, "folder not found"],
  [{ title: "x", id: 77 }, {}, 404, "Dashboard not found"],
  ["text", {}, 400, "bad request data"],
])("a save of %j with %j is refused with %i %s", async (dashboard, more, status, message) => {
  await withRole({}, async ({ call }) => {
    const answer = await save(call, dashboard as object, more);
    expect([answer.status, answer.json.message]).toEqual([status, message]);
  });
});

test("the number of stored versions is limited, and a version can be restored", async () => {
  await withRole({ env: { GF_DASHBOARDS_VERSIONS_TO_KEEP: "3" } }, async ({ call }) => {
    for (let version = 0; version < 4; version++) {
      await save(call, { uid: "x", title: `Title ${version}`, version }, { message: `change ${version}` });
    }
    const { json } = await call("GET", "/api/dashboards/uid/x/versions");
    expect(
      json.versions.map(({ version, message }: { version: number; message: string }) => [version, message]),
    ).toEqual([
      [4, "change 3"],
      [3, "change 2"],
      [2, "change 1"],
    ]);
    expect((await call("GET", "/api/dashboards/uid/x/versions/2")).json.data.title).toBe("Title 1");
    expect((await call("GET", "/api/dashboards/uid/x/versions/1")).status).toBe(404);
    expect((await call("POST", "/api/dashboards/uid/x/restore", { version: 2 })).json.version).toBe(5);
    const { dashboard } = (await call("GET", "/api/dashboards/uid/x")).json;
    expect([dashboard.title, dashboard.version]).toEqual(["Title 1", 5]);
    expect((await call("GET", "/api/dashboards/uid/x/versions")).json.versions[0]).toMatchObject({ restoredFrom: 2 });
  });
});

test("two versions are compared, and the differences are returned as a delta or as a readable list", async () => {
  await withRole({}, async ({ call }) => {
    await save(call, { uid: "x", title: "One", panels: [{ id: 1 }] });
    await save(call, { uid: "x", title: "<b>Two</b>", panels: [{ id: 1 }, { id: 2 }], version: 1 });
    const [base, next] = [1, 2].map((version) => ({ dashboardId: 1, version }));
    const diff = (more: object) => call("POST", "/api/dashboards/calculate-diff", { base, new: next, ...more });
    expect((await diff({ diffType: "delta" })).json).toEqual({
      title: ["One", "<b>Two</b>"],
      panels: { _t: "a", 1: [{ id: 2 }] },
      version: [1, 2],
    });
    const html = await diff({ diffType: "basic" });
    expect(html.headers.get("content-type")).toMatch("text/html");
    expect(html.text).toContain('<li class="diff-item diff-item-changed"><code>title</code>');
    expect(html.text).toContain("<ins>&quot;&lt;b&gt;Two&lt;/b&gt;&quot;</ins>");
    const unsaved = await diff({ new: { dashboardId: 1, unsavedDashboard: { title: "Mine" } }, diffType: "delta" });
    expect(unsaved.json.title).toEqual(["One", "Mine"]);
    expect((await diff({ new: { dashboardId: 1, version: 9 } })).status).toBe(404);
    expect((await diff({ base: 7 })).status).toBe(400);
    expect((await call("GET", "/api/dashboards/id/1/versions")).json).toHaveLength(2);
  });
});

test("a search is filtered by ids, folders and rights, and the answer contains the available sort orders", async () => {
  await withRole({ env: { GF_AUTH_ANONYMOUS_ENABLED: "true" } }, async ({ call }) => {
    await call("POST", "/api/folders", { uid: "f", title: "F" });
    await save(call, { uid: "a", title: "A" });
    await save(call, { uid: "b", title: "B" }, { folderUid: "f" });
    const found = async (query: string, options = {}) =>
      (await call("GET", `/api/search?${query}`, undefined, options)).json.map(({ uid }: { uid: string }) => uid);
    expect(await found("dashboardIds=2")).toEqual(["b"]);
    expect(await found("folderIds=1")).toEqual(["b"]);
    expect(await found("folderIds=0&type=dash-db")).toEqual(["a"]);
    expect(await found("sort=alpha-desc&type=dash-db")).toEqual(["b", "a"]);
    expect(await found("permission=Edit&type=dash-db")).toEqual(["a", "b"]);
    expect(await found("permission=Edit", { user: "" })).toEqual([]);
    const { sortOptions } = (await call("GET", "/api/search/sorting")).json;
    expect(sortOptions.map(({ name }: { name: string }) => name)).toEqual(["alpha-asc", "alpha-desc"]);
  });
});

test("folders contain folders and dashboards, can be moved, and are deleted with their contents", async () => {
  await withRole({}, async ({ call }) => {
    const outer = (await call("POST", "/api/folders", { uid: "outer", title: "Outer" })).json;
    expect(outer).toMatchObject({
      uid: "outer",
      url: "/dashboards/f/outer/outer",
      version: 1,
      canSave: true,
      parents: [],
    });
    await call("POST", "/api/folders", { uid: "inner", title: "Inner", parentUid: "outer" });
    expect((await call("GET", "/api/folders")).json).toEqual([{ id: 1, uid: "outer", title: "Outer" }]);
    expect((await call("GET", "/api/folders?parentUid=outer")).json).toEqual([
      { id: 2, uid: "inner", title: "Inner", parentUid: "outer" },
    ]);
    expect((await call("GET", "/api/folders/inner")).json.parents[0].uid).toBe("outer");
    expect((await call("POST", "/api/folders", { uid: "outer", title: "x" })).status).toBe(409);
    expect((await call("POST", "/api/folders", { title: "" })).status).toBe(400);
    expect((await call("PUT", "/api/folders/inner", { title: "x", version: 9 })).json.status).toBe("version-mismatch");
    expect((await call("POST", "/api/folders/outer/move", { parentUid: "inner" })).status).toBe(400);
    await save(call, { uid: "d", title: "D" }, { folderUid: "inner" });
    const { meta } = (await call("GET", "/api/dashboards/uid/d")).json;
    expect([meta.folderUid, meta.folderTitle, meta.folderUrl]).toEqual(["inner", "Inner", "/dashboards/f/inner/inner"]);
    expect((await call("GET", "/api/search?folderUIDs=inner")).json.map(({ uid }: { uid: string }) => uid)).toEqual([
      "d",
    ]);
    expect((await call("DELETE", "/api/folders/outer")).json.message).toBe("Folder Outer deleted");
    expect((await call("GET", "/api/search")).json).toEqual([]);
  });
});

test("a folder is deleted with its library panels, unless a dashboard shows one of them", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/folders", { uid: "outer", title: "Outer" });
    await call("POST", "/api/folders", { uid: "inner", title: "Inner", parentUid: "outer" });
    const panel = (uid: string): object => ({ uid, name: uid, kind: 1, folderUid: "inner", model: { type: "text" } });
    for (const uid of ["shown", "lone"]) await call("POST", "/api/library-elements", panel(uid));
    const panels = [{ id: 1, libraryPanel: { uid: "shown", name: "shown" } }];
    await save(call, { uid: "d", title: "D", panels }, { folderUid: "outer" });
    const counts = { folder: 1, dashboard: 1, librarypanel: 2 };
    expect((await call("GET", "/api/folders/outer/counts")).json).toEqual(counts);
    const refused = await call("DELETE", "/api/folders/outer");
    expect([refused.status, refused.json.message]).toEqual([
      403,
      "Folder could not be deleted because it contains library elements in use",
    ]);
    expect((await call("GET", "/api/folders/outer/counts")).json).toEqual(counts);
    await call("DELETE", "/api/dashboards/uid/d");
    expect((await call("DELETE", "/api/folders/outer")).status).toBe(200);
    expect((await call("GET", "/api/library-elements")).json.result.elements).toEqual([]);
  });
});

test("an import replaces inputs by values, and for missing values uses the default source of the input's type", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/datasources", {
      uid: "p1",
      name: "Prom",
      type: "prometheus",
      url: "http://p",
      isDefault: true,
    });
    const dashboard = {
      title: "T",
      __inputs: [
        { name: "DS_PROM", type: "datasource", pluginId: "prometheus" },
        { name: "VAR_X", type: "constant", value: "7" },
      ],
      panels: [{ datasource: { type: "prometheus", uid: "${DS_PROM}" }, title: "${VAR_X} $other ${keep}" }],
    };
    const inputs = [{ name: "VAR_X", type: "constant", value: "8" }];
    const imported = (await call("POST", "/api/dashboards/import", { dashboard, inputs })).json;
    expect(imported).toMatchObject({ title: "T", importedUrl: `/d/${imported.uid}/t` });
    const { dashboard: shown } = (await call("GET", `/api/dashboards/uid/${imported.uid}`)).json;
    expect(shown.panels[0]).toEqual({ datasource: { type: "prometheus", uid: "p1" }, title: "8 $other ${keep}" });
    expect(shown.__inputs).toBeUndefined();
  });
});

test("an import replaces inputs whose names contain brackets and spaces", async () => {
  await withRole({}, async ({ call }) => {
    const name = "DS_INFLUXDB_(AUTO PROVISIONED)";
    const dashboard = {
      title: "T",
      __inputs: [{ name, type: "datasource", pluginId: "influxdb" }],
      panels: [{ datasource: { type: "influxdb", uid: `\${${name}}` }, title: "${job:text} ${DS_X:raw}" }],
    };
    const inputs = [{ name, type: "datasource", pluginId: "influxdb", value: "i1" }];
    const { uid } = (await call("POST", "/api/dashboards/import", { dashboard, inputs })).json;
    const { dashboard: shown } = (await call("GET", `/api/dashboards/uid/${uid}`)).json;
    expect(shown.panels[0]).toEqual({ datasource: { type: "influxdb", uid: "i1" }, title: "${job:text} ${DS_X:raw}" });
  });
});

test("an import takes the type of an undeclared input from the reference, else from the name", async () => {
  await withRole({}, async ({ call }) => {
    for (const [uid, type] of [
      ["p1", "prometheus"],
      ["l1", "loki"],
    ])
      // oxlint-disable-next-line no-await-in-loop -- the first data source is the default
      await call("POST", "/api/datasources", { uid, name: uid, type, url: "http://s" });
    const panels = [{ datasource: { type: "loki", uid: "${DS_ANY}" } }, { datasource: "${DS_LOKI_EU}" }];
    const { uid } = (await call("POST", "/api/dashboards/import", { dashboard: { title: "T", panels } })).json;
    const { dashboard: shown } = (await call("GET", `/api/dashboards/uid/${uid}`)).json;
    expect(shown.panels).toEqual([{ datasource: { type: "loki", uid: "l1" } }, { datasource: "l1" }]);
  });
});

test("an import whose inserted values would take too much memory is refused", async () => {
  await withRole({}, async ({ call }) => {
    const dashboard = { title: "T", panels: [{ title: "${X}".repeat(20_000) }] };
    const inputs = [{ name: "X", type: "constant", value: "x".repeat(1000) }];
    const refused = await call("POST", "/api/dashboards/import", { dashboard, inputs });
    expect([refused.status, refused.json.message]).toEqual([
      400,
      "the values of the inputs, inserted wherever they are used, make the dashboard too large",
    ]);
  });
});

test("an import adds its library panels, and does not change existing ones", async () => {
  await withRole({}, async ({ call }) => {
    const mine = { uid: "mine", name: "Mine", kind: 1, model: { type: "text" } };
    await call("POST", "/api/library-elements", mine);
    const imported = {
      title: "T",
      __inputs: [{ name: "DS_PROM", type: "datasource", pluginId: "prometheus" }],
      __elements: {
        mine: { ...mine, model: { type: "stat" } },
        other: { uid: "other", name: "Mine", kind: 1, model: { type: "stat", datasource: { uid: "${DS_PROM}" } } },
        "not an id": { uid: "not an id", name: "X", model: {} },
        broken: 7,
      },
      panels: [{ id: 1, libraryPanel: { uid: "other", name: "Mine" } }],
    };
    const inputs = [{ name: "DS_PROM", type: "datasource", pluginId: "prometheus", value: "p9" }];
    const { uid } = (await call("POST", "/api/dashboards/import", { dashboard: imported, inputs })).json;
    expect((await call("GET", `/api/dashboards/uid/${uid}`)).json.dashboard.__elements).toBeUndefined();
    const { elements } = (await call("GET", "/api/library-elements")).json.result;
    expect(
      elements.map((element: { uid: string; name: string; model: object }) => [
        element.uid,
        element.name,
        element.model,
      ]),
    ).toEqual([
      ["mine", "Mine", { type: "text" }],
      ["other", "Mine (2)", { type: "stat", datasource: { uid: "p9" } }],
    ]);
    expect((await call("GET", "/api/library-elements/other/connections")).json.result).toHaveLength(1);
  });
});

test("hostile dashboards are saved unchanged, or refused with a reason", async () => {
  await withRole({}, async ({ call }) => {
    const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
    const body = `{"dashboard":{"uid":"h","title":"H","__proto__":{"x":1},"constructor":null,"toString":1}}`;
    expect((await call("POST", "/api/dashboards/db", body)).status).toBe(200);
    expect((await call("GET", "/api/dashboards/uid/h")).text).toContain('"__proto__":{"x":1}');
    expect((await call("GET", "/api/dashboards/uid/__proto__")).status).toBe(404);
    const nested = await call("POST", "/api/dashboards/db", `{"dashboard":{"title":"N","deep":${deep}}}`);
    expect([nested.status, nested.json]).toEqual([400, { message: "bad request data" }]);
    expect((await call("POST", "/api/dashboards/db", "{")).json).toEqual({ message: "bad request data" });
    expect((await call("POST", "/api/dashboards/db", "[]")).json).toEqual({ message: "bad request data" });
  });
});

test("a large dashboard is compressed only for clients that accept it", async () => {
  await withRole({}, async ({ call }) => {
    const panels = Array.from({ length: 200 }, (_, id) => ({ id, type: "text", title: `Panel ${id}` }));
    const { json } = await save(call, { title: "Large", panels });
    const ask = (encoding: string) =>
      call("GET", `/api/dashboards/uid/${json.uid}`, undefined, { headers: { "accept-encoding": encoding } });
    const [small, whole] = [await ask("gzip"), await ask("identity")];
    expect([small.headers.get("content-encoding"), whole.headers.get("content-encoding")]).toEqual(["gzip", null]);
    expect(Number(whole.headers.get("content-length"))).toBeGreaterThan(5000);
    expect(small.json).toEqual(whole.json);
    expect(small.json.dashboard.panels).toEqual(panels);
  });
});

test("a refused import adds no library panels", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "board", title: "Board" } });
    const __elements = { lib: { uid: "lib", name: "Lib", kind: 1, model: { type: "text" } } };
    const load = (dashboard: object) =>
      call("POST", "/api/dashboards/import", { dashboard: { ...dashboard, __elements } });
    expect((await load({ uid: "board", title: "Other" })).status).toBe(412);
    expect((await load({ title: "" })).status).toBe(400);
    expect((await call("GET", "/api/library-elements/lib")).status).toBe(404);
    expect((await load({ title: "New" })).status).toBe(200);
    expect((await call("GET", "/api/library-elements/lib")).status).toBe(200);
  });
});
