import { readPanelSource } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { defaultPanel } from "../../query-link/panel.ts";
import { panelOfQuery } from "./query-panel.ts";

test("a graph becomes a time series with the unit, and variables of the query stay", () => {
  const graph = { ...defaultPanel, expr: "rate(a[$__rate_interval])", tab: "graph", unit: "bytes" } as const;
  const panel = panelOfQuery(graph, "main");
  expect(panel).toMatchObject({
    type: "timeseries",
    title: "rate(a[$__rate_interval])",
    datasource: { type: "prometheus", uid: "main" },
    targets: [{ refId: "A", expr: "rate(a[$__rate_interval])", range: true }],
    fieldConfig: { defaults: { unit: "bytes" } },
  });
  expect(readPanelSource(panel).targets).toHaveLength(1);
});

test.each([
  [{ tab: "table" }, "table", { instant: true, range: false, format: "table" }],
  [{ tab: "graph", displayMode: "heatmap" }, "heatmap", { range: true, format: "heatmap" }],
] as const)("a query with %j becomes a panel of the type %s", (change, type, target) => {
  const panel = panelOfQuery({ ...defaultPanel, expr: "up", ...change }, "main");
  expect(panel["type"]).toBe(type);
  expect(panel["targets"]).toMatchObject([target]);
});

test("a long expression of several lines has a title of one line", () => {
  const title = panelOfQuery({ ...defaultPanel, expr: `a\n  + ${"b".repeat(100)}` }, "main")["title"] as string;
  expect(title).toMatch(/^a \+ b+…$/);
  expect(title).toHaveLength(81);
});
