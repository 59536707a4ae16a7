import { formatInterval, parseInterval } from "@narthex/dashboards";
import type { DataQuery } from "../data-source.ts";
import type { LokiTarget } from "./target.ts";

/** Largest number of points of a series. Loki refuses range queries that would have more. */
const MAX_POINTS = 11_000;

/** The step of a query, with the values of built-in variables that depend on it. */
export interface LokiStep {
  readonly stepMs: number;
  readonly intervalMs: number;
  readonly rangeMs: number;
  /** Whether the query is evaluated at a single time. `$__auto` is then the whole range. */
  readonly isInstant: boolean;
}

/**
 * Returns the configured step of a query, or the panel's step if none is configured. Increases a step that is smaller
 * than Loki accepts.
 */
export function lokiStep(
  target: Pick<LokiTarget, "step" | "resolution" | "isInstant">,
  { range, intervalMs: given }: Pick<DataQuery, "range" | "intervalMs">,
): LokiStep {
  const rangeMs = Math.max(0, range.to - range.from);
  const intervalMs = Math.max(1, Math.round(given));
  const written = parseInterval(target.step.replace(INTERVAL, formatInterval(intervalMs)));
  const wanted = written ?? intervalMs * target.resolution;
  return {
    stepMs: Math.max(1, Math.ceil(Math.max(wanted, rangeMs / MAX_POINTS))),
    intervalMs,
    rangeMs,
    isInstant: target.isInstant,
  };
}

const INTERVAL = /\$(?:__interval\b|\{__interval\})/;
const BUILT_IN =
  /\$(?:\{(__interval_ms|__interval|__range_ms|__range_s|__range|__rate_interval|__auto)\}|(__interval_ms|__interval|__range_ms|__range_s|__range|__rate_interval|__auto)(?!\w))/g;

/**
 * Replaces `$__auto`, `$__interval`, `$__rate_interval` and `$__range` in an expression. `$__rate_interval` has
 * the value of `$__auto`, because a source of logs has no scrape interval.
 */
export function fillLokiVariables(expr: string, { stepMs, intervalMs, rangeMs, isInstant }: LokiStep): string {
  if (!expr.includes("$")) return expr;
  const range = `${Math.round(rangeMs / 1000)}s`;
  const auto = isInstant ? range : formatInterval(stepMs);
  const values: Readonly<Record<string, string>> = {
    __interval: formatInterval(intervalMs),
    __interval_ms: String(intervalMs),
    __range: range,
    __range_s: range.slice(0, -1),
    __range_ms: String(Math.round(rangeMs)),
    __rate_interval: auto,
    __auto: auto,
  };
  return expr.replaceAll(
    BUILT_IN,
    (_, braced: string | undefined, bare: string | undefined) => values[braced ?? bare!]!,
  );
}
