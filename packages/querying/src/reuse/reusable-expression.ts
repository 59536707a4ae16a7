import { type BinaryExpr, type Expr, type QueryFeatures, type VectorSelector, walk } from "@narthex/promql";

/**
 * Functions whose value at an evaluation time depends only on the samples in its window, so that results can be reused.
 * The list excludes functions that keep sums or an order from window to window (sum_over_time, stddev_over_time, deriv,
 * quantile_over_time), and functions that depend on the query's range (start, range). It also excludes functions that
 * make labels from texts, because two series that become equal cause an error at any time of the range.
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
 * Aggregations whose value does not depend on the order of their input. For other aggregations the order matters,
 * because the order of groups depends on which series have samples first in the range.
 */
const UNORDERED: ReadonlySet<string> = new Set(["count", "group"]);

const AGGREGATIONS: ReadonlySet<string> = new Set(
  "sum avg count min max group stddev stdvar topk bottomk quantile".split(" "),
);

/**
 * Largest length of a query text whose results may be reused. A longer text probably does not come from a dashboard.
 */
export const LONGEST_REUSABLE = 4096;

/** Ages of the samples that the value at an evaluation time may depend on. */
export interface InputSpan {
  /** Smallest age in ms, at the evaluation time, of a sample that the value may depend on. */
  readonly delayMs: number;
  /** Largest age in ms, at the evaluation time, of a sample that the value may depend on. Excludes the lookback. */
  readonly reachMs: number;
  /** Shortest range of a subquery in the query, ms; Infinity without subqueries. */
  readonly minSubqueryMs: number;
}

/**
 * Returns the ages of the samples on which the value at each evaluation time depends. Returns undefined if results
 * cannot be reused, because the query reads no samples or its values may depend on other data than earlier samples.
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
      // Accepts only a constant parameter. If the aggregated value never changes, the parameter of the first evaluation
      // time is used for all times.
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
 * Returns whether the result of a binary operator has the order of the left side. Otherwise the result has the order of
 * the match groups.
 */
const keepsOrder = ({ op, matching }: BinaryExpr): boolean =>
  matching === null || op === "and" || op === "unless" || (!matching.on && matching.labels.length === 0);

/**
 * Returns whether a selector selects only one metric, so that its series stay different without the metric name.
 * Otherwise two series may become equal.
 */
function isReusableSelector({ matchers, offsetMs, offsetExpr, at, anchored, smoothed }: VectorSelector): boolean {
  const hasName = matchers.some(({ name, type, value }) => name === "__name__" && type === "=" && value !== "");
  return hasName && offsetMs >= 0 && offsetExpr === null && at === null && !anchored && !smoothed;
}

/** Returns whether series that differ only in their metric name stay different, or are aggregated into one group. */
const keepsNames = (expr: Expr): boolean =>
  expr.kind === "paren" ||
  expr.kind === "aggregate" ||
  (expr.kind === "binary" && (expr.op === "and" || expr.op === "or" || expr.op === "unless"));

/** Returns whether the result of an expression is independent of the order of the input series. */
const takesAnyOrder = (expr: Expr): boolean =>
  expr.kind === "aggregate" ? UNORDERED.has(expr.op) : expr.kind !== "call" || !expr.func.startsWith("histogram_");

const offsetOf = (path: readonly Expr[]): number =>
  path.reduce((sum, expr) => sum + (expr.kind === "subquery" ? expr.offsetMs : 0), 0);

const rangeOf = (path: readonly Expr[]): number =>
  path.reduce((sum, expr) => sum + (expr.kind === "subquery" || expr.kind === "matrixSelector" ? expr.rangeMs : 0), 0);
