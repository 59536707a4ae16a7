const target = { refId: "A", scenarioId: "random_walk", seriesCount: 2, alias: "$name" };

/**
 * Returns a panel in Grafana's old dashboard schema, in which a panel has a width in a row instead of a position in a
 * grid.
 */
const old = (id: number, type: string, rest: object): object => ({
  id,
  type,
  title: `${type} of $name`,
  span: 4,
  datasource: "Made up",
  targets: [target],
  links: [{ type: "dashboard", dashboard: "Other", title: "more" }],
  ...rest,
});

/** A dashboard in Grafana's old schema without a grid: rows of graphs, single values and tables. */
export const oldRows = {
  uid: "hostile",
  title: "Old $name",
  schemaVersion: 12,
  style: "dark",
  sharedCrosshair: true,
  hideControls: false,
  time: { from: "now-1h", to: "now" },
  timepicker: { refresh_intervals: ["5s"], time_options: ["5m", "1h"], now: true },
  annotations: { list: [{ name: "Marks", enable: true, datasource: "Made up", iconColor: "red", query: "x" }] },
  templating: {
    list: [
      {
        type: "custom",
        name: "name",
        query: "one,two",
        includeAll: true,
        allFormat: "regex values",
        multiFormat: "glob",
        multi: true,
        current: { text: "All", value: "$__all" },
      },
      { type: "query", name: "asked", query: "*", datasource: "Made up", refresh: true },
    ],
  },
  rows: [
    {
      title: "First of $name",
      height: "250px",
      collapse: false,
      repeat: "name",
      panels: [
        old(1, "graph", {
          y_formats: ["s", "ms"],
          "y-axis": true,
          lines: true,
          bars: false,
          linewidth: 2,
          nullPointMode: "connected",
          stack: true,
          percentage: true,
          legend: { show: true, values: true, avg: true, alignAsTable: true, rightSide: true },
          seriesOverrides: [{ alias: "/one/", yaxis: 2, color: "#f00", fill: 0, lines: false, points: true }],
          thresholds: [{ value: 5, op: "gt", fill: true, line: true, colorMode: "critical" }],
          xaxis: { mode: "time", show: true },
          yaxes: [{ format: "short", logBase: 10, min: 0, max: "9" }, { format: "bytes" }],
        }),
        old(2, "singlestat", {
          format: "percent",
          valueName: "current",
          valueMaps: [{ value: "null", text: "none", op: "=" }],
          mappingType: 1,
          rangeMaps: [{ from: "0", to: "5", text: "few" }],
          thresholds: "1,2",
          colors: ["#0f0", "#ff0", "#f00"],
          colorBackground: true,
          gauge: { show: true, minValue: 0, maxValue: 9 },
          sparkline: { show: true, full: true },
          prefix: "p",
          postfix: "q",
          nullText: "–",
        }),
        old(3, "table", {
          transform: "timeseries_to_rows",
          styles: [
            {
              pattern: "/.*/",
              type: "number",
              unit: "s",
              decimals: 2,
              colorMode: "cell",
              thresholds: ["1", "2"],
              colors: ["#0f0", "#ff0", "#f00"],
              link: true,
              linkUrl: "/d/x?v=${__cell}",
            },
          ],
          columns: [{ text: "Avg", value: "avg" }],
          sort: { col: 0, desc: true },
          pageSize: 10,
        }),
        old(4, "text", { mode: "html", content: "<b>of $name</b>" }),
      ],
    },
    {
      title: "Second",
      height: 200,
      collapse: true,
      panels: [
        old(5, "heatmap", {
          dataFormat: "tsbuckets",
          color: { mode: "spectrum", colorScheme: "interpolateOranges" },
          yAxis: { format: "s", logBase: 1 },
          xBucketSize: "1m",
          yBucketBound: "auto",
        }),
        old(6, "dashlist", { mode: "search", query: "x", tags: ["a"], limit: 5 }),
        old(7, "grafana-piechart-panel", { pieType: "donut", format: "bytes", legend: { show: true, values: true } }),
        old(8, "alertlist", { show: "current", limit: 5, stateFilter: ["alerting"] }),
      ],
    },
  ],
};

const source = { name: "td" };
const query = {
  kind: "PanelQuery",
  spec: {
    refId: "A",
    hidden: false,
    query: {
      kind: "DataQuery",
      group: "testdata",
      version: "v0",
      datasource: source,
      spec: { scenarioId: "random_walk", seriesCount: 2 },
    },
  },
};

const element = (id: number, group: string): object => ({
  kind: "Panel",
  spec: {
    id,
    title: `${group} of $name`,
    description: "",
    links: [],
    data: {
      kind: "QueryGroup",
      spec: {
        queries: [query],
        transformations: [{ kind: "reduce", spec: { id: "reduce", options: { reducers: ["max"] } } }],
        queryOptions: { maxDataPoints: 100, timeFrom: "1h" },
      },
    },
    vizConfig: {
      kind: "VizConfig",
      group,
      version: "",
      spec: { options: {}, fieldConfig: { defaults: { unit: "s", custom: {} }, overrides: [] } },
    },
  },
});

const item = (name: string, x: number): object => ({
  kind: "GridLayoutItem",
  spec: {
    x,
    y: 0,
    width: 8,
    height: 6,
    element: { kind: "ElementReference", name },
    repeat: { mode: "variable", value: "name", direction: "h", maxPerRow: 2 },
  },
});
const grid = (name: string): object => ({ kind: "GridLayout", spec: { items: [item(name, 0)] } });

/** A dashboard in Grafana's newer form of a Kubernetes resource, which has elements and layouts. */
export const resourceForm = {
  apiVersion: "dashboard.grafana.app/v2beta1",
  kind: "Dashboard",
  metadata: { name: "hostile", annotations: { "grafana.app/folder": "f" } },
  spec: {
    title: "Resource of $name",
    description: "",
    tags: ["a"],
    cursorSync: "Crosshair",
    liveNow: false,
    preload: false,
    editable: true,
    links: [
      {
        title: "Docs",
        type: "link",
        url: "https://example.org",
        icon: "doc",
        tags: [],
        asDropdown: false,
        targetBlank: true,
        includeVars: false,
        keepTime: false,
        tooltip: "",
      },
    ],
    timeSettings: {
      from: "now-1h",
      to: "now",
      timezone: "utc",
      autoRefresh: "",
      autoRefreshIntervals: ["5s"],
      hideTimepicker: false,
      fiscalYearStartMonth: 0,
    },
    annotations: [
      {
        kind: "AnnotationQuery",
        spec: {
          name: "Marks",
          enable: true,
          hide: false,
          iconColor: "red",
          query: { kind: "DataQuery", group: "testdata", version: "v0", datasource: source, spec: {} },
        },
      },
    ],
    variables: [
      {
        kind: "CustomVariable",
        spec: {
          name: "name",
          query: "one,two",
          multi: true,
          includeAll: true,
          hide: "dontHide",
          skipUrlSync: false,
          options: [],
          current: { text: ["one"], value: ["one"] },
        },
      },
      {
        kind: "QueryVariable",
        spec: {
          name: "asked",
          query: { kind: "DataQuery", group: "testdata", version: "v0", datasource: source, spec: { query: "*" } },
          refresh: "onDashboardLoad",
          sort: "disabled",
          regex: "",
          options: [],
          current: { text: "", value: "" },
        },
      },
    ],
    elements: {
      "panel-1": element(1, "timeseries"),
      "panel-2": element(2, "stat"),
      "panel-3": element(3, "table"),
      lib: { kind: "LibraryPanel", spec: { id: 4, title: "shared", libraryPanel: { uid: "l", name: "L" } } },
    },
    layout: {
      kind: "RowsLayout",
      spec: {
        rows: [
          {
            kind: "RowsLayoutRow",
            spec: {
              title: "Row of $name",
              collapse: false,
              hideHeader: false,
              layout: grid("panel-1"),
              repeat: { mode: "variable", value: "name" },
            },
          },
          {
            kind: "RowsLayoutRow",
            spec: {
              title: "Tabs",
              collapse: false,
              layout: {
                kind: "TabsLayout",
                spec: { tabs: [{ kind: "TabsLayoutTab", spec: { title: "A tab", layout: grid("panel-2") } }] },
              },
            },
          },
          {
            kind: "RowsLayoutRow",
            spec: {
              title: "Auto",
              collapse: true,
              layout: {
                kind: "AutoGridLayout",
                spec: {
                  maxColumnCount: 3,
                  columnWidthMode: "standard",
                  rowHeightMode: "short",
                  fillScreen: false,
                  items: [
                    {
                      kind: "AutoGridLayoutItem",
                      spec: {
                        element: { kind: "ElementReference", name: "panel-3" },
                        conditionalRendering: {
                          kind: "ConditionalRenderingGroup",
                          spec: { condition: "and", visibility: "show", items: [] },
                        },
                      },
                    },
                    { kind: "AutoGridLayoutItem", spec: { element: { kind: "ElementReference", name: "lib" } } },
                  ],
                },
              },
            },
          },
        ],
      },
    },
  },
};
