import { calculateInterval, parseInterval, rateInterval, roundInterval } from "@narthex/dashboards";
import { formatDuration } from "@narthex/model";
import type { DataQuery, TimeRange } from "../data-source.ts";
import type { PrometheusTarget } from "./target.ts";

/** Largest number of points of a series. Prometheus refuses range queries that would have more. */
const MAX_POINTS = 11_000;

/**
 * Returns the smallest step in ms that Prometheus accepts for a range, rounded to an interval that is easy to read. If
 * rounding makes the step too small, rounds up to whole seconds instead.
 */
export function minStep(rangeMs: number): number {
  const raw = rangeMs / MAX_POINTS;
  const rounded = roundInterval(raw);
  return rounded >= raw ? rounded : Math.ceil(raw / 1000) * 1000;
}
/** Default scrape interval of targets, ms. */
export const DEFAULT_SCRAPE_MS = 15_000;

const RATE_INTERVAL = /^\$(?:__rate_interval|\{__rate_interval\})$/;
const INTERVAL_VARIABLE = /^\$(?:__(?:rate_)?interval(?:_ms)?|\{__(?:rate_)?interval(?:_ms)?\})$/;

/** The step of a query, with the values of built-in variables that depend on it. */
export interface QueryStep {
  /** Time between two points, ms. */
  readonly stepMs: number;
  readonly rateIntervalMs: number;
  readonly rangeMs: number;
}

/**
 * Returns the step of a query: the step that suits the panel's width, but at least the configured minimum and at least
 * the smallest step that the server accepts. The step is then multiplied by the target's factor. If the target sets
 * `$__rate_interval` as its step, the value of `$__rate_interval` is used without the factor.
 * @param sourceMs scrape interval of the source's targets, ms
 */
export function queryStep(target: PrometheusTarget, query: DataQuery, sourceMs: number): QueryStep {
  const { from, to } = query.range;
  const rangeMs = Math.max(0, to - from);
  const isVariable = INTERVAL_VARIABLE.test(target.interval.trim());
  const written = isVariable ? undefined : parseInterval(target.interval);
  const least = written ?? (query.intervalMs > 0 ? query.intervalMs : sourceMs);
  const adjusted = Math.max(calculateInterval(rangeMs, query.maxDataPoints, least), minStep(rangeMs));
  if (RATE_INTERVAL.test(target.interval.trim())) {
    const stepMs = whole(rateInterval(adjusted, sourceMs));
    return { stepMs, rateIntervalMs: stepMs, rangeMs };
  }
  const stepMs = whole(adjusted * target.intervalFactor);
  const scrapeMs = isVariable ? stepMs : (written ?? sourceMs);
  return { stepMs, rateIntervalMs: whole(rateInterval(query.intervalMs || stepMs, scrapeMs)), rangeMs };
}

/** Rounds a step to whole ms, because Prometheus does not accept smaller steps than 1 ms. */
const whole = (ms: number): number => Math.max(1, Math.round(ms));

/** Moves both ends of a range down to multiples of the step in local time. */
export function alignRange({ from, to }: TimeRange, stepMs: number, utcOffsetSec: number): TimeRange {
  const offset = utcOffsetSec * 1000;
  const align = (time: number): number => Math.floor((time + offset) / stepMs) * stepMs - offset;
  return { from: align(from), to: align(to) };
}

const BUILT_IN =
  /\$(?:\{(__interval_ms|__interval|__range_ms|__range_s|__range|__rate_interval_ms|__rate_interval)\}|(__interval_ms|__interval|__range_ms|__range_s|__range|__rate_interval_ms|__rate_interval)(?!\w))/g;

/** Replaces `$__interval`, `$__rate_interval` and `$__range`, and their `_ms` and `_s` forms, in an expression. */
export function fillBuiltIns(expr: string, step: QueryStep): string {
  if (!expr.includes("$")) return expr;
  const seconds = Math.round(step.rangeMs / 1000);
  const values: Readonly<Record<string, string>> = {
    __interval: formatDuration(step.stepMs),
    __interval_ms: String(step.stepMs),
    __range: `${seconds}s`,
    __range_s: String(seconds),
    __range_ms: String(Math.round(step.rangeMs)),
    __rate_interval: formatDuration(step.rateIntervalMs),
    __rate_interval_ms: String(step.rateIntervalMs),
  };
  return expr.replaceAll(
    BUILT_IN,
    (_, braced: string | undefined, bare: string | undefined) => values[braced ?? bare!]!,
  );
}
