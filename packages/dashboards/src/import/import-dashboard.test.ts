import { describe, expect, test } from "vitest";
import { readDashboard } from "../model/read-dashboard.ts";
import { exportDashboard } from "./export-dashboard.ts";
import { importDashboard } from "./import-dashboard.ts";
import { inputsOf } from "./inputs.ts";

const sources = [
  { uid: "l1", name: "Logs", type: "loki", isDefault: true },
  { uid: "p1", name: "Prom one", type: "prometheus", isDefault: false },
  { uid: "p2", name: "Prom two", type: "prometheus", isDefault: false },
];

const exported = {
  __inputs: [
    {
      name: "DS_PROMETHEUS",
      label: "Prometheus",
      type: "datasource",
      pluginId: "prometheus",
      pluginName: "Prometheus",
    },
    { name: "VAR_CLUSTER", type: "constant", label: "cluster", value: "eu" },
  ],
  __requires: [{ type: "panel", id: "stat", name: "Stat", version: "" }],
  __elements: {
    lib1: {
      uid: "lib1",
      name: "Shared",
      kind: 1,
      model: { type: "gauge", title: "From the library", datasource: { type: "prometheus", uid: "${DS_PROMETHEUS}" } },
    },
  },
  schemaVersion: 43,
  title: "T",
  templating: { list: [{ name: "c", type: "constant", query: "${VAR_CLUSTER}" }] },
  panels: [
    {
      id: 1,
      type: "stat",
      datasource: "${DS_PROMETHEUS}",
      targets: [
        {
          refId: "A",
          datasource: { type: "prometheus", uid: "${DS_PROMETHEUS}" },
          expr: 'up{job="$job", c="${other}"}',
        },
      ],
    },
    { id: 2, gridPos: { x: 0, y: 0, w: 6, h: 6 }, libraryPanel: { uid: "lib1", name: "Shared" } },
    { id: 3, type: "library-panel-ref", libraryPanel: { uid: "gone", name: "Gone" } },
  ],
};

describe("importDashboard()", () => {
  test("replaces inputs by the chosen values, and inserts library panels", async () => {
    expect(inputsOf(exported).map(({ name, type, pluginId, value }) => [name, type, pluginId, value])).toEqual([
      ["DS_PROMETHEUS", "datasource", "prometheus", ""],
      ["VAR_CLUSTER", "constant", "", "eu"],
    ]);
    const { json, problems } = importDashboard(exported, sources, { DS_PROMETHEUS: "p2", VAR_CLUSTER: "us" });
    expect(Object.keys(json)).toEqual(["schemaVersion", "title", "templating", "panels"]);
    expect(json).toMatchObject({
      templating: { list: [{ query: "us" }] },
      panels: [
        { datasource: "p2", targets: [{ datasource: { uid: "p2" }, expr: 'up{job="$job", c="${other}"}' }] },
        {
          id: 2,
          type: "gauge",
          title: "From the library",
          gridPos: { w: 6 },
          libraryPanel: { uid: "lib1" },
          datasource: { uid: "p2" },
        },
        { id: 3 },
      ],
    });
    expect(problems).toEqual([
      {
        path: "panels[2].libraryPanel",
        message: 'The file does not contain the library panel "gone"; the panel stays empty.',
      },
    ]);
    expect((await readDashboard(json)).dashboard.panels[1]?.title).toBe("From the library");
  });

  test("replaces inputs whose names contain brackets and spaces", () => {
    const name = "DS_INFLUXDB_(AUTO PROVISIONED)";
    const json = {
      __inputs: [{ name, type: "datasource", pluginId: "influxdb" }],
      panels: [{ datasource: { type: "influxdb", uid: `\${${name}}` }, title: "${job:text} ${DS_X:raw}" }],
    };
    const { json: imported, problems } = importDashboard(json, sources, { [name]: "i1" });
    expect(imported).toEqual({
      panels: [{ datasource: { type: "influxdb", uid: "i1" }, title: "${job:text} ${DS_X:raw}" }],
    });
    expect(problems).toEqual([]);
  });

  test("uses the default source of the type if none was chosen", () => {
    const { json, problems } = importDashboard(exported, sources);
    expect(json).toMatchObject({ templating: { list: [{ query: "eu" }] }, panels: [{ datasource: "p1" }, {}, {}] });
    expect(problems[0]).toEqual({
      path: "__inputs",
      message: 'No value was chosen for ${DS_PROMETHEUS}; the source "Prom one" is used.',
    });
  });

  test("treats references without a declared input as inputs, but keeps references to variables", () => {
    const { json, problems } = importDashboard(
      {
        templating: { list: [{ name: "DS_OWN", type: "datasource" }] },
        panels: [
          { datasource: { type: "prometheus", uid: "${DS_THANOS}" } },
          { datasource: "${DS_LOKI}" },
          { datasource: "${DS_MYSTERY}" },
          { datasource: "${DS_OWN}" },
        ],
      },
      sources,
    );
    expect(json["panels"]).toEqual([
      { datasource: { type: "prometheus", uid: "p1" } },
      { datasource: "l1" },
      { datasource: "l1" },
      { datasource: "${DS_OWN}" },
    ]);
    expect(problems).toHaveLength(3);
  });

  test("takes the type of an undeclared input from the first word of its name", () => {
    const { json } = importDashboard({ panels: [{ datasource: "${DS_PROMETHEUS_EU-2}" }] }, sources);
    expect(json["panels"]).toEqual([{ datasource: "p1" }]);
  });

  test("keeps references to a variable with the name of an input, unless a value was chosen", () => {
    const json = {
      __inputs: [{ name: "DS_A", type: "datasource", pluginId: "prometheus" }],
      templating: { list: [{ name: "DS_A", type: "datasource" }] },
      panels: [{ datasource: "${DS_A}" }],
    };
    expect(importDashboard(json, sources)).toMatchObject({ json: { panels: json.panels }, problems: [] });
    expect(importDashboard(json, sources, { DS_A: "p2" }).json["panels"]).toEqual([{ datasource: "p2" }]);
  });

  test("explains what to do if there is no source", () => {
    const { json, problems } = importDashboard({ panels: [{ datasource: "${DS_PROMETHEUS}" }] }, []);
    expect(json["panels"]).toEqual([{ datasource: "${DS_PROMETHEUS}" }]);
    expect(problems[0]?.message).toBe(
      'No value was chosen for ${DS_PROMETHEUS}, and there is no source of the type "prometheus"; add one, or import the file and choose a source.',
    );
  });

  test.each([null, [], 3, { __inputs: 3, __elements: [1], panels: [{ libraryPanel: { uid: "__proto__" } }] }])(
    "never throws for %j",
    (json) => {
      expect(() => importDashboard(json, sources)).not.toThrow();
    },
  );
});

describe("exportDashboard()", () => {
  const dashboard = {
    id: 7,
    title: "T",
    templating: {
      list: [
        { name: "ds", type: "datasource", query: "prometheus", current: { text: "Prom one", value: "p1" } },
        { name: "zone", type: "constant", query: "eu" },
      ],
    },
    annotations: { list: [{ datasource: { type: "grafana", uid: "-- Grafana --" } }] },
    panels: [
      {
        id: 1,
        type: "stat",
        datasource: { type: "prometheus", uid: "p1" },
        targets: [{ datasource: { type: "prometheus", uid: "$ds" } }],
      },
      { id: 2, type: "row", panels: [{ id: 3, type: "table", datasource: "Logs" }] },
    ],
  };

  test("turns sources and constants into inputs, and lists requirements", () => {
    const json = exportDashboard(dashboard, sources, { name: "Narthex", version: "1.0.0" });
    expect(json).toMatchObject({
      id: null,
      __inputs: [
        { name: "DS_PROM_ONE", label: "Prom one", type: "datasource", pluginId: "prometheus" },
        { name: "DS_LOGS", pluginId: "loki" },
        { name: "VAR_ZONE", type: "constant", value: "eu" },
      ],
      templating: { list: [{ current: { value: "${DS_PROM_ONE}" } }, { query: "${VAR_ZONE}" }] },
      annotations: { list: [{ datasource: { uid: "-- Grafana --" } }] },
      panels: [
        { datasource: { type: "prometheus", uid: "${DS_PROM_ONE}" }, targets: [{ datasource: { uid: "$ds" } }] },
        { panels: [{ datasource: { type: "loki", uid: "${DS_LOGS}" } }] },
      ],
    });
    expect(json["__requires"]).toMatchObject([
      { type: "grafana", id: "grafana" },
      { type: "panel", id: "stat" },
      { type: "panel", id: "table" },
      { type: "datasource", id: "loki" },
      { type: "datasource", id: "prometheus" },
    ]);
  });

  test("an import with the same sources restores the exported dashboard", () => {
    const json = exportDashboard(dashboard, sources, { name: "Narthex", version: "1.0.0" });
    const { json: back, problems } = importDashboard(json, sources, {
      DS_PROM_ONE: "p1",
      DS_LOGS: "l1",
      VAR_ZONE: "eu",
    });
    expect(problems).toEqual([]);
    expect(back["panels"]).toEqual([
      dashboard.panels[0],
      { id: 2, type: "row", panels: [{ id: 3, type: "table", datasource: { type: "loki", uid: "l1" } }] },
    ]);
  });
});
