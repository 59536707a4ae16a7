import type { Series } from "@narthex/storage";
import { browserClock } from "./browser-clock.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { QueryFeatures } from "./evaluation.ts";
import type { PlanPart } from "./explain/plan-part.ts";
import { HISTOGRAM } from "./operators/operator.ts";
import { QueryError } from "./query-error.ts";
import { forEachSample, type ResultSeries, type ResultType } from "./query-result.ts";
import { type Queryable, queryableOf } from "./series-source.ts";
import type { Expr } from "./syntax/ast.ts";
import { parseExpression } from "./syntax/parse.ts";
import { prettyPrint } from "./syntax/pretty.ts";
import { printExpression } from "./syntax/printer.ts";

// Entry point of the published package `@narthex/promql`. Other packages of this workspace import index.ts instead.

export { QueryError, type QueryErrorKind } from "./query-error.ts";
export type { PartSelection, PlanPart } from "./explain/plan-part.ts";
export type { ResultType } from "./query-result.ts";
export type { Queryable } from "./series-source.ts";
export type { Expr } from "./syntax/ast.ts";
export type { FloatHistogram } from "@narthex/model";
export type { LabelMatcher, Series, SeriesData, TimeRange } from "@narthex/storage";

/** Which extensions of the PromQL language a query may use. */
export interface LanguageOptions {
  /**
   * Whether the experimental parts of PromQL are allowed: functions, range selectors with `anchored` and `smoothed`,
   * and `fill`. Default false, as in Prometheus.
   */
  readonly experimental?: boolean;
}

/** Limits and language of an evaluation. */
export interface EvaluateOptions extends LanguageOptions {
  /** Maximum age of a sample that counts as the current value, in milliseconds. Default 300,000 (5 minutes). */
  readonly lookbackMs?: number;
  /**
   * Maximum time of the evaluation in milliseconds. After it, the evaluation fails with the error `timeout`. Default
   * 120,000.
   */
  readonly timeoutMs?: number;
  /** Maximum number of samples that the query may hold in memory at a time. Default 50,000,000. */
  readonly maxSamples?: number;
  /** Aborts the evaluation, which then fails with the error `canceled`. */
  readonly signal?: AbortSignal;
}

/**
 * The time of an evaluation in milliseconds since 1970: an instant, or a range. A range is evaluated at `start` and
 * after each further `step`, up to and including `end`.
 */
export type EvaluationTime =
  | { readonly time: number }
  | { readonly start: number; readonly end: number; readonly step: number };

/** The result of a query. */
export interface Result {
  /** `vector` for an instant, `matrix` for a range, `scalar` or `string` for a query that returns no series. */
  readonly type: ResultType;
  /** The series. A vector has one sample for each series. A scalar is one series without labels. */
  readonly series: readonly Series[];
  /** The value of a result of type `string`; otherwise empty. */
  readonly text: string;
  /** Warnings and infos as in Prometheus, at most ten of each. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/**
 * Parses a query and checks its types.
 *
 * Throws a QueryError of the kind `bad-query`. Its message is Prometheus' text and begins with line and column. Its
 * `cause` has the first error as `message`, `start` and `end` (bytes of the text in UTF-8).
 *
 * ```ts
 * const expr = parse("sum by (job) (rate(http_requests_total[5m]))");
 * ```
 */
export function parse(text: string, options: LanguageOptions = {}): Expr {
  const result = parseExpression(text, featuresOf(options));
  if (result.ok) return result.expr;
  throw new QueryError("bad-query", result.errors[0].toString(), { cause: result.errors[0] });
}

/**
 * Returns the canonical text of an expression. `parse()` of this text gives the same expression.
 *
 * ```ts
 * print(parse("sum(x)by(a)")); // sum by (a) (x)
 * ```
 *
 * @param style `line` for one line, `pretty` for several lines if the text is longer than 100 bytes
 */
export const print = (expr: Expr, style: "line" | "pretty" = "line"): string =>
  style === "pretty" ? prettyPrint(expr) : printExpression(expr);

/**
 * Returns how a query would be evaluated, as a tree of operators with the selections that they read. Reads no series.
 *
 * Throws a QueryError or, for an impossible time, a RangeError.
 *
 * ```ts
 * const { operator, inputs } = await plan("sum(up)", { time: Date.now() });
 * ```
 */
export async function plan(
  query: string | Expr,
  when: EvaluationTime,
  options: EvaluateOptions = {},
): Promise<PlanPart> {
  const request = { queryable: NO_SERIES, ...queryOf(query, options), ...checked(when) };
  return (await engineOf(options).explain(request, false)).plan;
}

/**
 * Evaluates a query over a source of series.
 *
 * Rejects with a QueryError, whose `kind` is the reason and whose message is Prometheus' text, or, for an impossible
 * time, with a RangeError.
 *
 * ```ts
 * const queryable = { select: () => [{ labels: { __name__: "up", job: "api" }, times: [0], values: [1] }] };
 * const { series } = await evaluate(queryable, "sum(up)", { time: 0 });
 * series[0]?.values[0]; // 1
 * ```
 */
export async function evaluate(
  queryable: Queryable,
  query: string | Expr,
  when: EvaluationTime,
  options: EvaluateOptions = {},
): Promise<Result> {
  const result = await engineOf(options).query({
    queryable: queryableOf(queryable),
    ...queryOf(query, options),
    ...checked(when),
    ...(options.signal && { signal: options.signal }),
  });
  const { type, text, warnings, infos } = result;
  return { type, series: result.series.map(plainSeries), text, warnings, infos };
}

const NO_SERIES = queryableOf({ select: () => [] });

const featuresOf = ({ experimental = false }: LanguageOptions): Partial<QueryFeatures> => ({
  experimentalFunctions: experimental,
  extendedRangeSelectors: experimental,
  binopFillModifiers: experimental,
});

function engineOf(options: EvaluateOptions): Engine {
  const { lookbackMs, timeoutMs, maxSamples } = options;
  return createEngine({
    clock: browserClock,
    features: featuresOf(options),
    ...(lookbackMs !== undefined && { lookbackMs }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(maxSamples !== undefined && { maxSamples }),
  });
}

const queryOf = (query: string | Expr, options: LanguageOptions): { expr: Expr; text?: string } =>
  typeof query === "string" ? { text: query, expr: parse(query, options) } : { expr: query };

function checked(when: EvaluationTime): EvaluationTime {
  const times = "time" in when ? [when.time] : [when.start, when.end, when.step];
  if (!times.every(Number.isFinite))
    throw new RangeError(`the time of a query must be finite, not ${times.join(", ")}`);
  if ("step" in when && !(when.step > 0 && when.start <= when.end))
    throw new RangeError(`a range needs start <= end and a positive step, not ${times.join(", ")}`);
  return when;
}

function plainSeries(series: ResultSeries): Series {
  const times: number[] = [];
  const values: number[] = [];
  const histograms: NonNullable<Series["histograms"]>[number][] = [];
  forEachSample(series, (time, value, histogram) => {
    times.push(time);
    values.push(value);
    histograms.push(histogram);
  });
  return {
    labels: Object.fromEntries(series.labels),
    times: Float64Array.from(times),
    values: Float64Array.from(values),
    ...(series.column.present.includes(HISTOGRAM) && { histograms }),
  };
}
