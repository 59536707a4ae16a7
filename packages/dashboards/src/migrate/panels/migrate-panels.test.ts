import { describe, expect, test } from "vitest";
import type { Panel } from "../../model/dashboard.ts";
import type { Problem } from "../../model/findings.ts";
import { NEWEST_SCHEMA, readDashboard } from "../../model/read-dashboard.ts";

async function migrated(panel: object): Promise<Panel & { problems: readonly Problem[] }> {
  const { dashboard, problems } = await readDashboard({ schemaVersion: NEWEST_SCHEMA, panels: [{ id: 1, ...panel }] });
  return { ...dashboard.panels[0]!, problems };
}

describe("graph", () => {
  test("becomes a time series with its axis, lines, legend and tooltip", async () => {
    const panel = await migrated({
      type: "graph",
      title: "Traffic",
      lines: true,
      fill: 3,
      linewidth: 2,
      stack: true,
      percentage: true,
      steppedLine: true,
      nullPointMode: "connected",
      points: true,
      pointradius: 3,
      dashes: true,
      dashLength: 4,
      yaxes: [{ format: "bps", min: "0", max: null, logBase: 10, label: "rate", show: true }, { format: "short" }],
      legend: {
        show: true,
        values: true,
        alignAsTable: true,
        rightSide: true,
        sideWidth: 300,
        avg: true,
        current: true,
        min: false,
        sort: "avg",
        sortDesc: true,
      },
      tooltip: { shared: false, sort: 2 },
      kept: "x",
    });
    expect(panel.type).toBe("timeseries");
    expect(panel.fieldConfig.defaults).toEqual({
      unit: "bps",
      min: 0,
      custom: {
        axisPlacement: "auto",
        axisLabel: "rate",
        scaleDistribution: { type: "log", log: 10 },
        drawStyle: "line",
        showPoints: "always",
        pointSize: 8,
        lineWidth: 2,
        lineStyle: { fill: "dash", dash: [4, 10] },
        fillOpacity: 30,
        gradientMode: "none",
        lineInterpolation: "stepAfter",
        spanNulls: true,
        stacking: { mode: "percent", group: "A" },
      },
    });
    expect(panel.options).toEqual({
      legend: {
        showLegend: true,
        displayMode: "table",
        placement: "right",
        calcs: ["mean", "lastNotNull"],
        width: 300,
        sortBy: "Mean",
        sortDesc: true,
      },
      tooltip: { mode: "single", sort: "desc" },
    });
    expect(Object.keys(panel.source).sort()).toEqual(["fieldConfig", "id", "kept", "options", "title", "type"]);
  });

  test("turns settings of series into overrides", async () => {
    const panel = await migrated({
      type: "graph",
      aliasColors: { up: "#fff", empty: "" },
      yaxes: [{ format: "s" }, { format: "bytes", label: "right" }],
      seriesOverrides: [
        { alias: "/out.*/", transform: "negative-Y", stack: "B", zindex: 3 },
        { alias: "total", yaxis: 2, lines: false, points: true, fill: 2, color: "red", legend: false },
        { alias: "limit", dashes: true, spaceLength: 5, stack: false, lines: true },
        { alias: "nothing", zindex: -1 },
        { color: "no alias" },
      ],
    });
    expect(panel.fieldConfig.overrides).toEqual([
      {
        matcher: { id: "byName", options: "up" },
        properties: [{ id: "color", value: { mode: "fixed", fixedColor: "#fff" } }],
      },
      {
        matcher: { id: "byRegexp", options: "/out.*/" },
        properties: [
          { id: "custom.transform", value: "negative-Y" },
          { id: "custom.stacking", value: { mode: "normal", group: "B" } },
        ],
      },
      {
        matcher: { id: "byName", options: "total" },
        properties: [
          { id: "custom.lineWidth", value: 0 },
          { id: "custom.showPoints", value: "always" },
          { id: "custom.fillOpacity", value: 20 },
          { id: "color", value: { mode: "fixed", fixedColor: "red" } },
          { id: "custom.hideFrom", value: { legend: true, tooltip: false, viz: false } },
          { id: "unit", value: "bytes" },
          { id: "custom.axisPlacement", value: "right" },
          { id: "custom.axisLabel", value: "right" },
        ],
      },
      {
        matcher: { id: "byName", options: "limit" },
        properties: [
          { id: "custom.stacking", value: { mode: "none", group: "A" } },
          { id: "custom.drawStyle", value: "line" },
          { id: "custom.lineStyle", value: { fill: "dash", dash: [10, 5] } },
        ],
      },
    ]);
  });

  test("turns thresholds into steps, also if one is above, one is below, and a gap is between them", async () => {
    const above = await migrated({
      type: "graph",
      thresholds: [{ value: 5, op: "gt", fill: true, line: true, colorMode: "warning" }],
    });
    expect(above.fieldConfig.defaults.thresholds?.steps).toEqual([
      { value: -Infinity, color: "transparent" },
      { value: 5, color: "orange" },
    ]);
    expect(above.fieldConfig.defaults.custom?.["thresholdsStyle"]).toEqual({ mode: "line+area" });
    const between = await migrated({
      type: "graph",
      thresholds: [
        { value: 9, op: "gt", line: true, colorMode: "critical" },
        { value: 2, op: "lt", line: true, colorMode: "custom", lineColor: "blue" },
      ],
    });
    expect(between.fieldConfig.defaults.thresholds?.steps).toEqual([
      { value: -Infinity, color: "blue" },
      { value: 2, color: "transparent" },
      { value: 9, color: "red" },
    ]);
  });

  test("becomes bars of series or a histogram, depending on its x axis, and draws bars if it drew bars", async () => {
    const bars = await migrated({ type: "graph", xaxis: { mode: "series", values: ["avg"] } });
    expect(bars).toMatchObject({
      type: "barchart",
      transformations: [{ id: "reduce", options: { reducers: ["mean"] } }],
    });
    const histogram = await migrated({ type: "graph", xaxis: { mode: "histogram", buckets: 20 } });
    expect(histogram).toMatchObject({ type: "histogram", options: { bucketCount: 20, combine: false } });
    const drawn = await migrated({ type: "graph", bars: true, lines: false });
    expect(drawn.fieldConfig.defaults.custom).toMatchObject({ drawStyle: "bars", fillOpacity: 100 });
    const points = await migrated({ type: "graph", lines: false, points: true });
    expect(points.fieldConfig.defaults.custom).toMatchObject({ drawStyle: "points", showPoints: "always" });
  });

  test("reports what it could not convert", async () => {
    const { problems } = await migrated({ type: "graph", alert: {}, timeRegions: [{}], nullPointMode: "null as zero" });
    expect(problems.map(({ path }) => path)).toEqual([
      "panels[0].timeRegions",
      "panels[0].alert",
      "panels[0].nullPointMode",
    ]);
  });
});

describe("singlestat", () => {
  test("becomes a stat with its calculation, colours, mappings and text", async () => {
    const panel = await migrated({
      type: "singlestat",
      valueName: "current",
      format: "none",
      postfix: " req",
      decimals: 1,
      thresholds: "80,90",
      colors: ["green", "orange", "red"],
      colorBackground: true,
      sparkline: { show: true },
      tableColumn: "a.b",
      nullText: "N/A",
      mappingType: 2,
      valueMaps: [{ value: "1", text: "one" }],
      rangeMaps: [
        { from: "null", to: "null", text: "none" },
        { from: "1", to: "2", text: "85" },
      ],
    });
    expect(panel).toMatchObject({
      type: "stat",
      options: {
        reduceOptions: { values: false, calcs: ["lastNotNull"], fields: "/^a\\.b$/" },
        graphMode: "area",
        colorMode: "background",
        textMode: "auto",
      },
    });
    expect(panel.fieldConfig.defaults).toEqual({
      unit: "suffix: req",
      decimals: 1,
      noValue: "N/A",
      thresholds: {
        mode: "absolute",
        steps: [
          { value: -Infinity, color: "green" },
          { value: 80, color: "orange" },
          { value: 90, color: "red" },
        ],
      },
      mappings: [
        { type: "special", options: { match: "null", result: { text: "none" } } },
        { type: "range", options: { from: 1, to: 2, result: { text: "85", color: "orange" } } },
      ],
    });
  });

  test("becomes a gauge if it showed one", async () => {
    const gauge = { show: true, minValue: 0, maxValue: 50, thresholdLabels: true };
    const panel = await migrated({
      type: "grafana-singlestat-panel",
      gauge,
      format: "percent",
      thresholds: "",
      colors: ["blue"],
    });
    expect(panel).toMatchObject({
      type: "gauge",
      options: { showThresholdLabels: true, reduceOptions: { calcs: ["mean"] } },
    });
    expect(panel.fieldConfig.defaults).toMatchObject({
      unit: "percent",
      min: 0,
      max: 50,
      thresholds: { steps: [{ color: "blue" }] },
    });
  });

  test("reports a text next to a unit, and an unknown calculation", async () => {
    const { problems } = await migrated({ type: "singlestat", format: "bytes", prefix: "≈", valueName: "last_time" });
    expect(problems.map(({ path }) => path)).toEqual(["panels[0].prefix", "panels[0].valueName"]);
  });
});

test("table-old: columns with a style are shown although another style hides all columns", async () => {
  const panel = await migrated({
    type: "table-old",
    styles: [
      { pattern: "host", alias: "Host", type: "string" },
      { pattern: "id", type: "hidden" },
      { pattern: "/.*/", type: "hidden" },
    ],
  });
  expect(panel.fieldConfig.defaults).toEqual({ custom: { hidden: true } });
  expect(panel.fieldConfig.overrides.map(({ properties }) => properties)).toEqual([
    [
      { id: "displayName", value: "Host" },
      { id: "custom.hidden", value: false },
    ],
    [{ id: "custom.hidden", value: true }],
  ]);
});

test("table-old: styles become settings of columns, and series are transformed", async () => {
  const panel = await migrated({
    type: "table-old",
    transform: "timeseries_aggregations",
    columns: [{ value: "avg" }, { value: "current" }, { value: "nonsense" }],
    styles: [
      { pattern: "/.*/", unit: "short", decimals: 2, type: "number", align: "auto" },
      { pattern: "Time", type: "date", dateFormat: "YYYY-MM-DD", alias: "When", unit: "short", decimals: 2 },
      { pattern: "/id$/", type: "hidden" },
      {
        pattern: "Load",
        unit: "percent",
        colorMode: "row",
        thresholds: ["1", "2"],
        colors: ["a", "b", "c"],
        align: "right",
      },
      {
        pattern: "host",
        type: "string",
        link: true,
        linkUrl: "/d/x?h=$__cell&n=${__cell_2}",
        linkTooltip: "go to $__cell",
        mappingType: 1,
        valueMaps: [{ value: "1", text: "one" }],
      },
    ],
  });
  expect(panel.type).toBe("table");
  expect(panel.transformations).toEqual([
    { id: "reduce", disabled: false, options: { includeTimeField: false, reducers: ["mean", "lastNotNull"] } },
  ]);
  expect(panel.fieldConfig.defaults).toEqual({ unit: "short", decimals: 2, custom: {} });
  const steps = [
    { value: -Infinity, color: "a" },
    { value: 1, color: "b" },
    { value: 2, color: "c" },
  ];
  expect(panel.fieldConfig.overrides.map(({ properties }) => properties)).toEqual([
    [
      { id: "displayName", value: "When" },
      { id: "unit", value: "time:YYYY-MM-DD" },
    ],
    [{ id: "custom.hidden", value: true }],
    [
      { id: "unit", value: "percent" },
      { id: "custom.cellOptions", value: { type: "color-background", mode: "basic", applyToRow: true } },
      { id: "custom.align", value: "right" },
      { id: "thresholds", value: { mode: "absolute", steps } },
    ],
    [
      {
        id: "links",
        value: [
          {
            title: "go to ${__value.text}",
            url: "/d/x?h=${__value.text}&n=${__data.fields[2]}",
            targetBlank: false,
            oneClick: false,
          },
        ],
      },
      { id: "mappings", value: [{ type: "value", options: { 1: { text: "one" } } }] },
    ],
  ]);
});

test("heatmap: settings next to the options become options", async () => {
  const panel = await migrated({
    type: "heatmap",
    dataFormat: "tsbuckets",
    cards: { cardPadding: 0 },
    color: { mode: "spectrum", colorScheme: "interpolateSpectral", min: 9, max: 1, exponent: 0.3 },
    yAxis: { format: "s", show: true, logBase: 2 },
    yBucketBound: "upper",
    hideZeroBuckets: true,
    reverseYBuckets: true,
    tooltip: { show: true, showHistogram: true },
  });
  expect(panel.options).toMatchObject({
    calculate: false,
    cellGap: 0,
    color: { mode: "scheme", scheme: "Spectral", min: 1, max: 9, reverse: true, exponent: 0.3 },
    yAxis: { unit: "s", reverse: true, axisPlacement: "left" },
    rowsFrame: { layout: "ge" },
    filterValues: { le: 1e-9 },
    tooltip: { mode: "single", yHistogram: true },
  });
  const present = { calculate: false };
  expect((await migrated({ type: "heatmap", options: present, yAxis: {} })).options).toEqual(present);
});

test("a pie chart of the plugin becomes a built-in pie chart", async () => {
  const panel = await migrated({
    type: "grafana-piechart-panel",
    pieType: "donut",
    format: "bytes",
    valueName: "total",
    legendType: "On graph",
    legend: { show: true, values: true, percentage: true },
    aliasColors: { a: "red" },
    combine: { threshold: 0.1 },
  });
  expect(panel).toMatchObject({
    type: "piechart",
    options: {
      pieType: "donut",
      reduceOptions: { calcs: ["sum"] },
      displayLabels: ["name", "value", "percent"],
      legend: { showLegend: false },
    },
    fieldConfig: { defaults: { unit: "bytes", decimals: 0 }, overrides: [{ matcher: { options: "a" } }] },
    problems: [{ path: "panels[0].combine" }],
  });
});

describe("options of older versions of a kind", () => {
  test("fieldOptions that a newer version of the panel still contains change nothing", async () => {
    const options = {
      fieldOptions: { calcs: ["first"] },
      reduceOptions: { calcs: ["mean"], fields: "/^version$/", values: true },
    };
    const panel = await migrated({ type: "stat", pluginVersion: "13.1.1", options });
    expect(panel.options).toMatchObject({ reduceOptions: options.reduceOptions });
  });

  test("fieldOptions become settings of fields", async () => {
    const panel = await migrated({
      type: "gauge",
      pluginVersion: "6.5.0",
      options: {
        showThresholdMarkers: true,
        fieldOptions: {
          calcs: ["last"],
          values: false,
          defaults: { title: "Load", unit: "percentunit", color: "blue" },
          mappings: [{ type: 1, value: "1", text: "one" }],
          thresholds: [
            { index: 1, value: 80, color: "red" },
            { index: 0, value: null, color: "green" },
          ],
          overrides: [{ matcher: { id: "byName", options: "a" }, properties: [] }],
        },
      },
    });
    expect(panel.options).toEqual({ showThresholdMarkers: true, reduceOptions: { values: false, calcs: ["last"] } });
    expect(panel.fieldConfig).toEqual({
      defaults: {
        displayName: "Load",
        unit: "percentunit",
        min: 0,
        max: 1,
        color: { mode: "fixed", fixedColor: "blue" },
        mappings: [{ type: "value", options: { 1: { text: "one" } } }],
        thresholds: {
          mode: "absolute",
          steps: [
            { value: -Infinity, color: "green" },
            { value: 80, color: "red" },
          ],
        },
      },
      overrides: [{ matcher: { id: "byName", options: "a" }, properties: [] }],
    });
  });

  test("text panels, lists of dashboards, states and experimental heatmaps are converted", async () => {
    expect((await migrated({ type: "text2", mode: "text", content: "hi" })).options).toEqual({
      mode: "markdown",
      content: "hi",
    });
    expect((await migrated({ type: "dashlist", starred: true, limit: 5 })).options).toMatchObject({
      showStarred: true,
      maxItems: 5,
    });
    expect(await migrated({ type: "heatmap-new", options: { bucketFrame: { a: 1 } } })).toMatchObject({
      type: "heatmap",
      options: { rowsFrame: { a: 1 } },
    });
    expect(await migrated({ type: "heatmap-old", dataFormat: "tsbuckets", yAxis: {} })).toMatchObject({
      type: "heatmap",
      options: { calculate: false },
    });
    const colorMaps = [{ text: "UP", color: "green" }];
    expect(await migrated({ type: "natel-discrete-panel", colorMaps })).toMatchObject({
      type: "state-timeline",
      fieldConfig: { defaults: { mappings: [{ type: "value", options: { UP: { color: "green" } } }] } },
    });
  });

  test("XY chart columns that were given by name are selected by matchers", async () => {
    const byName = (options: string): object => ({ matcher: { id: "byName", options } });
    const old = {
      x: "a",
      y: "b",
      frame: 1,
      name: "B",
      pointColor: { field: "c", fixed: "red" },
      pointSize: { field: "d", fixed: 4, min: 1, max: 9 },
    };
    const manual = await migrated({
      type: "xychart",
      options: { seriesMapping: "manual", dims: {}, series: [old, 7] },
    });
    expect(manual.options).toEqual({
      mapping: "manual",
      series: [
        {
          frame: { matcher: { id: "byIndex", options: 1 } },
          x: byName("a"),
          y: byName("b"),
          size: byName("d"),
          color: byName("c"),
          name: { fixed: "B" },
        },
      ],
    });
    expect(manual.fieldConfig.overrides).toEqual([
      {
        matcher: { id: "byName", options: "b" },
        properties: [
          { id: "custom.pointSize.fixed", value: 4 },
          { id: "custom.pointSize.min", value: 1 },
          { id: "custom.pointSize.max", value: 9 },
          { id: "color", value: { mode: "fixed", fixedColor: "red" } },
        ],
      },
    ]);
    const auto = await migrated({ type: "xychart", options: { dims: { x: "a", exclude: ["c"] }, legend: {} } });
    expect(auto.options).toEqual({
      mapping: "auto",
      legend: {},
      series: [{ x: byName("a"), y: { matcher: { id: "byNames", options: { mode: "exclude", names: ["c"] } } } }],
    });
  });

  test("mappings with numeric kinds do not affect the rest of the panel", async () => {
    const mappings = [{ type: 1, value: "1", text: "one" }];
    const panel = await migrated({
      type: "heatmap",
      options: { calculate: true },
      yAxis: {},
      fieldConfig: { defaults: { mappings } },
    });
    expect(panel.options).toEqual({ calculate: true });
    expect(panel.fieldConfig.defaults.mappings).toEqual([{ type: "value", options: { 1: { text: "one" } } }]);
  });
});
