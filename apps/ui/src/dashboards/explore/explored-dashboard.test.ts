import { type SourceFeature, unknownSourceKind } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { testSource } from "../testing/test-source.ts";
import { exploredDashboard } from "./explored-dashboard.ts";

const raw = { from: "now-3h", to: "now" };

/** Returns the types of the panels that show queries, with the refIds of their queries. */
function shown(queries: readonly Record<string, unknown>[], features: readonly SourceFeature[]): unknown {
  const kind = { ...unknownSourceKind("x"), features };
  const source = testSource({ uid: "u", type: "x", kind });
  const { panels, time } = exploredDashboard(
    { source: "u", exprs: [], queries, raw, look: { compare: "", unit: "", timezone: "" } },
    source,
  );
  expect(time).toEqual(raw);
  return panels.map(({ type, targets }) => [type, targets.map(({ refId }) => refId)]);
}

test.each<[query: Record<string, unknown>, features: readonly SourceFeature[], type: string]>([
  [{ expr: '{job="a"} |= "x"' }, ["logs"], "logs"],
  [{ expr: ' ({job="a"})' }, ["logs"], "logs"],
  [{ expr: "" }, ["logs"], "logs"],
  [{ expr: 'sum(rate({job="a"}[5m]))' }, ["logs"], "timeseries"],
  [{ expr: '# errors\n  # of (a)\n{job="a"}' }, ["logs"], "logs"],
  [{ expr: '# {job="a"}\nrate({job="a"}[5m])' }, ["logs"], "timeseries"],
  [{ query: " cafe123 " }, ["traces"], "traces"],
  [{ query: "0123456789abcdef" }, ["traces"], "traces"],
  [{ query: "1", queryType: "traceId" }, ["traces"], "traces"],
  [{ query: "{ duration > 1s }", queryType: "traceql" }, ["traces"], "table"],
  [{ query: "{ status = error } | rate() by (name)", queryType: "traceql" }, ["traces"], "timeseries"],
  [{ query: "{} | quantile_over_time(duration, .9)" }, ["traces"], "timeseries"],
  [{ query: "{} | compare({ status = error })" }, ["traces"], "timeseries"],
  [{ query: '{ name = "| rate(" }' }, ["traces"], "table"],
  [{ query: "{} // | rate()" }, ["traces"], "table"],
  [{ queryType: "search" }, ["traces"], "table"],
  [{ queryType: "serviceMap" }, ["traces"], "nodeGraph"],
  [{ rawSql: "SELECT 1", format: "table" }, [], "table"],
  [{ rawSql: "SELECT 1", format: "time_series" }, [], "timeseries"],
])("the query %j of a source with the features %j is shown as %s", (query, features, type) => {
  expect(shown([query], features)).toEqual([[type, ["A"]]]);
});

test("queries with different results have a panel each, and queries without a refId get one", () => {
  const logs = [{ refId: "L", expr: "{a=`b`}" }, { expr: "rate({a=`b`}[1m])" }, { expr: "{c=`d`}" }];
  expect(shown(logs, ["logs"])).toEqual([
    ["logs", ["L", "C"]],
    ["timeseries", ["B"]],
  ]);
});
