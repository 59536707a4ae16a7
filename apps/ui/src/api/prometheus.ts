import { queryOptions } from "@tanstack/react-query";
import type { ExpressionNode } from "./expression-tree.ts";
import { readMatrixJson } from "./matrix-reader.ts";
import type { ExemplarSeries, InstantResult, RangeResult } from "./query-result.ts";
import { call, send } from "./request.ts";
import { apiPath } from "./root-path.ts";
import type { Answer, Params } from "./request.ts";
import type { Rule, RuleGroup } from "./rule-data.ts";
import type { RelabelSteps, TargetsData } from "./target-data.ts";
import type { LabelSet } from "../format/series-name.ts";

/** Root of the API, without a trailing slash. */
export const apiRoot = `${apiPath}/api/v1`;

/** A notification of the server about its own state, such as a failed reload. */
export interface ServerNotification {
  readonly text: string;
  readonly date: string;
  readonly active: boolean;
}

/** A name, such as a metric's, with its number of occurrences or bytes. */
export interface NamedCount {
  readonly name: string;
  readonly value: number;
}

/** The data of `/status/tsdb`; times in Unix milliseconds. */
export interface TsdbStatus {
  readonly headStats: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  readonly memoryInBytesByLabelName: readonly NamedCount[];
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}

/** Type, help and unit of a metric as a target exposed them. */
export interface MetricMetadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export interface AlertmanagersData {
  readonly activeAlertmanagers: ReadonlyArray<{ readonly url: string }>;
  readonly droppedAlertmanagers: ReadonlyArray<{ readonly url: string }>;
}

/** Progress of the write-ahead log's replay, in segments. */
export interface WalReplay {
  readonly min: number;
  readonly max: number;
  readonly current: number;
}

function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<Answer<T>> {
  return call<T>(`${apiRoot}/${path}`, signal === undefined ? { params } : { params, signal });
}

/** Calls an endpoint whose response may contain thousands of series, and parses the response series by series. */
function getSeries<T>(path: string, params: Params, signal?: AbortSignal): Promise<Answer<T>> {
  return call<T>(`${apiRoot}/${path}`, signal === undefined ? { params } : { params, signal }, readMatrixJson);
}

/** Reports whether the server is ready, and otherwise whether it is starting or stopping. */
export async function readiness(signal?: AbortSignal): Promise<"ready" | "starting" | "stopping"> {
  const init: RequestInit = { cache: "no-store" };
  if (signal !== undefined) init.signal = signal;
  const response = await fetch(`${apiPath}/-/ready`, init);
  if (response.ok) return "ready";
  return response.headers.get("X-Prometheus-Stopping") === "true" ? "stopping" : "starting";
}

/** Functions that call Prometheus's API. Query times are Unix seconds. */
export const prometheus = {
  query: (query: string, time: number, signal?: AbortSignal) =>
    getSeries<InstantResult>("query", { query, time, stats: "true" }, signal),
  queryRange: (query: string, range: { start: number; end: number; step: number }, signal?: AbortSignal) =>
    getSeries<RangeResult>("query_range", { query, ...range, stats: "true" }, signal),
  exemplars: (query: string, start: number, end: number, signal?: AbortSignal) =>
    get<ExemplarSeries[]>("query_exemplars", { query, start, end }, signal),
  formatQuery: (query: string) => get<string>("format_query", { query }),
  parseQuery: (query: string, signal?: AbortSignal) => get<ExpressionNode>("parse_query", { query }, signal),
  labelValues: (label: string, signal?: AbortSignal) => get<string[]>(`label/${label}/values`, {}, signal),
  series: (matcher: string, start: number, limit: number, signal?: AbortSignal) =>
    get<LabelSet[]>("series", { "match[]": [matcher], start, limit }, signal),
  metadata: (signal?: AbortSignal) => get<Record<string, MetricMetadata[]>>("metadata", {}, signal),
  metadataOf: (metric: string, signal?: AbortSignal) =>
    get<Record<string, MetricMetadata[]>>("metadata", { metric }, signal),
  targets: (state: "active" | "any", scrapePool: string | undefined, signal?: AbortSignal) =>
    get<TargetsData>("targets", { state, scrapePool }, signal),
  scrapePools: (signal?: AbortSignal) => get<{ scrapePools: string[] }>("scrape_pools", {}, signal),
  scrapePoolConfig: (scrapePool: string, signal?: AbortSignal) =>
    get<{ yaml: string }>("scrape_pools/config", { scrapePool }, signal),
  relabelSteps: (scrapePool: string, labels: LabelSet, signal?: AbortSignal) =>
    get<RelabelSteps>("targets/relabel_steps", { scrapePool, labels: JSON.stringify(labels), explain: "true" }, signal),
  rules: <R extends Rule = Rule>(type: "alert" | undefined, signal?: AbortSignal, more: Params = {}) =>
    get<{ groups: Array<RuleGroup<R>> }>("rules", { type, ...more }, signal),
  alertmanagers: (signal?: AbortSignal) => get<AlertmanagersData>("alertmanagers", {}, signal),
  buildInfo: (signal?: AbortSignal) => get<Record<string, unknown>>("status/buildinfo", {}, signal),
  runtimeInfo: (signal?: AbortSignal) =>
    get<Record<string, string | number | boolean>>("status/runtimeinfo", {}, signal),
  tsdbStatus: (signal?: AbortSignal) => get<TsdbStatus>("status/tsdb", {}, signal),
  flags: (signal?: AbortSignal) => get<Record<string, string>>("status/flags", {}, signal),
  config: (signal?: AbortSignal) => get<{ yaml: string }>("status/config", {}, signal),
  walReplay: (signal?: AbortSignal) => get<WalReplay>("status/walreplay", {}, signal),
  notifications: (signal?: AbortSignal) => get<ServerNotification[]>("notifications", {}, signal),
  deleteSeries: (matchers: readonly string[], start: string | undefined, end: string | undefined) =>
    send(`${apiRoot}/admin/tsdb/delete_series`, { method: "POST", params: { "match[]": matchers, start, end } }),
  cleanTombstones: () => send(`${apiRoot}/admin/tsdb/clean_tombstones`, { method: "POST" }),
};

export const flagsQuery = queryOptions({ queryKey: ["flags"], queryFn: ({ signal }) => prometheus.flags(signal) });
