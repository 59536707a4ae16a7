import { type BinaryExpr, type Expr, type QueryFeatures, type VectorSelector, walk } from "@narthex/promql";

/**
 * Functions whose value at an evaluation time depends only on the samples in its window, so that results can be reused.
 * Excluded are functions that carry sums or an order from window to window (sum_over_time, stddev_over_time, deriv,
 * quantile_over_time). Also excluded are functions that depend on the query's range (start, range), and those that make
 * labels from texts: two series that become equal cause an error at any time of the range.
 */
const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    "abs ceil floor exp sqrt ln log2 log10 sgn deg rad sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh " +
    "round clamp clamp_min clamp_max pi time scalar vector " +
    "days_in_month day_of_month day_of_week day_of_year hour minute month year timestamp " +
    "absent absent_over_time " +
    "histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar histogram_fraction histogram_quantile " +
    "rate increase delta irate idelta changes resets " +
    "count_over_time first_over_time last_over_time max_over_time min_over_time present_over_time"
  ).split(" "),
);

/**
 * The only aggregations whose value does not depend on the order of their input. The order of groups depends on which
 * series have samples first in the range.
 */
const UNORDERED: ReadonlySet<string> = new Set(["count", "group"]);

const AGGREGATIONS: ReadonlySet<string> = new Set(
  "sum avg count min max group stddev stdvar topk bottomk quantile".split(" "),
);

/** Maximum length of a query text whose results may be reused. A longer text is unlikely to come from a dashboard. */
export const LONGEST_REUSABLE = 4096;

/** Ages of the samples on which the value at an evaluation time may depend. */
export interface InputSpan {
  /** Minimum age in ms of these samples at the evaluation time. */
  readonly delayMs: number;
  /** Maximum age in ms of these samples at the evaluation time, without the lookback. */
  readonly reachMs: number;
  /** The shortest range of a subquery, ms; Infinity without subqueries. */
  readonly minSubqueryMs: number;
}

/**
 * Returns which samples the value at each evaluation time depends on. Returns undefined if results cannot be reused:
 * the query reads nothing, or its values may depend on anything except earlier samples, such as other evaluation times.
 */
export function inputSpanOf(root: Expr, features: QueryFeatures): InputSpan | undefined {
  if (features.delayedNameRemoval || features.typeAndUnitLabels || features.useStartTimestamps) return undefined;
  let [delayMs, reachMs, minSubqueryMs] = [Infinity, 0, Infinity];
  let isReusable = true;
  walk(root, (expr, path) => {
    isReusable &&= isReusablePart(expr, path);
    if (expr.kind === "subquery") minSubqueryMs = Math.min(minSubqueryMs, expr.rangeMs);
    if (expr.kind === "vectorSelector") {
      const offset = expr.offsetMs + offsetOf(path);
      delayMs = Math.min(delayMs, offset);
      reachMs = Math.max(reachMs, offset + rangeOf(path));
    }
    return isReusable;
  });
  return isReusable && delayMs !== Infinity ? { delayMs, reachMs, minSubqueryMs } : undefined;
}

function isReusablePart(expr: Expr, path: readonly Expr[]): boolean {
  switch (expr.kind) {
    case "number":
    case "string":
    case "paren":
    case "unary":
      return true;
    case "vectorSelector":
      return isReusableSelector(expr);
    case "matrixSelector":
      return expr.rangeExpr === null;
    case "subquery":
      return (
        expr.rangeExpr === null &&
        expr.stepExpr === null &&
        expr.offsetExpr === null &&
        expr.at === null &&
        expr.offsetMs >= 0 &&
        path.every(({ kind }) => kind !== "subquery")
      );
    case "call":
      return FUNCTIONS.has(expr.func);
    case "aggregate":
      // A parameter must be constant. If the aggregated value is the same at all times, the parameter of the first time
      // is used for all of them.
      return (
        AGGREGATIONS.has(expr.op) && (expr.param === null || expr.param.kind === "number") && path.every(takesAnyOrder)
      );
    case "binary": {
      const { op, matching } = expr;
      if (op === "</" || op === ">/" || (matching?.fillLeft ?? matching?.fillRight ?? null) !== null) return false;
      if (op === "or") return path.every(keepsNames);
      return keepsOrder(expr) || path.every(takesAnyOrder);
    }
  }
}

/**
 * Returns whether a binary operator keeps the order of the left side. Otherwise results are in the order of the match
 * groups.
 */
const keepsOrder = ({ op, matching }: BinaryExpr): boolean =>
  matching === null || op === "and" || op === "unless" || (!matching.on && matching.labels.length === 0);

/**
 * Returns whether a selector selects only one metric. If so, its series stay different without the metric name.
 * Otherwise two series may become equal.
 */
function isReusableSelector({ matchers, offsetMs, offsetExpr, at, anchored, smoothed }: VectorSelector): boolean {
  const hasName = matchers.some(({ name, type, value }) => name === "__name__" && type === "=" && value !== "");
  return hasName && offsetMs >= 0 && offsetExpr === null && at === null && !anchored && !smoothed;
}

/** Reports whether series that differ only in their metric name stay different, or are aggregated into one group. */
const keepsNames = (expr: Expr): boolean =>
  expr.kind === "paren" ||
  expr.kind === "aggregate" ||
  (expr.kind === "binary" && (expr.op === "and" || expr.op === "or" || expr.op === "unless"));

/** Reports whether the result of an expression does not depend on the order of the input series. */
const takesAnyOrder = (expr: Expr): boolean =>
  expr.kind === "aggregate" ? UNORDERED.has(expr.op) : expr.kind !== "call" || !expr.func.startsWith("histogram_");

const offsetOf = (path: readonly Expr[]): number =>
  path.reduce((sum, expr) => sum + (expr.kind === "subquery" ? expr.offsetMs : 0), 0);

const rangeOf = (path: readonly Expr[]): number =>
  path.reduce((sum, expr) => sum + (expr.kind === "subquery" || expr.kind === "matrixSelector" ? expr.rangeMs : 0), 0);
