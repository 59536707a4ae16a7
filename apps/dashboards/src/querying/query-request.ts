import { type ResolvedTimeRange, resolveTimeRange } from "@narthex/dashboards";
import { type DataQuery, type RequestBudgets, requestBudgets } from "@narthex/datasources";
import { badRequest, refusal } from "../web/refusal.ts";
import { type Body, isObject } from "../web/request-body.ts";

const MAX_QUERIES = 500;
const DEFAULT_INTERVAL_MS = 1000;
const DEFAULT_POINTS = 100;

/**
 * Returns the time range in `from` and `to` of a request body: epoch milliseconds, or texts such as `now-1h`. Throws
 * Refusal if they are invalid.
 */
export function rangeOf(body: Body, nowMs: number): ResolvedTimeRange {
  const [from, to] = [body["from"], body["to"]].map((end) => (typeof end === "number" ? String(end) : end));
  if (typeof from !== "string" || typeof to !== "string") throw badRequest();
  const range = resolveTimeRange({ from, to }, { now: nowMs, zone: "UTC" });
  if (range === undefined)
    throw refusal(400, "from and to are not times of the calendar, or the range ends before it begins");
  return range;
}

/** A query as the client has sent it, with its time range not yet resolved. */
export interface SentQuery extends Omit<DataQuery, "range"> {
  /** The query's own time range `{from, to}`. Undefined if the query uses the range of the request. */
  readonly timeRange: Body | undefined;
}

/** Returns the queries of a request to `/api/ds/query`. Throws Refusal. */
export function queriesOf(body: Body, nowMs: number): readonly DataQuery[] {
  const sent = sentQueries(body["queries"]);
  const range = rangeOf({ from: body["from"] ?? "now-6h", to: body["to"] ?? "now" }, nowMs);
  return queriesOver(sent, range, nowMs, requestBudgets());
}

/** Parses the list of queries in a request body. Throws Refusal if the list is invalid. */
export function sentQueries(list: unknown): readonly SentQuery[] {
  if (!Array.isArray(list) || list.length === 0) throw refusal(400, "no queries found");
  if (list.length > MAX_QUERIES) throw refusal(400, `more than ${MAX_QUERIES} queries`);
  const refIds = new Set<string>();
  return list.map((source: unknown): SentQuery => {
    if (!isObject(source)) throw badRequest();
    const { refId = "A", timeRange } = source;
    if (typeof refId !== "string" || refIds.has(refId)) throw refusal(400, "each query needs its own refId");
    refIds.add(refId);
    const intervalMs = positive(source["intervalMs"], DEFAULT_INTERVAL_MS);
    const maxDataPoints = positive(source["maxDataPoints"], DEFAULT_POINTS);
    return { refId, timeRange: isObject(timeRange) ? timeRange : undefined, intervalMs, maxDataPoints, source };
  });
}

/** Adds a time range to the queries that have none of their own, and the budgets that they share. Throws Refusal. */
export const queriesOver = (
  sent: readonly SentQuery[],
  shared: ResolvedTimeRange,
  nowMs: number,
  budgets: RequestBudgets,
): readonly DataQuery[] =>
  sent.map(({ timeRange, ...query }) => ({
    ...query,
    budgets,
    range: timeRange === undefined ? shared : rangeOf(timeRange, nowMs),
  }));

const positive = (value: unknown, fallback: number): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : fallback;
