import type { JsonObject } from "@narthex/dashboards";
import { parseInterval } from "@narthex/dashboards";
import type { RangeCache } from "../cache/range-cache.ts";
import { flagAt, textAt } from "../json-values.ts";
import { alignRange } from "../prometheus/query-step.ts";
import type { LokiQuery } from "./loki-api.ts";
import type { LokiResult } from "./read-loki-answer.ts";

/** How the answers of metric queries are cached. */
export interface MetricRangeSettings {
  /** Whether the answers are cached. Loki's lines often arrive late, so an administrator must turn the cache on. */
  readonly keepsRanges: boolean;
  /** Age in ms below which points may still change. */
  readonly overlapMs: number;
}

const DEFAULT_OVERLAP_MS = 600_000;

export const metricRangeSettings = (jsonData: JsonObject): MetricRangeSettings => ({
  keepsRanges: flagAt(jsonData, "narthexIncrementalQuerying") === true,
  overlapMs: parseInterval(textAt(jsonData, "narthexIncrementalQueryOverlapWindow")) ?? DEFAULT_OVERLAP_MS,
});

/**
 * Reports whether an expression returns series whose points depend only on their times. Returns false if that is not
 * certain: for a log query, which starts with a selector, and for an offset, which may be negative.
 */
export function isKeepableLogql(expr: string): boolean {
  let at = 0;
  while (at < expr.length && " \t\r\n(".includes(expr[at]!)) at++;
  const first = expr.charAt(at).toLowerCase();
  return first >= "a" && first <= "z" && !expr.toLowerCase().includes("offset");
}

interface KeptRun {
  readonly ranges: RangeCache;
  /** Identifies the source and its settings. */
  readonly prefix: string;
  readonly overlapMs: number;
  readonly now: () => number;
  /** Sends a query to the server. */
  readonly send: (query: LokiQuery) => Promise<LokiResult>;
}

/** Returns a query over whole steps, so that each refresh asks for the same times. Grafana's pages do the same. */
export const overWholeSteps = (query: LokiQuery): LokiQuery => ({
  ...query,
  range: alignRange(query.range, query.stepMs, 0),
});

/** Answers a metric query over whole steps. Asks the server only for points that are not cached or may still change. */
export async function runKept(
  query: LokiQuery,
  { ranges, prefix, overlapMs, now, send }: KeptRun,
): Promise<LokiResult> {
  const { expr, range, stepMs } = query;
  const plan = ranges.plan({ key: `${prefix}range\u0000${stepMs}\u0000${expr}`, ...range, stepMs, overlapMs });
  const requestedAt = now();
  const answer = await send({ ...query, range: { from: plan.from, to: range.to } });
  if (answer.metrics?.resultType === "matrix")
    return { ...answer, metrics: ranges.join(plan, answer.metrics, requestedAt) };
  return plan.kept === undefined ? answer : send(query);
}
