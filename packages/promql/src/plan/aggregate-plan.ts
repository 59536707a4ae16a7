import { formatFloat, type Grid, isLabelName, quote } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import { sampleOffset } from "../functions/label-hash.ts";
import { isQuantile, quantileWarning } from "../functions/quantile.ts";
import {
  CountFold,
  ExtremeFold,
  type FoldAnnotations,
  type GroupFold,
  QuantileFold,
  SumFold,
  VarianceFold,
} from "../operators/aggregate-fold.ts";
import { aggregate } from "../operators/aggregate.ts";
import { countValues } from "../operators/count-values.ts";
import type { Grouping } from "../operators/grouping.ts";
import type { OutputSeries, VectorOperator } from "../operators/operator.ts";
import { withScalars } from "../operators/scalar.ts";
import { type SeriesChoice, choose, chooseExtremes, chooseFirst, chooseShare } from "../operators/topk.ts";
import { executionError } from "../query-error.ts";
import type { AggregateExpr } from "../syntax/ast.ts";
import { textOf, withoutParens } from "./literals.ts";
import type { Planner } from "./planner.ts";

/** Plans an aggregation. */
export function planAggregate(
  expr: AggregateExpr,
  grid: Grid,
  evaluation: Evaluation,
  planner: Planner,
): VectorOperator {
  const input = planner.vector(expr.expr, grid, expr.op);
  const grouping: Grouping = { labels: expr.grouping, without: expr.without };
  switch (expr.op) {
    case "count_values":
      return planCountValues(expr, input, grid, grouping, evaluation);
    case "topk":
    case "bottomk":
    case "limitk":
    case "limit_ratio":
      return planChoice(expr, input, grid, grouping, evaluation, planner);
    case "quantile":
      return planQuantile(expr, input, grid, grouping, evaluation, planner);
    default:
      return aggregate(input, grid.count, grouping, evaluation, () =>
        Promise.resolve({ newFold: foldMaker(expr, grid, evaluation) }),
      );
  }
}

function planCountValues(
  expr: AggregateExpr,
  input: VectorOperator,
  grid: Grid,
  grouping: Grouping,
  evaluation: Evaluation,
): VectorOperator {
  const label = textOf(expr.param!);
  if (!isLabelName(label)) throw executionError(`invalid label name ${quote(label)}`);
  const withValue = grouping.without ? grouping : { labels: [...grouping.labels, label], without: false };
  return countValues(input, grid.count, label, withValue, evaluation);
}

function annotationsOf(expr: AggregateExpr, evaluation: Evaluation): FoldAnnotations {
  const { annotations } = evaluation;
  const { position } = withoutParens(expr.expr);
  return {
    mixedTypes: () => annotations.warn("encountered a mix of histograms and floats for aggregation", position),
    mixedSchemas: (name) =>
      annotations.warn(
        `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${quote(name)}`,
        position,
      ),
    histogramIgnored: () => annotations.info(`ignored histogram in ${expr.op} aggregation`, position),
    hintCollision: () => annotations.warn("conflicting counter resets during histogram aggregation", position),
    boundsReconciled: () => annotations.info("mismatched custom buckets were reconciled during aggregation", position),
  };
}

function foldMaker(expr: AggregateExpr, grid: Grid, evaluation: Evaluation): () => GroupFold {
  const annotations = annotationsOf(expr, evaluation);
  const steps = grid.count;
  switch (expr.op) {
    case "sum":
    case "avg":
      return () => new SumFold(steps, expr.op === "avg", annotations);
    case "count":
    case "group":
      return () => new CountFold(steps, expr.op === "group");
    case "min":
    case "max":
      return () => new ExtremeFold(steps, expr.op === "max", annotations);
    case "stddev":
    case "stdvar":
      return () => new VarianceFold(steps, expr.op === "stddev", annotations);
    default:
      throw executionError(`expected aggregation operator but got "${expr.op}"`);
  }
}

function planQuantile(
  expr: AggregateExpr,
  input: VectorOperator,
  grid: Grid,
  grouping: Grouping,
  evaluation: Evaluation,
  planner: Planner,
): VectorOperator {
  const param = planner.scalar(expr.param!, grid);
  const annotations = annotationsOf(expr, evaluation);
  const folded = aggregate(input, grid.count, grouping, evaluation, async (signal) => {
    const quantiles = await param.evaluate(signal);
    return {
      newFold: () => new QuantileFold(quantiles, annotations),
      ended: () => warnOfQuantiles(quantiles, expr, evaluation),
    };
  });
  return withScalars(folded, [param]);
}

const extremesOf = (values: Float64Array): { min: number; max: number } => {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
};

/**
 * Adds warnings about invalid quantiles: one for NaN, or else one for the largest value above 1 and one for the
 * smallest value below 0.
 */
function warnOfQuantiles(quantiles: Float64Array, expr: AggregateExpr, evaluation: Evaluation): void {
  if (quantiles.every(isQuantile)) return;
  const { position } = withoutParens(expr.param!);
  if (quantiles.some(Number.isNaN)) {
    evaluation.annotations.warn(quantileWarning(NaN), position);
    return;
  }
  const { min, max } = extremesOf(quantiles);
  if (max > 1) evaluation.annotations.warn(quantileWarning(max), position);
  if (min < 0) evaluation.annotations.warn(quantileWarning(min), position);
}

const HISTOGRAMS_COUNT = new Set(["limitk", "limit_ratio"]);

function planChoice(
  expr: AggregateExpr,
  input: VectorOperator,
  grid: Grid,
  grouping: Grouping,
  evaluation: Evaluation,
  planner: Planner,
): VectorOperator {
  const param = planner.scalar(expr.param!, grid);
  const prepareChoice = async (
    signal: AbortSignal,
    series: readonly OutputSeries[],
  ): Promise<SeriesChoice | undefined> => {
    const values = await param.evaluate(signal);
    return expr.op === "limit_ratio"
      ? shareChoice(values, series, expr, evaluation)
      : countChoice(values, series, expr);
  };
  const onHistogram = HISTOGRAMS_COUNT.has(expr.op)
    ? undefined
    : () => evaluation.annotations.info(`ignored histogram in ${expr.op} aggregation`, expr.position, "itself");
  return withScalars(choose(input, grid.count, grouping, evaluation, prepareChoice, onHistogram), [param]);
}

/** The largest double below 2^63. Like Prometheus, treats parameters from this number on as too large for 64 bits. */
const LARGEST_LIMIT = 2 ** 63 - 1024;

function countChoice(
  limits: Float64Array,
  series: readonly OutputSeries[],
  expr: AggregateExpr,
): SeriesChoice | undefined {
  const { min, max } = extremesOf(limits);
  if (limits.some(Number.isNaN)) throw executionError("Parameter value is NaN");
  if (max < 1) return undefined;
  if (min <= -(2 ** 63)) throw executionError(`Scalar value ${formatFloat(min)} underflows int64`);
  if (max >= LARGEST_LIMIT) throw executionError(`Scalar value ${formatFloat(max)} overflows int64`);
  if (expr.op === "limitk") return chooseFirst(limits, series.length);
  return chooseExtremes(limits, series.length, expr.op === "topk");
}

function shareChoice(
  ratios: Float64Array,
  series: readonly OutputSeries[],
  expr: AggregateExpr,
  evaluation: Evaluation,
): SeriesChoice | undefined {
  const { min, max } = extremesOf(ratios);
  if (ratios.some(Number.isNaN)) throw executionError("Ratio value is NaN");
  if (min === 0 && max === 0) return undefined;
  const warn = (ratio: number, cap: number): void =>
    evaluation.annotations.warn(
      `ratio value should be between -1 and 1, got ${formatFloat(ratio)}, capping to ${formatFloat(cap)}`,
      withoutParens(expr.param!).position,
    );
  if (max > 1) warn(max, 1);
  if (min < -1) warn(min, -1);
  return chooseShare(
    ratios,
    series.map(({ labels }) => sampleOffset(labels)),
  );
}
