const walk = { refId: "A", scenarioId: "random_walk", seriesCount: 3, alias: "$name" };
const rows = { refId: "A", scenarioId: "csv_content", csvContent: "host,cpu,ram\none,3,40\ntwo,9,20" };

const legend = {
  showLegend: true,
  displayMode: "table",
  placement: "right",
  calcs: ["mean", "lastNotNull"],
  sortBy: "Mean",
};
const reduceOptions = { calcs: ["lastNotNull"], fields: "", values: false, limit: 10 };
const plot = { legend, tooltip: { mode: "multi", sort: "desc" } };
const value = {
  reduceOptions,
  orientation: "auto",
  textMode: "auto",
  colorMode: "value",
  graphMode: "area",
  justifyMode: "auto",
  text: { titleSize: 12, valueSize: 20 },
};

/** Panel types, each with a suitable query, options, and `custom` field settings. */
const kinds: readonly (readonly [type: string, target: object, options: object, custom: object])[] = [
  [
    "timeseries",
    walk,
    plot,
    {
      drawStyle: "line",
      lineWidth: 2,
      fillOpacity: 10,
      stacking: { mode: "normal", group: "A" },
      axisPlacement: "right",
      scaleDistribution: { type: "log", log: 2 },
      thresholdsStyle: { mode: "line" },
      spanNulls: 1000,
    },
  ],
  ["stat", walk, value, {}],
  ["gauge", walk, { ...value, showThresholdMarkers: true, minVizWidth: 75 }, {}],
  ["bargauge", walk, { ...value, displayMode: "lcd", valueMode: "color" }, {}],
  [
    "table",
    rows,
    { sortBy: [{ displayName: "cpu", desc: true }], footer: { show: true, reducer: ["sum"] }, cellHeight: "sm" },
    { cellOptions: { type: "gauge", mode: "lcd" }, width: 100, filterable: true },
  ],
  [
    "barchart",
    rows,
    { ...plot, xField: "host", barWidth: 0.9, showValue: "auto", stacking: "normal" },
    { fillOpacity: 80 },
  ],
  [
    "heatmap",
    walk,
    {
      calculate: true,
      calculation: { xBuckets: { mode: "count", value: "10" } },
      color: { scheme: "Oranges", steps: 64 },
      yAxis: { unit: "s" },
    },
    {},
  ],
  ["histogram", walk, { ...plot, bucketCount: 10, bucketOffset: 0, combine: true }, { lineWidth: 1 }],
  ["piechart", rows, { ...plot, pieType: "donut", reduceOptions: { ...reduceOptions, values: true } }, {}],
  ["state-timeline", walk, { ...plot, mergeValues: true, rowHeight: 0.9, perPage: 5 }, { lineWidth: 1 }],
  ["status-history", walk, { ...plot, rowHeight: 0.9, colWidth: 0.9 }, { fillOpacity: 70 }],
  ["trend", { ...rows, csvContent: "x,y\n1,2\n2,5\n3,1" }, { ...plot, xField: "x" }, { drawStyle: "bars" }],
  [
    "xychart",
    { ...rows, csvContent: "x,y\n1,2\n2,5\n3,1" },
    {
      ...plot,
      mapping: "manual",
      series: [{ x: { matcher: { id: "byName", options: "x" } }, y: { matcher: { id: "byName", options: "y" } } }],
    },
    { show: "points" },
  ],
  ["text", walk, { mode: "markdown", content: "# $name\n\n- [one](https://example.org)\n- **two**" }, {}],
  [
    "logs",
    { refId: "A", scenarioId: "logs", lines: 5 },
    { showTime: true, showLabels: true, sortOrder: "Ascending" },
    {},
  ],
  ["dashlist", walk, { showSearch: true, query: "hostile", tags: ["a"], maxItems: 5 }, {}],
  ["annolist", walk, { tags: ["a"], limit: 5 }, {}],
  ["alertlist", walk, { alertName: "x", sortOrder: 1, maxItems: 5 }, {}],
  ["of-another-world", walk, {}, {}],
];

function panel(at: number): object {
  const [type, target, options, custom] = kinds[at]!;
  return {
    id: at + 1,
    type,
    title: `${type} of $name`,
    description: "What *it* shows",
    gridPos: { x: (at % 4) * 6, y: Math.floor(at / 4) * 6, w: 6, h: 6 },
    datasource: { type: "testdata", uid: "td" },
    targets: [target],
    options,
    timeFrom: at === 1 ? "1h" : null,
    links: [{ title: "More", url: "/d/x?${__url_time_range}&var-name=$name" }],
    transformations:
      at % 3 === 0
        ? [
            { id: "organize", options: { renameByName: { cpu: "Load" } } },
            { id: "sortBy", options: { sort: [{ field: "Load" }] } },
          ]
        : [],
    fieldConfig: {
      defaults: {
        unit: "bytes",
        decimals: 1,
        min: 0,
        max: 100,
        displayName: "${__field.name}",
        noValue: "–",
        color: { mode: "palette-classic", fixedColor: "red" },
        thresholds: {
          mode: "absolute",
          steps: [
            { value: null, color: "green" },
            { value: 80, color: "#ff0000" },
          ],
        },
        mappings: [
          { type: "range", options: { from: 0, to: 1, result: { text: "few", color: "blue" } } },
          { type: "regex", options: { pattern: "/(.*)one(.*)/", result: { text: "$1" } } },
        ],
        links: [{ title: "Look", url: "https://example.org/${__value.raw}" }],
        custom,
      },
      overrides: [
        {
          matcher: { id: "byRegexp", options: "/.*cpu.*/" },
          properties: [
            { id: "unit", value: "percent" },
            { id: "custom.axisLabel", value: "Load" },
          ],
        },
      ],
    },
  };
}

const row = (id: number, y: number, panels: readonly object[], collapsed: boolean): object => ({
  id,
  type: "row",
  title: "Row of $name",
  collapsed,
  repeat: "name",
  gridPos: { x: 0, y, w: 24, h: 1 },
  panels,
});

/** A dashboard with a panel of every type, and with every other feature of a dashboard. */
export const everyKind = {
  uid: "hostile",
  title: "Hostile $name",
  description: "All kinds",
  schemaVersion: 41,
  tags: ["a", "b"],
  timezone: "utc",
  time: { from: "now-1h", to: "now" },
  refresh: "",
  timepicker: {
    refresh_intervals: ["5s", "1m"],
    nowDelay: "1m",
    quick_ranges: [{ from: "now-1d", to: "now", display: "A day" }],
  },
  graphTooltip: 1,
  links: [
    { type: "link", title: "Docs", url: "https://example.org", icon: "doc", targetBlank: true },
    { type: "dashboards", tags: ["a"], asDropdown: true, title: "Others" },
  ],
  annotations: {
    list: [
      {
        name: "Marks",
        enable: true,
        iconColor: "red",
        datasource: { type: "testdata", uid: "td" },
        target: { scenarioId: "annotations", lines: 3 },
      },
    ],
  },
  templating: {
    list: [
      {
        name: "name",
        label: "Name",
        type: "custom",
        query: "one,two : 2,three",
        multi: true,
        includeAll: true,
        current: { text: ["one"], value: ["one"] },
      },
      {
        name: "query",
        type: "query",
        query: "*",
        datasource: { type: "testdata", uid: "td" },
        regex: "/(?<text>.*)-(?<value>.*)/",
        sort: 3,
        refresh: 2,
      },
      {
        name: "source",
        type: "datasource",
        query: "testdata",
        regex: "/.*/",
        current: { text: "Made up", value: "td" },
      },
      {
        name: "step",
        type: "interval",
        query: "1m,5m",
        auto: true,
        auto_count: 30,
        auto_min: "10s",
        current: { text: "1m", value: "1m" },
      },
      { name: "word", type: "textbox", query: "typed" },
      { name: "fixed", type: "constant", query: "always" },
      {
        name: "filters",
        type: "adhoc",
        datasource: { type: "testdata", uid: "td" },
        filters: [{ key: "a", operator: "=~", value: "b.*" }],
      },
    ],
  },
  panels: [...kinds.map((_, at) => panel(at)), row(90, 60, [], false), row(91, 70, [panel(0), panel(1)], true)],
};
