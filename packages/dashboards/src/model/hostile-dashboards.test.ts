import fc from "fast-check";
import { expect, test } from "vitest";
import { compareDashboards } from "../compare/compare-dashboards.ts";
import { importDashboard } from "../import/import-dashboard.ts";
import { compact } from "../layout/compact.ts";
import { stackPanels } from "../layout/narrow.ts";
import { GRID_COLUMNS } from "../layout/placed-panel.ts";
import { repeatPanels } from "../layout/repeat.ts";
import { hostileJson } from "../testing/hostile-json.ts";
import { bindVariable } from "../variables/variable-selection.ts";
import { orderVariables } from "../variables/variable-order.ts";
import type { Dashboard, Panel } from "./dashboard.ts";
import { readDashboard, readSource } from "./read-dashboard.ts";

const target = { refId: "A", expr: 'up{job="$job"}', datasource: { type: "prometheus", uid: "${ds}" } };

const panel = (id: number, type: string, rest: object = {}): object => ({
  id,
  type,
  title: `${type} $job`,
  gridPos: { x: (id * 8) % 24, y: id, w: 8, h: 8 },
  targets: [target],
  fieldConfig: {
    defaults: {
      unit: "s",
      thresholds: { mode: "absolute", steps: [{ value: null, color: "green" }] },
      mappings: [{ type: "value", options: { "1": { text: "Up" } } }],
    },
    overrides: [{ matcher: { id: "byName", options: "x" }, properties: [{ id: "unit", value: "ms" }] }],
  },
  transformations: [{ id: "organize", options: { renameByName: { a: "b" } } }],
  links: [{ title: "l", url: "/d/x?${__url_time_range}" }],
  ...rest,
});

/** A dashboard of the newest schema with all its properties. */
const newest = {
  uid: "u",
  title: "T",
  schemaVersion: 42,
  tags: ["a"],
  time: { from: "now-6h", to: "now" },
  refresh: "10s",
  timepicker: { refresh_intervals: ["5s"], nowDelay: "1m" },
  links: [{ type: "dashboards", tags: ["a"], title: "more" }],
  annotations: {
    list: [{ name: "a", datasource: { uid: "x" }, enable: true, iconColor: "red", filter: { ids: [1] } }],
  },
  templating: {
    list: [
      {
        name: "job",
        type: "query",
        query: "label_values(up, job)",
        multi: true,
        includeAll: true,
        current: { text: ["a"], value: ["a"] },
      },
      { name: "ds", type: "datasource", query: "prometheus", regex: "/x/" },
      { name: "i", type: "interval", query: "1m,5m", auto: true },
      { name: "f", type: "adhoc", filters: [{ key: "a", operator: "=", value: "b" }] },
    ],
  },
  panels: [
    panel(1, "timeseries", { repeat: "job", repeatDirection: "h", maxPerRow: 3 }),
    panel(2, "row", { repeat: "job", collapsed: true, panels: [panel(3, "stat"), panel(4, "table")] }),
    panel(5, "text", { options: { mode: "html", content: "<b>x</b>" } }),
    panel(6, "gauge", { libraryPanel: { uid: "l", name: "L" } }),
  ],
};

/** A dashboard of the oldest schemas, with rows instead of a grid and with properties that later schemas replaced. */
const oldest = {
  title: "Old",
  schemaVersion: 6,
  services: { filter: { time: { from: "now-1h", to: "now" } } },
  nav: [{ type: "timepicker", enable: true }],
  templating: { list: [{ type: "query", name: "job", query: "x", refresh: true, allFormat: "regex values" }] },
  rows: [
    {
      title: "r",
      height: "250px",
      collapse: true,
      repeat: "job",
      panels: [
        {
          id: 1,
          type: "graph",
          span: 4,
          y_formats: ["s", "ms"],
          legend: { show: true },
          seriesOverrides: [{ alias: "/x/", yaxis: 2 }],
          targets: [{ target: "a" }],
          thresholds: "1,2",
          links: [{ dashUri: "db/x" }],
        },
        {
          id: 2,
          type: "singlestat",
          span: 4,
          valueMaps: [{ value: "1", text: "up", op: "=" }],
          colors: ["a"],
          gauge: { show: true },
          sparkline: { show: true },
        },
        { type: "table", styles: [{ pattern: "/x/", type: "number", unit: "s" }], columns: [{ text: "a" }] },
      ],
    },
  ],
};

const resource = {
  apiVersion: "dashboard.grafana.app/v2beta1",
  kind: "Dashboard",
  metadata: { name: "u" },
  spec: {
    title: "V2",
    variables: [{ kind: "CustomVariable", spec: { name: "job", query: "a,b" } }],
    elements: {
      "panel-1": {
        kind: "Panel",
        spec: {
          id: 1,
          title: "p",
          data: {
            kind: "QueryGroup",
            spec: {
              queries: [
                {
                  kind: "PanelQuery",
                  spec: { refId: "A", query: { kind: "DataQuery", group: "prometheus", spec: { expr: "up" } } },
                },
              ],
            },
          },
          vizConfig: { kind: "VizConfig", group: "stat", spec: { options: {}, fieldConfig: { defaults: {} } } },
        },
      },
    },
    layout: {
      kind: "GridLayout",
      spec: {
        items: [
          {
            kind: "GridLayoutItem",
            spec: { x: 0, y: 0, width: 12, height: 8, element: { kind: "ElementReference", name: "panel-1" } },
          },
        ],
      },
    },
  },
};

const values = [
  { text: "<b>", value: "<b>" },
  { text: "__proto__", value: "__proto__" },
];

const flat = (panels: readonly Panel[]): Panel[] => panels.flatMap((one) => [one, ...flat(one.panels)]);

/** Checks the properties that every dashboard must have, regardless of the JSON from which it was read. */
function checkWhole(dashboard: Dashboard): void {
  const ids = flat(dashboard.panels).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const { ordered } = orderVariables(dashboard.variables);
  for (const variable of ordered) bindVariable({ variable, options: variable.options, current: variable.current });
  const placed = compact(repeatPanels(dashboard.panels, () => values));
  expect(new Set(placed.map(({ key }) => key)).size).toBe(placed.length);
  for (const { position } of [...placed, ...stackPanels(placed)]) {
    const { x, y, w, h } = position;
    expect([x, y, w, h].every(Number.isInteger) && x >= 0 && y >= 0 && w >= 1 && h >= 1 && x + w <= GRID_COLUMNS).toBe(
      true,
    );
  }
  expect(compareDashboards(dashboard, dashboard)).toEqual([]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
}

test.each([
  ["of the newest schema", newest],
  ["of the oldest schema", oldest],
  ["of the v2 form", resource],
])("a dashboard %s is read, however it is damaged", async (_, base) => {
  await fc.assert(
    fc.asyncProperty(hostileJson(base), async (json) => {
      const { json: imported } = importDashboard(json, []);
      for (const one of [json, imported]) {
        const { dashboard, problems, changes } = await readDashboard(one);
        checkWhole(dashboard);
        for (const { message } of problems) expect(message.length).toBeGreaterThan(10);
        expect(changes.length + problems.length).toBeLessThan(1100);
        // Reading the result again must give the same panels.
        expect(readSource(dashboard.source).dashboard.panels.map(({ id }) => id)).toEqual(
          dashboard.panels.map(({ id }) => id),
        );
      }
    }),
    { numRuns: 700 },
  );
});

test("10,000 repeated panels at one position are read and laid out", async () => {
  const panels = Array.from({ length: 10_000 }, (_, i) => ({ ...panel(7, "stat"), id: i % 5 === 0 ? 7 : i }));
  const { dashboard } = await readDashboard({ ...newest, panels });
  expect(dashboard.panels).toHaveLength(10_000);
  checkWhole(dashboard);
  const { dashboard: repeated } = await readDashboard({
    ...newest,
    panels: panels.map((one) => ({ ...one, repeat: "job" })),
  });
  expect(
    repeatPanels(repeated.panels, () => Array<(typeof values)[0]>(1000).fill(values[0]!)).length,
  ).toBeLessThanOrEqual(30_000);
});
