import { combineScalars, onlyFloat, stepTimes, vectorOf } from "../operators/scalar.ts";
import { absent, absentLabels, absentOverTime } from "../operators/absent.ts";
import type { RangeKernelFactory } from "../operators/window.ts";
import { CALENDAR_FUNCTIONS } from "./calendar.ts";
import { changesKernel, resetsKernel } from "./changes.ts";
import type { ScalarFunction, VectorFunction } from "./function-call.ts";
import { histogramFraction, histogramQuantile, histogramQuantiles } from "./histogram-quantile.ts";
import { HISTOGRAM_STATS } from "./histogram-stats.ts";
import { instantRateKernel } from "./instant-rate.ts";
import { labelJoin, labelReplace } from "./label.ts";
import { clamp, clampMax, clampMin, goMax, goMin, MATH_FUNCTIONS, round } from "./math.ts";
import * as overTime from "./over-time.ts";
import { rateKernel } from "./rate.ts";
import { derivKernel, predictLinearKernel } from "./regression.ts";
import { doubleExponentialSmoothingKernel } from "./smoothing.ts";
import { sort, sortByLabelAscending, sortByLabelDescending, sortDesc } from "./sort.ts";

/*
 * Add a function: (1) a row in syntax/signatures.ts; (2) its kernel in the file of its family, the shortest to copy is
 * `presentOverTimeKernel` (ranges) or `abs` (one value at a time); (3) a line below; (4) a test beside the kernel.
 */

/** A PromQL function whose argument is a range vector. */
export interface RangeFunction {
  readonly kernel: RangeKernelFactory;
  /** Whether the result keeps the metric name, because the function returns samples of the metric. */
  readonly keepsName?: true;
  /** Whether the function supports the modifier `anchored`. */
  readonly anchored?: true;
  readonly smoothed?: true;
}

const range = (kernel: RangeKernelFactory, more: Omit<RangeFunction, "kernel"> = {}): RangeFunction => ({
  kernel,
  ...more,
});

/** Functions of one range vector. Some functions have additional scalar arguments. */
export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: range(rateKernel({ counter: true, perSecond: true }), { anchored: true, smoothed: true }),
  increase: range(rateKernel({ counter: true, perSecond: false }), { anchored: true, smoothed: true }),
  delta: range(rateKernel({ counter: false, perSecond: false }), { anchored: true, smoothed: true }),
  irate: range(instantRateKernel(true)),
  idelta: range(instantRateKernel(false)),
  changes: range(changesKernel, { anchored: true }),
  resets: range(resetsKernel, { anchored: true }),
  deriv: range(derivKernel),
  predict_linear: range(predictLinearKernel),
  double_exponential_smoothing: range(doubleExponentialSmoothingKernel),
  avg_over_time: range(overTime.avgOverTimeKernel),
  count_over_time: range(overTime.countOverTimeKernel),
  first_over_time: range(overTime.firstOverTimeKernel, { keepsName: true }),
  last_over_time: range(overTime.lastOverTimeKernel, { keepsName: true }),
  mad_over_time: range(overTime.madOverTimeKernel),
  max_over_time: range(overTime.maxOverTimeKernel),
  min_over_time: range(overTime.minOverTimeKernel),
  present_over_time: range(overTime.presentOverTimeKernel),
  quantile_over_time: range(overTime.quantileOverTimeKernel),
  stddev_over_time: range(overTime.stddevOverTimeKernel),
  stdvar_over_time: range(overTime.stdvarOverTimeKernel),
  sum_over_time: range(overTime.sumOverTimeKernel),
  ts_of_first_over_time: range(overTime.tsOfFirstOverTimeKernel),
  ts_of_last_over_time: range(overTime.tsOfLastOverTimeKernel),
  ts_of_max_over_time: range(overTime.tsOfMaxOverTimeKernel),
  ts_of_min_over_time: range(overTime.tsOfMinOverTimeKernel),
};

/** Functions that return a vector, except range functions and functions that need the planner (timestamp, info). */
export const VECTOR_FUNCTIONS: Readonly<Record<string, VectorFunction>> = {
  ...MATH_FUNCTIONS,
  ...CALENDAR_FUNCTIONS,
  ...HISTOGRAM_STATS,
  absent: (call) => absent(call.vector(0), absentLabels(call.expr.args[0]!), call.grid.count, call.evaluation),
  absent_over_time: (call) => absentOverTime(call.range(0), absentLabels(call.expr.args[0]!), call.evaluation),
  clamp,
  clamp_max: clampMax,
  clamp_min: clampMin,
  histogram_fraction: histogramFraction,
  histogram_quantile: histogramQuantile,
  histogram_quantiles: histogramQuantiles,
  label_join: labelJoin,
  label_replace: labelReplace,
  round,
  sort,
  sort_by_label: sortByLabelAscending,
  sort_by_label_desc: sortByLabelDescending,
  sort_desc: sortDesc,
  vector: (call) => vectorOf(call.scalar(0)),
};

/** Functions that return a scalar, except those that are constant during a query (start, end, range, step). */
export const SCALAR_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  max_of: (call) => combineScalars([call.scalar(0), call.scalar(1)], call.grid.count, goMax),
  min_of: (call) => combineScalars([call.scalar(0), call.scalar(1)], call.grid.count, goMin),
  pi: (call) => combineScalars([], call.grid.count, () => Math.PI),
  scalar: (call) => onlyFloat(call.vector(0), call.grid.count, call.evaluation),
  time: (call) => stepTimes(call.grid),
};
