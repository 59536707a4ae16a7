import {
  type Dashboard,
  hasFeature,
  isMetricsQuery,
  isTraceId,
  type JsonObject,
  NEWEST_SCHEMA,
  readSource,
  type SourceListing,
} from "@narthex/dashboards";
import type { Explored } from "./explored-queries.ts";

/** Rows of the grid that a panel takes. One panel fills the window. */
const PANEL_ROWS = 22;

/** Settings of the panels, by the type of the panel. */
const OPTIONS: Readonly<Record<string, JsonObject>> = {
  logs: { showTime: true, wrapLogMessage: true, enableLogDetails: true, sortOrder: "Descending" },
};

/** Returns a dashboard that shows the queries of an Explore address, with a panel for each way to show their results. */
export function exploredDashboard({ queries, raw, look }: Explored, source: SourceListing): Dashboard {
  const datasource = { type: source.type, uid: source.uid };
  const byType = Map.groupBy(queries.map(named), (query) => panelTypeOf(query, source));
  const panels = [...byType].map(([type, targets], at) => ({
    id: at + 1,
    type,
    title: source.name,
    gridPos: { x: 0, y: at * PANEL_ROWS, w: 24, h: PANEL_ROWS },
    datasource,
    targets: targets.map((target) => ({ datasource, ...target })),
    options: OPTIONS[type] ?? {},
    fieldConfig: { defaults: {}, overrides: [] },
  }));
  return readSource({
    uid: "",
    title: `Explore ${source.name}`,
    schemaVersion: NEWEST_SCHEMA,
    timezone: look.timezone === "" ? "browser" : look.timezone,
    time: raw,
    panels,
  }).dashboard;
}

/** Gives a query a refId if it has none. */
const named = (query: JsonObject, at: number): JsonObject =>
  typeof query["refId"] === "string" && query["refId"] !== ""
    ? query
    : { ...query, refId: String.fromCodePoint("A".codePointAt(0)! + at) };

/** Query types whose results are the parts of a system and the calls between them. */
const GRAPH_QUERIES: ReadonlySet<unknown> = new Set(["serviceMap", "dependencyGraph"]);
/** Query types of sources of traces that return lists of traces. */
const LIST_QUERIES: ReadonlySet<unknown> = new Set(["search", "nativeSearch", "traceqlSearch", "traces"]);

/** Returns the type of the panel that shows the results of a query. */
function panelTypeOf(query: JsonObject, source: SourceListing): string {
  const { queryType, query: text, expr, format, resultFormat } = query;
  if (hasFeature(source, "logs")) return typeof expr === "string" && !isLogQuery(expr) ? "timeseries" : "logs";
  if (hasFeature(source, "traces")) {
    if (GRAPH_QUERIES.has(queryType)) return "nodeGraph";
    if (LIST_QUERIES.has(queryType)) return "table";
    if (typeof text !== "string") return "table";
    if (isTraceId(text.trim())) return "traces";
    return isMetricsQuery(text) ? "timeseries" : "table";
  }
  return [format, resultFormat].includes("time_series") ? "timeseries" : "table";
}

/**
 * Reports whether a LogQL query returns lines: its text begins with the selector of the streams, or is empty. Comments
 * are ignored.
 */
const isLogQuery = (expr: string): boolean => /^[\s(]*(?:\{|$)/.test(expr.replaceAll(/#[^\n]*/g, ""));
