import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEWEST_SCHEMA, readDashboard, readSource } from "./read-dashboard.ts";

const conformance = process.env["NARTHEX_CONFORMANCE"];
const full = join(conformance ?? "", "dashboards/node-exporter-full.json");

const newest = {
  schemaVersion: NEWEST_SCHEMA,
  uid: "abc",
  title: "Hosts",
  timezone: "UTC",
  graphTooltip: 1,
  "x-unknown": { kept: [1, null, "two"] },
  templating: {
    list: [
      {
        name: "job",
        type: "query",
        query: { query: "label_values(up, job)", refId: "V" },
        datasource: { type: "prometheus", uid: "${ds}" },
        multi: true,
        current: { text: ["a", "b"], value: ["a", "b"] },
        refresh: 2,
        hide: 1,
      },
    ],
  },
  annotations: { list: [{ builtIn: 1, name: "Annotations", datasource: { type: "grafana", uid: "-- Grafana --" } }] },
  panels: [
    {
      id: 7,
      type: "timeseries",
      title: "CPU",
      gridPos: { x: 0, y: 0, w: 12, h: 8 },
      fieldConfig: {
        defaults: {
          unit: "percent",
          thresholds: {
            mode: "absolute",
            steps: [
              { value: null, color: "green" },
              { value: 80, color: "red" },
            ],
          },
          mappings: [{ type: "special", options: { match: "null", result: { text: "none" } } }],
        },
        overrides: [{ matcher: { id: "byName", options: "a" }, properties: [{ id: "unit", value: "s" }] }],
      },
      targets: [{ expr: "up", refId: "B" }, { expr: "down" }],
      strange: true,
    },
    {
      id: 8,
      type: "row",
      title: "More",
      collapsed: true,
      gridPos: { x: 0, y: 8, w: 24, h: 1 },
      panels: [{ id: 9, type: "x-unknown-panel" }],
    },
  ],
};

describe("readDashboard() of the newest schema", () => {
  test("keeps the JSON unchanged, including unknown keys and their order", async () => {
    const { dashboard, changes, problems } = await readDashboard(newest);
    expect(JSON.stringify(dashboard.source)).toBe(JSON.stringify(newest));
    expect(dashboard.source).not.toBe(newest);
    expect({ changes, problems }).toEqual({ changes: [], problems: [] });
  });

  test("reads panels, fields, variables and annotations", async () => {
    const { dashboard } = await readDashboard(newest);
    const [cpu, row] = dashboard.panels;
    expect(dashboard).toMatchObject({
      uid: "abc",
      timezone: "utc",
      cursorSync: "crosshair",
      refresh: "",
      editable: true,
    });
    expect(cpu).toMatchObject({ id: 7, position: { x: 0, y: 0, w: 12, h: 8 }, maxPerRow: 4 });
    expect(cpu?.targets.map(({ refId }) => refId)).toEqual(["B", "A"]);
    expect(cpu?.fieldConfig.defaults.thresholds?.steps[0]).toEqual({ value: -Infinity, color: "green" });
    expect(row?.panels[0]).toMatchObject({ id: 9, type: "x-unknown-panel" });
    expect(dashboard.variables[0]).toMatchObject({
      hide: "label",
      refresh: "time",
      current: [
        { value: "a", text: "a" },
        { value: "b", text: "b" },
      ],
      query: { query: "label_values(up, job)", refId: "V" },
    });
    expect(dashboard.annotations[0]).toMatchObject({ builtIn: true, enable: true });
  });

  test("readSource() gives the same dashboard as readDashboard()", async () => {
    const { dashboard } = await readDashboard(newest);
    expect(readSource(dashboard.source).dashboard).toEqual(dashboard);
  });
});

describe("readDashboard() of broken input", () => {
  test("reports the path of a wrong type, and uses the default", async () => {
    const { dashboard, problems } = await readDashboard({
      schemaVersion: NEWEST_SCHEMA,
      title: { a: 1 },
      tags: "x",
      panels: [3, { id: 1, type: "stat", gridPos: { w: 99, h: "5", x: -4 }, targets: { refId: "A" } }],
      templating: { list: [{ type: "query" }, { name: "a", type: "nonsense" }] },
    });
    expect(dashboard.title).toBe("");
    expect(dashboard.panels[0]?.position).toEqual({ x: 0, y: 0, w: 24, h: 5 });
    expect(problems.map(({ path }) => path).sort()).toEqual([
      "panels[0]",
      "panels[1].targets",
      "tags",
      "templating.list[0]",
      "templating.list[1]",
      "title",
    ]);
    expect(problems.find(({ path }) => path === "title")?.message).toBe(
      "The value must be text, not an object; the default is used.",
    );
  });

  test("gives ids to panels without an id or with a duplicate one", async () => {
    const panels = [{ id: 2 }, { id: 2 }, {}, { type: "row", id: "7", panels: [{ id: 1 }, { id: -1 }] }];
    const { dashboard, changes } = await readDashboard({ schemaVersion: NEWEST_SCHEMA, panels });
    const ids = dashboard.panels.flatMap((panel) => [panel.id, ...panel.panels.map(({ id }) => id)]);
    expect(ids).toEqual([2, 3, 4, 5, 1, 6]);
    expect(changes).toHaveLength(4);
  });

  test.each([null, undefined, 3, "text", [], () => 1, Symbol("x")])("gives an empty dashboard for %s", async (json) => {
    const { dashboard, problems } = await readDashboard(json);
    expect(dashboard.panels).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
  });

  test("does not follow cycles or set prototypes", async () => {
    const cyclic: Record<string, unknown> = { schemaVersion: NEWEST_SCHEMA, panels: [] };
    cyclic["self"] = cyclic;
    expect((await readDashboard(cyclic)).problems[0]?.message).toContain("64 levels");
    const hostile: unknown = JSON.parse(
      '{"schemaVersion":3,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},' +
        '"panels":[{"type":"graph","aliasColors":{"__proto__":"red","toString":"blue"},"seriesOverrides":[{"alias":"a","constructor":1,"__proto__":2}]}]}',
    );
    const { dashboard } = await readDashboard(hostile);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(dashboard.panels[0]?.fieldConfig.overrides.map(({ matcher }) => matcher.options)).toEqual(["toString"]);
  });

  test("reports at most 500 problems in full and counts the others", async () => {
    const panels = Array.from({ length: 10_000 }, () => 1);
    const { problems } = await readDashboard({ schemaVersion: NEWEST_SCHEMA, panels });
    expect(problems).toHaveLength(501);
    expect(problems.at(-1)?.message).toBe("There are 9500 further problems.");
  });

  test("never throws, and reads its own output without a change", async () => {
    const keys = [
      "type",
      "id",
      "panels",
      "rows",
      "targets",
      "fieldConfig",
      "defaults",
      "overrides",
      "options",
      "legend",
    ];
    const more = ["styles", "thresholds", "templating", "list", "spec", "elements", "layout", "kind", "gauge", "yaxes"];
    const words = [
      "graph",
      "singlestat",
      "table-old",
      "heatmap",
      "row",
      "Panel",
      "GridLayout",
      "grafana-piechart-panel",
      "1,2,3",
    ];
    const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(...words),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(fc.oneof(fc.constantFrom(...keys, ...more), fc.string()), tie("value"), { maxKeys: 6 }),
      ),
    })).value;
    const version = fc.integer({ min: 0, max: 44 });
    const anything = fc.dictionary(fc.constantFrom(...keys, ...more), value, { maxKeys: 8 });
    await fc.assert(
      fc.asyncProperty(anything, version, async (json, schemaVersion) => {
        const first = await readDashboard({ ...json, schemaVersion });
        const second = await readDashboard(first.dashboard.source);
        expect(second.changes).toEqual([]);
        expect(second.dashboard.source).toEqual(first.dashboard.source);
      }),
      { numRuns: 300 },
    );
  });
});

describe.skipIf(!existsSync(full))("Node Exporter Full", () => {
  test("is read completely", async () => {
    const { dashboard, problems, changes } = await readDashboard(JSON.parse(readFileSync(full, "utf8")));
    const panels = dashboard.panels.flatMap((panel) => [panel, ...panel.panels]);
    expect(problems).toEqual([]);
    expect(panels.filter(({ type }) => type === "row")).toHaveLength(16);
    expect(panels.filter(({ type }) => type === "timeseries")).toHaveLength(111);
    expect(dashboard.variables.map(({ name }) => name)).toEqual(["ds_prometheus", "job", "nodename", "node"]);
    expect(changes.at(-1)?.what).toBe("The dashboard had schema 41; it now has schema 43.");
    const again = await readDashboard(dashboard.source);
    expect(JSON.stringify(again.dashboard.source)).toBe(JSON.stringify(dashboard.source));
  });
});
