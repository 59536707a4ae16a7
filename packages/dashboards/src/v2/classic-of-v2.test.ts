import { describe, expect, test } from "vitest";
import { readDashboard, type ReadDashboard } from "../model/read-dashboard.ts";

const element = (name: string, id: number): object => ({ element: { kind: "ElementReference", name }, id });
const panel = (id: number, title: string): object => ({
  kind: "Panel",
  spec: {
    id,
    title,
    data: { kind: "QueryGroup", spec: { queries: [], transformations: [], queryOptions: {} } },
    vizConfig: { kind: "VizConfig", group: "stat", version: "13.0", spec: {} },
  },
});
const at = (name: string, x: number, y: number): object => ({
  kind: "GridLayoutItem",
  spec: { ...element(name, 0), x, y, width: 12, height: 4 },
});
const elements = { a: panel(1, "A"), b: panel(2, "B"), c: panel(3, "C") };

async function read(spec: object, apiVersion = "dashboard.grafana.app/v2beta1"): Promise<ReadDashboard> {
  return readDashboard({ apiVersion, kind: "Dashboard", metadata: { name: "uid1", generation: 4 }, spec });
}

function places({ dashboard }: ReadDashboard): unknown[] {
  const place = (one: (typeof dashboard.panels)[number]): unknown => [
    one.title,
    one.position.x,
    one.position.y,
    one.position.w,
    one.position.h,
  ];
  return dashboard.panels.map((one) =>
    one.type === "row" ? [one.title, one.position.y, one.collapsed, one.panels.map(place)] : place(one),
  );
}

describe("readDashboard() of the v2 form", () => {
  test("reads the type of a panel whose vizConfig has no kind", async () => {
    const { spec } = panel(1, "A") as { spec: object };
    const elements = { a: { kind: "Panel", spec: { ...spec, vizConfig: { group: "piechart", spec: {} } } } };
    const layout = { kind: "GridLayout", spec: { items: [at("a", 0, 0)] } };
    const { dashboard, problems } = await read({ title: "T", elements, layout }, "dashboard.grafana.app/v2");
    expect([dashboard.panels.map(({ type }) => type), problems]).toEqual([["piechart"], []]);
  });

  test("reads settings, variables and annotations", async () => {
    const { dashboard, problems } = await read({
      title: "Hosts",
      cursorSync: "Tooltip",
      timeSettings: {
        from: "now-1h",
        to: "now",
        autoRefresh: "30s",
        timezone: "utc",
        hideTimepicker: true,
        weekStart: "monday",
        nowDelay: "10s",
      },
      variables: [
        {
          kind: "QueryVariable",
          spec: {
            name: "job",
            hide: "hideLabel",
            refresh: "onTimeRangeChanged",
            sort: "naturalAsc",
            multi: true,
            current: { text: ["a"], value: ["a"] },
            query: {
              kind: "DataQuery",
              group: "prometheus",
              datasource: { name: "p1" },
              spec: { __legacyStringValue: "label_values(up, job)" },
            },
          },
        },
        { kind: "DatasourceVariable", spec: { name: "ds", pluginId: "prometheus", regex: "x" } },
        { kind: "SwitchVariable", spec: { name: "on", current: "true" } },
        { kind: "AdhocVariable", group: "prometheus", datasource: { name: "p1" }, spec: { name: "f", filters: [] } },
        { kind: "MysteryVariable", spec: { name: "m" } },
      ],
      annotations: [
        {
          kind: "AnnotationQuery",
          spec: {
            name: "alerts",
            enable: true,
            iconColor: "blue",
            query: { kind: "DataQuery", group: "prometheus", datasource: { name: "p1" }, spec: { expr: "ALERTS" } },
          },
        },
      ],
      elements: {},
      layout: { kind: "GridLayout", spec: { items: [] } },
    });
    const source = { type: "prometheus", uid: "p1" };
    expect(dashboard).toMatchObject({
      uid: "uid1",
      version: 4,
      title: "Hosts",
      cursorSync: "tooltip",
      refresh: "30s",
      timezone: "utc",
      isTimePickerHidden: true,
      weekStart: "monday",
      nowDelay: "10s",
    });
    expect(dashboard.variables).toMatchObject([
      {
        name: "job",
        type: "query",
        hide: "label",
        refresh: "time",
        sort: 7,
        query: "label_values(up, job)",
        datasource: source,
      },
      { name: "ds", type: "datasource", query: "prometheus", regex: "x" },
      { name: "on", type: "switch", current: [{ value: "true" }], options: [{ value: "true" }, { value: "false" }] },
      { name: "f", type: "adhoc" },
    ]);
    expect(dashboard.annotations[0]).toMatchObject({ name: "alerts", datasource: source, source: { expr: "ALERTS" } });
    expect(problems.map(({ path }) => path)).toEqual(["variables[4]"]);
  });

  test("reads panels of all v2 versions, which name kinds and sources differently", async () => {
    const query = (spec: object): object => ({ kind: "PanelQuery", spec });
    const one = {
      kind: "Panel",
      spec: {
        id: 5,
        title: "CPU",
        links: [{ title: "l", url: "/x" }],
        data: {
          kind: "QueryGroup",
          spec: {
            queries: [
              query({
                refId: "A",
                hidden: false,
                datasource: { type: "prometheus", uid: "p1" },
                query: { kind: "prometheus", spec: { expr: "up" } },
              }),
              query({
                refId: "B",
                hidden: true,
                query: { kind: "DataQuery", group: "prometheus", datasource: { name: "p1" }, spec: { expr: "down" } },
              }),
            ],
            transformations: [
              { kind: "organize", spec: { id: "organize", options: { a: 1 } } },
              { kind: "Transformation", group: "reduce", spec: { options: {}, disabled: true } },
            ],
            queryOptions: { interval: "1m", maxDataPoints: 100, timeFrom: "6h" },
          },
        },
        vizConfig: {
          kind: "timeseries",
          spec: { pluginVersion: "12", options: { o: 1 }, fieldConfig: { defaults: { unit: "s" }, overrides: [] } },
        },
      },
    };
    const library = {
      kind: "LibraryPanel",
      spec: { id: 6, title: "Lib", libraryPanel: { uid: "lib1", name: "Shared" } },
    };
    const layout = {
      kind: "GridLayout",
      spec: { items: [at("one", 0, 0), { ...at("lib", 12, 0) }, at("gone", 0, 9)] },
    };
    const { dashboard, problems } = await read(
      { elements: { one, lib: library }, layout },
      "dashboard.grafana.app/v2alpha1",
    );
    expect(dashboard.panels[0]).toMatchObject({
      id: 5,
      type: "timeseries",
      datasource: { type: "prometheus", uid: "p1" },
      targets: [
        { refId: "A", hide: false, source: { expr: "up" } },
        { refId: "B", hide: true, source: { expr: "down" } },
      ],
      transformations: [{ id: "organize" }, { id: "reduce", disabled: true }],
      interval: "1m",
      maxDataPoints: 100,
      timeFrom: "6h",
      fieldConfig: { defaults: { unit: "s" } },
    });
    expect(dashboard.panels[1]).toMatchObject({ id: 6, libraryPanel: { uid: "lib1", name: "Shared" } });
    expect(problems).toEqual([
      { path: "layout.items[2]", message: 'The element "gone" does not exist; its position stays empty.' },
    ]);
  });

  test("keeps rows, and moves panels that follow a row below it", async () => {
    const row = (title: string, collapse: boolean, items: object[], more = {}): object => ({
      kind: "RowsLayoutRow",
      spec: { title, collapse, layout: { kind: "GridLayout", spec: { items } }, ...more },
    });
    const repeat = { mode: "variable", value: "host" };
    const result = await read({
      elements,
      layout: {
        kind: "RowsLayout",
        spec: {
          rows: [
            row("R1", false, [at("a", 0, 0)]),
            row("R2", true, [at("b", 12, 0)], { repeat }),
            row("R3", false, [at("c", 0, 0)]),
          ],
        },
      },
    });
    expect(places(result)).toEqual([
      ["R1", 0, false, []],
      ["A", 0, 1, 12, 4],
      ["R2", 5, true, [["B", 12, 6, 12, 4]]],
      ["R3", 6, false, []],
      ["C", 0, 7, 12, 4],
    ]);
    expect(result.dashboard.panels[2]).toMatchObject({ repeat: "host" });
  });

  test("turns tabs into rows, of which the first is expanded, and flattens rows within them", async () => {
    const grid = (name: string): object => ({ kind: "GridLayout", spec: { items: [at(name, 0, 0)] } });
    const result = await read({
      elements,
      layout: {
        kind: "TabsLayout",
        spec: {
          tabs: [
            { kind: "TabsLayoutTab", spec: { title: "T1", layout: grid("a") } },
            { kind: "TabsLayoutTab", spec: { title: "T2", layout: grid("b") } },
            {
              kind: "TabsLayoutTab",
              spec: {
                title: "T3",
                layout: { kind: "RowsLayout", spec: { rows: [{ spec: { title: "R", layout: grid("c") } }] } },
              },
            },
          ],
        },
      },
    });
    expect(places(result)).toEqual([
      ["T1", 0, false, []],
      ["A", 0, 1, 12, 4],
      ["T2", 5, true, [["B", 0, 6, 12, 4]]],
      ["T3 / R", 6, true, [["C", 0, 7, 12, 4]]],
    ]);
    expect(result.changes.map(({ what }) => what)).toContain('The tab "T2" became a row.');
  });

  test("converts an automatic grid, and puts elements without a position at the end", async () => {
    const item = (name: string): object => ({ kind: "AutoGridLayoutItem", spec: element(name, 0) });
    const layout = {
      kind: "AutoGridLayout",
      spec: { maxColumnCount: 2, rowHeightMode: "short", items: [item("a"), item("b")] },
    };
    const result = await read({ elements, layout });
    expect(places(result)).toEqual([
      ["A", 0, 0, 12, 4],
      ["B", 12, 0, 12, 4],
      ["C", 0, 4, 24, 8],
    ]);
  });

  test("handles a layout that is nested too deeply", async () => {
    let layout: object = { kind: "GridLayout", spec: { items: [at("a", 0, 0)] } };
    for (let i = 0; i < 30; i++) layout = { kind: "TabsLayout", spec: { tabs: [{ spec: { title: "x", layout } }] } };
    const { dashboard } = await read({ elements, layout });
    expect(dashboard.panels.map(({ title }) => title)).toContain("A");
  });
});

test("readDashboard() reads a classic dashboard from its resource, and from an answer of the API", async () => {
  const classic = { schemaVersion: 42, title: "Classic", panels: [] };
  const resource = {
    apiVersion: "dashboard.grafana.app/v1beta1",
    kind: "Dashboard",
    metadata: { name: "u1" },
    spec: classic,
  };
  expect((await readDashboard(resource)).dashboard).toMatchObject({ title: "Classic", uid: "u1" });
  expect((await readDashboard({ dashboard: classic, meta: {} })).dashboard.title).toBe("Classic");
});
