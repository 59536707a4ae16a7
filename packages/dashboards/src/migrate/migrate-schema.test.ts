import { describe, expect, test } from "vitest";
import type { Dashboard, Panel } from "../model/dashboard.ts";
import { readDashboard } from "../model/read-dashboard.ts";

async function read(json: object): Promise<Dashboard> {
  return (await readDashboard(json)).dashboard;
}

async function readPanel(schemaVersion: number, panel: object): Promise<Panel> {
  return (await read({ schemaVersion, panels: [{ id: 1, ...panel }] })).panels[0]!;
}

describe("rows before schema 16", () => {
  const panel = (id: number, more = {}): object => ({ id, type: "text", ...more });

  test("become a grid: spans are doubled, heights are in units of 38 px, lines wrap", async () => {
    const { panels } = await read({
      schemaVersion: 14,
      rows: [
        { height: "250px", panels: [panel(1, { span: 6 }), panel(2, { span: 6 }), panel(3, { span: 8 })] },
        { height: 60, panels: [panel(4), panel(5, { span: 3, height: "400px" })] },
      ],
    });
    expect(panels.map(({ id, position: { x, y, w, h } }) => [id, x, y, w, h])).toEqual([
      [1, 0, 0, 12, 7],
      [2, 12, 0, 12, 7],
      [3, 0, 7, 16, 7],
      [4, 0, 14, 8, 3],
      [5, 8, 14, 6, 11],
    ]);
  });

  test("keep their rows if one is collapsed, titled or repeated", async () => {
    const { panels, cursorSync } = await read({
      schemaVersion: 13,
      sharedCrosshair: true,
      rows: [
        { title: "Open", showTitle: true, panels: [panel(1, { span: 12 })] },
        { title: "Closed", collapse: true, repeat: "host", panels: [panel(2)] },
        { title: "A copy", repeatIteration: 1, panels: [panel(8)] },
        { title: "Last", panels: [panel(3)] },
      ],
    });
    expect(cursorSync).toBe("crosshair");
    expect(panels.map(({ type, title, position }) => [type, title, position.y])).toEqual([
      ["row", "Open", 0],
      ["text", "", 1],
      ["row", "Closed", 8],
      ["row", "Last", 9],
      ["text", "", 10],
    ]);
    expect(panels[2]).toMatchObject({ collapsed: true, repeat: "host", panels: [{ id: 2 }] });
  });

  test("stack panels in the remaining space of a row", async () => {
    const { panels } = await read({
      schemaVersion: 15,
      rows: [
        {
          height: 380,
          panels: [panel(1, { span: 6 }), panel(2, { span: 6, height: 190 }), panel(3, { span: 6, height: 190 })],
        },
      ],
    });
    expect(panels.map(({ position: { x, y, h } }) => [x, y, h])).toEqual([
      [0, 0, 10],
      [12, 0, 5],
      [12, 5, 5],
    ]);
  });
});

describe("schemas before 14", () => {
  test("1: services, graphite, y_format and legend", async () => {
    const dashboard = await read({
      services: { filter: { time: { from: "now-1d", to: "now" }, list: [{ name: "a", type: "filter", query: "x" }] } },
      rows: [
        {
          panels: [
            { type: "graphite", legend: true, y_format: "bytes", grid: { min: 1, threshold1: 5, threshold2: 3 } },
          ],
        },
      ],
    });
    expect(dashboard.time).toEqual({ from: "now-1d", to: "now" });
    expect(dashboard.variables[0]).toMatchObject({ name: "a", type: "query", refresh: "load" });
    expect(dashboard.panels[0]).toMatchObject({
      type: "timeseries",
      fieldConfig: { defaults: { unit: "bytes", min: 1 } },
    });
    expect(dashboard.panels[0]?.fieldConfig.defaults.thresholds?.steps.map(({ value }) => value)).toEqual([
      -Infinity,
      3,
      5,
    ]);
  });

  test("3: axes by alias become overrides of series", async () => {
    const panel = await readPanel(3, {
      type: "graph",
      aliasYAxis: { in: 2 },
      yaxes: [{ format: "s" }, { format: "bytes" }],
    });
    expect(panel.fieldConfig.overrides[0]).toMatchObject({
      matcher: { id: "byName", options: "in" },
      properties: [
        { id: "unit", value: "bytes" },
        { id: "custom.axisPlacement", value: "right" },
      ],
    });
  });

  test("5 and 6: annotations leave the pull-downs, the time picker leaves nav, queries get letters", async () => {
    const dashboard = await read({
      schemaVersion: 5,
      pulldowns: [
        { type: "filtering" },
        { type: "annotations", annotations: [{ name: "deploys", datasource: "Loki" }] },
      ],
      nav: [{ type: "timepicker", refresh_intervals: ["7s"] }],
      rows: [{ panels: [{ type: "table", targets: [{ refId: "A" }, {}, {}] }] }],
    });
    expect(dashboard.annotations[0]).toMatchObject({ name: "deploys", datasource: { uid: "Loki" } });
    expect(dashboard.refreshIntervals).toEqual(["7s"]);
    expect(dashboard.panels[0]?.targets.map(({ refId }) => refId)).toEqual(["A", "B", "C"]);
  });

  test("7: text fields of InfluxDB queries become a structured selection", async () => {
    const target = {
      refId: "A",
      tags: [],
      fields: [{ name: "value", func: "mean", mathExpr: "*2" }],
      groupBy: [{ type: "time", interval: "auto" }],
      fill: "null",
    };
    const panel = await readPanel(7, { type: "table", targets: [target] });
    expect(panel.targets[0]?.source).toMatchObject({
      select: [
        [
          { type: "field", params: ["value"] },
          { type: "mean", params: [] },
          { type: "math", params: ["*2"] },
        ],
      ],
      groupBy: [
        { type: "time", params: ["auto"] },
        { type: "fill", params: ["null"] },
      ],
    });
  });

  test("8 and 9: the first of three thresholds is removed", async () => {
    const stat = await readPanel(8, {
      type: "singlestat",
      thresholds: "0,50,80",
      colors: ["green", "orange", "red"],
      colorValue: true,
    });
    expect(stat.fieldConfig.defaults.thresholds?.steps.map(({ value }) => value)).toEqual([-Infinity, 50, 80]);
    const style = { pattern: "Value", thresholds: ["0", "5", "9"], colors: ["a", "b", "c"] };
    const table = await readPanel(9, { type: "table", styles: [style] });
    const [property] = table.fieldConfig.overrides[0]?.properties ?? [];
    expect(property?.value).toMatchObject({ steps: [{ value: -Infinity, color: "a" }, { value: 5 }, { value: 9 }] });
  });
});

describe("schemas from 16 on", () => {
  test("16 to 19: smallest width, options of the gauge, links", async () => {
    const panel = await readPanel(16, {
      type: "gauge",
      minSpan: 5,
      "options-gauge": {
        unit: "s",
        stat: "avg",
        thresholds: [
          { value: 5, color: "red" },
          { value: null, color: "green" },
        ],
        minValue: 0,
      },
      links: [{ type: "dashboard", dashboard: "My Hosts!", keepTime: true, params: "var-a=1", title: "go" }],
    });
    expect(panel).toMatchObject({
      maxPerRow: 4,
      links: [{ url: "dashboard/db/my-hosts21?$__url_time_range&var-a=1", title: "go" }],
    });
    expect(panel.options).toEqual({ reduceOptions: { values: false, calcs: ["mean"] } });
    expect(panel.fieldConfig.defaults).toMatchObject({
      unit: "s",
      min: 0,
      thresholds: { steps: [{ value: -Infinity }, { value: 5 }] },
    });
  });

  test("20 and 21: variables of data links", async () => {
    const panel = await readPanel(19, {
      type: "graph",
      options: { dataLinks: [{ title: "t", url: "/d/x?a=$__series_name&b=${__series.labels.job}&c=${__value_time}" }] },
    });
    expect(panel.fieldConfig.defaults.links?.[0]?.url).toBe(
      "/d/x?a=${__series.name}&b=${__field.labels.job}&c=${__value.time}",
    );
  });

  test("23, 27, 28, 29: variables", async () => {
    const { variables } = await read({
      schemaVersion: 22,
      templating: {
        list: [
          {
            name: "m",
            type: "query",
            multi: true,
            current: { value: "a", text: "a" },
            options: [{ value: "a" }],
            refresh: 0,
          },
          { name: "c", type: "constant", query: "v", hide: 0 },
          { name: "d", type: "constant", query: "v", hide: 2, useTags: true, tags: ["x"] },
        ],
      },
    });
    expect(variables.map(({ type, refresh, options }) => [type, refresh, options.length])).toEqual([
      ["query", "load", 0],
      ["textbox", "never", 1],
      ["constant", "never", 1],
    ]);
    expect(variables[0]?.source["current"]).toEqual({ value: ["a"], text: ["a"] });
    expect(variables[2]?.source["tags"]).toBeUndefined();
  });

  test("27: saved copies of repeated panels are removed", async () => {
    const { panels } = await read({
      schemaVersion: 26,
      panels: [
        { id: 1 },
        { id: 2, repeatPanelId: 1 },
        { id: 3, type: "row", panels: [{ id: 4 }, { id: 5, repeatPanelId: 4 }] },
      ],
    });
    expect(panels.flatMap((panel) => [panel.id, ...panel.panels.map(({ id }) => id)])).toEqual([1, 3, 4]);
  });

  test("30: value mappings get the colours of the thresholds", async () => {
    const panel = await readPanel(29, {
      type: "stat",
      options: {},
      fieldConfig: {
        defaults: {
          thresholds: {
            steps: [
              { value: null, color: "green" },
              { value: 1, color: "red" },
            ],
          },
          mappings: [
            { type: 1, value: "0", text: "0" },
            { type: 1, value: "null", text: "N/A" },
            { type: 2, from: "1", to: "5", text: "some" },
          ],
        },
      },
    });
    expect(panel.fieldConfig.defaults.mappings).toEqual([
      { type: "value", options: { 0: { text: "0", color: "green" } } },
      { type: "special", options: { match: "null", result: { text: "N/A" } } },
      { type: "range", options: { from: 1, to: 5, result: { text: "some" } } },
    ]);
  });

  test("31, 39 and 43: transformations", async () => {
    const panel = await readPanel(30, {
      type: "table",
      transformations: [
        { id: "labelsToFields", options: {} },
        { id: "timeSeriesTable", options: { refIdToStat: { A: "max" } } },
        { id: "formatTime", options: { timeField: "t", outputFormat: "YYYY" }, disabled: true },
      ],
    });
    expect(panel.transformations).toEqual([
      { id: "labelsToFields", disabled: false, options: {} },
      { id: "merge", disabled: false, options: {} },
      { id: "timeSeriesTable", disabled: false, options: { A: { stat: "max" } } },
      {
        id: "convertFieldType",
        disabled: true,
        options: { conversions: [{ destinationType: "string", targetField: "t", dateFormat: "YYYY" }] },
      },
    ]);
  });

  test("33 and 36: names of sources become references, and none means the default", async () => {
    const sources = [
      { uid: "p1", name: "Prom", type: "prometheus", isDefault: true },
      { uid: "l1", name: "Logs", type: "loki", isDefault: false },
    ];
    const json = {
      schemaVersion: 32,
      panels: [
        { id: 1, datasource: "Logs", targets: [{}] },
        { id: 2, targets: [{}] },
        { id: 3, datasource: "-- Mixed --", targets: [{ datasource: "Prom" }, { datasource: "Gone" }] },
        { id: 4, datasource: "$ds", targets: [{}] },
      ],
      annotations: { list: [{ name: "a" }] },
      templating: { list: [{ name: "v", type: "query", datasource: null }] },
    };
    const { dashboard } = await readDashboard(json, { sources });
    const [logs, prometheus] = [
      { type: "loki", uid: "l1" },
      { type: "prometheus", uid: "p1" },
    ];
    expect(
      dashboard.panels.map((panel) => [panel.datasource, panel.targets.map(({ datasource }) => datasource)]),
    ).toEqual([
      [logs, [logs]],
      [prometheus, [prometheus]],
      [{ uid: "-- Mixed --" }, [prometheus, { uid: "Gone" }]],
      [{ uid: "$ds" }, [{ uid: "$ds" }]],
    ]);
    expect(dashboard.annotations[0]?.datasource).toEqual(prometheus);
    expect(dashboard.variables[0]?.datasource).toEqual(prometheus);
    const without = await read(json);
    expect(without.panels.map(({ datasource }) => datasource?.uid)).toEqual(["Logs", undefined, "-- Mixed --", "$ds"]);
  });

  test("35, 37 and 42: axes, legends, hidden series", async () => {
    const panel = await readPanel(34, {
      type: "timeseries",
      options: { legend: { displayMode: "hidden" } },
      fieldConfig: {
        defaults: { custom: { axisPlacement: "hidden" } },
        overrides: [
          { matcher: { id: "byName", options: "a" }, properties: [{ id: "custom.hideFrom", value: { viz: true } }] },
        ],
      },
    });
    expect(panel.options["legend"]).toEqual({ displayMode: "list", showLegend: false });
    expect(panel.fieldConfig.overrides.map(({ properties }) => properties[0])).toEqual([
      { id: "custom.hideFrom", value: { viz: true, tooltip: true } },
      { id: "custom.axisPlacement", value: "auto" },
    ]);
  });

  test.each([
    ["color-background", { type: "color-background", mode: "gradient" }],
    ["color-background-solid", { type: "color-background", mode: "basic" }],
    ["basic", { type: "gauge", mode: "basic" }],
    ["lcd-gauge", { type: "gauge", mode: "lcd" }],
    ["json-view", { type: "json-view" }],
    ["constructor", { type: "constructor" }],
  ])("38: cells shown as %s", async (displayMode, cellOptions) => {
    const properties = [{ id: "custom.displayMode", value: displayMode }];
    const panel = await readPanel(37, {
      type: "table",
      fieldConfig: { defaults: { custom: { displayMode } }, overrides: [{ matcher: { id: "byName" }, properties }] },
    });
    expect(panel.fieldConfig.defaults.custom).toEqual({ cellOptions });
    expect(panel.fieldConfig.overrides[0]?.properties).toEqual([{ id: "custom.cellOptions", value: cellOptions }]);
  });

  test("40 and 41: refresh becomes text, old ranges of the picker are removed", async () => {
    const dashboard = await read({
      schemaVersion: 39,
      refresh: false,
      timepicker: { time_options: ["5m"], hidden: true },
    });
    expect(dashboard).toMatchObject({ refresh: "", isTimePickerHidden: true });
    expect(dashboard.source["timepicker"]).toEqual({ hidden: true });
  });

  test("a newer schema than ours is read and reported as a problem", async () => {
    const { problems } = await readDashboard({ schemaVersion: 99 });
    expect(problems[0]?.message).toBe("Schema 99 is newer than 43, the newest that this program supports.");
  });
});
