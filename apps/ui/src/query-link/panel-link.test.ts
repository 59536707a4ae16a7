import { expect, test } from "vitest";
import { decodePanels, encodePanels, expressionPath } from "./panel-link.ts";
import { defaultPanel } from "./panel.ts";
import type { Panel } from "./panel.ts";

const first = (search: string): Panel => decodePanels(search)[0] as Panel;

test("an address without an expression contains no panel", () => {
  expect(decodePanels("")).toEqual([]);
  expect(decodePanels("?g1.expr=up&g0.tab=graph")).toEqual([]);
});

test("decoding stops at the first index without an expression", () => {
  expect(decodePanels("?g0.expr=a&g1.expr=b&g3.expr=d").map((panel) => panel.expr)).toEqual(["a", "b"]);
});

test("a link with an empty expression is decoded as a panel with default settings", () => {
  expect(decodePanels("?g0.expr=")).toEqual([defaultPanel]);
});

test("line endings of an expression become those of a text field", () => {
  expect(first("?g0.expr=a%0D%0Ab%0Dc%0Ad").expr).toBe("a\nb\nc\nd");
});

test.each([
  ["0", "graph"],
  ["1", "table"],
  ["graph", "graph"],
  ["table", "table"],
  ["explain", "explain"],
  ["7", "table"],
  ["constructor", "table"],
])("tab %s decodes as %s", (written, tab) => {
  expect(first(`?g0.expr=up&g0.tab=${written}`).tab).toBe(tab);
});

test("the old stacked switch overrides the display mode", () => {
  expect(first("?g0.expr=up&g0.display_mode=lines&g0.stacked=1").displayMode).toBe("stacked");
  expect(first("?g0.expr=up&g0.display_mode=stacked&g0.stacked=0").displayMode).toBe("lines");
  expect(first("?g0.expr=up&g0.display_mode=pie").displayMode).toBe("lines");
});

test("a range is a duration, and an invalid range is decoded as one hour", () => {
  expect(first("?g0.expr=up&g0.range_input=2w").rangeMs).toBe(14 * 86_400_000);
  expect(first("?g0.expr=up&g0.range_input=soon").rangeMs).toBe(3_600_000);
  expect(first("?g0.expr=up&g0.range_input=0s").rangeMs).toBe(3_600_000);
});

test("the end is in UTC, and moment_input overrides end_input", () => {
  expect(first("?g0.expr=up&g0.end_input=2025-01-02%2003:04:05").endMs).toBe(Date.UTC(2025, 0, 2, 3, 4, 5));
  const both = first("?g0.expr=up&g0.end_input=2025-01-02%2003:04:05&g0.moment_input=2025-01-02+04:00:00");
  expect(both.endMs).toBe(Date.UTC(2025, 0, 2, 4, 0, 0));
  expect(first("?g0.expr=up&g0.end_input=2025-02-31%2003:04:05").endMs).toBeNull();
});

test("resolutions are decoded by type, and res_* parameters override the old step", () => {
  expect(first("?g0.expr=up&g0.res_type=auto&g0.res_density=high").resolution).toEqual({
    type: "auto",
    density: "high",
  });
  expect(first("?g0.expr=up&g0.res_type=auto&g0.res_density=huge").resolution).toEqual({
    type: "auto",
    density: "medium",
  });
  expect(first("?g0.expr=up&g0.res_type=fixed&g0.res_step=60").resolution).toEqual({ type: "fixed", stepSeconds: 60 });
  expect(first("?g0.expr=up&g0.res_type=custom&g0.res_step=0.5").resolution).toEqual({
    type: "custom",
    stepSeconds: 0.5,
  });
  expect(first("?g0.expr=up&g0.step_input=15").resolution).toEqual({ type: "custom", stepSeconds: 15 });
  expect(first("?g0.expr=up&g0.step_input=15&g0.res_type=auto&g0.res_density=low").resolution).toEqual({
    type: "auto",
    density: "low",
  });
  expect(first("?g0.expr=up&g0.res_type=fixed&g0.res_step=-3").resolution).toEqual(defaultPanel.resolution);
});

test("an axis minimum is a number, and an empty one is ignored", () => {
  expect(first("?g0.expr=up&g0.y_axis_min=0").yAxisMin).toBe(0);
  expect(first("?g0.expr=up&g0.y_axis_min=").yAxisMin).toBeNull();
  expect(first("?g0.expr=up&g0.y_axis_min=low").yAxisMin).toBeNull();
});

test("parameters are in the order of Prometheus' own page", () => {
  const panel: Panel = { ...defaultPanel, expr: 'up{job="a"}', endMs: Date.UTC(2025, 0, 2, 3, 4, 5), yAxisMin: 0 };
  const names = encodePanels([panel])
    .split("&")
    .map((part) => part.split("=")[0]);
  expect(names).toEqual(
    [
      "expr",
      "show_tree",
      "tab",
      "end_input",
      "moment_input",
      "range_input",
      "res_type",
      "res_density",
      "display_mode",
      "y_axis_min",
      "show_exemplars",
    ].map((name) => `g0.${name}`),
  );
});

test("decoding an encoded panel returns the same panel", () => {
  const panels: Panel[] = [
    defaultPanel,
    {
      dataSource: "other/source",
      expr: 'sum(rate(x{a="b&c=d+e%"}[5m])) # ünï',
      tab: "graph",
      showTree: true,
      rangeMs: 5_400_000,
      endMs: Date.UTC(2024, 1, 29, 23, 59, 59),
      resolution: { type: "custom", stepSeconds: 7.5 },
      displayMode: "stacked",
      yAxisMin: -1.5,
      showExemplars: true,
      raw: null,
      compare: "1d",
      unit: "bytes",
      zone: "Asia/Tokyo",
      scrapeMs: 60_000,
    },
    { ...defaultPanel, expr: "up", raw: { from: "now/d", to: "now" }, compare: "previous", zone: "utc" },
    {
      ...defaultPanel,
      expr: "up",
      tab: "explain",
      displayMode: "heatmap",
      resolution: { type: "fixed", stepSeconds: 300 },
    },
  ];
  expect(decodePanels(`?${encodePanels(panels)}`)).toEqual(panels);
});

test("invalid values of the parameters that Prometheus does not have become defaults", () => {
  const values = "g0.from=%3Cb%3E&g0.to=now&g0.compare=yesterday&g0.timezone=Mars/Crater&g0.scrape_interval=0s";
  expect(first(`?g0.expr=&${values}`)).toEqual(defaultPanel);
});

test("decoding the link to an expression returns the expression", () => {
  const path = expressionPath("up == 0", "graph");
  expect(first(path.slice(path.indexOf("?")))).toMatchObject({ expr: "up == 0", tab: "graph" });
});
