import { formatOpenMetricsFloat, quote } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import { type HistogramFunction, overHistograms } from "../operators/histogram-groups.ts";
import type { OutputSeries, VectorOperator } from "../operators/operator.ts";
import type { Position } from "../syntax/ast.ts";
import { classicFraction, classicQuantile, type ForcedMonotonicity } from "./classic-buckets.ts";
import { withScalars } from "../operators/scalar.ts";
import type { FunctionCall, VectorFunction } from "./function-call.ts";
import { formatSignificant } from "./go-format.ts";
import { nativeFraction, nativeQuantile } from "./native-quantile.ts";
import { isQuantile, quantileWarning } from "./quantile.ts";

const MONOTONICITY =
  "input to histogram_quantile needed to be fixed for monotonicity " +
  "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";

const ofMetric = (name: string): string => (name === "" ? "" : ` for metric name ${quote(name)}`);

interface ForcedSoFar {
  readonly position: Position;
  minBound: number;
  maxBound: number;
  maxDifference: number;
  minTime: number;
  maxTime: number;
  count: number;
}

/** Formats a time as Go's RFC 3339 in whole seconds. */
const rfc3339 = (ms: number): string => new Date(Math.trunc(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");

/** Adds one info for all corrections that were made because the bucket counts of a metric were not ascending. */
function annotateForcedMonotonicity(
  forced: ForcedMonotonicity,
  name: string,
  time: number,
  position: Position,
  evaluation: Evaluation,
): void {
  const fresh: ForcedSoFar = { position, ...forced, minTime: time, maxTime: time, count: 0 };
  const text = MONOTONICITY + ofMetric(name);
  const state = evaluation.annotations.merge(
    "info",
    text,
    fresh,
    (all) =>
      `${text}, from buckets ${formatSignificant(all.minBound)} to ${formatSignificant(all.maxBound)}, ` +
      `with a max diff of ${formatSignificant(all.maxDifference, 2)}, over ${all.count} samples ` +
      `from ${rfc3339(all.minTime)} to ${rfc3339(all.maxTime)}`,
  );
  state.count++;
  state.minBound = Math.min(state.minBound, forced.minBound);
  state.maxBound = Math.max(state.maxBound, forced.maxBound);
  state.maxDifference = Math.max(state.maxDifference, forced.maxDifference);
  state.minTime = Math.min(state.minTime, time);
  state.maxTime = Math.max(state.maxTime, time);
}

/**
 * Makes histogram_quantile and histogram_quantiles. `quantiles[i]` contains the i-th quantile φ for each evaluation
 * time.
 */
function quantileFunction(
  call: FunctionCall,
  quantiles: readonly Float64Array[],
  position: Position,
  outputSeries: HistogramFunction["outputSeries"],
): HistogramFunction {
  const { evaluation, grid } = call;
  return {
    outputs: quantiles.length,
    outputSeries,
    classic(buckets, index, step, name) {
      const { value, forced } = classicQuantile(quantiles[index]![step]!, buckets);
      if (forced !== undefined)
        annotateForcedMonotonicity(forced, name, grid.start + step * grid.step, position, evaluation);
      return value;
    },
    native(histogram, index, step, name) {
      const { value, annotation } = nativeQuantile(quantiles[index]![step]!, histogram);
      if (annotation !== undefined) {
        evaluation.annotations.info(
          `input to histogram_quantile has NaN observations, ${annotation}${ofMetric(name)}`,
          position,
        );
      }
      return value;
    },
  };
}

function warnOfQuantiles(quantiles: Float64Array, position: Position, evaluation: Evaluation): void {
  for (const q of quantiles) if (!isQuantile(q)) evaluation.annotations.warn(quantileWarning(q), position);
}

const asIs = (series: OutputSeries): OutputSeries => series;

export const histogramQuantile: VectorFunction = (call): VectorOperator => {
  const quantile = call.scalar(0);
  const position = call.expr.args[1]!.position;
  const found = overHistograms(call.vector(1), call.grid.count, call.evaluation, position, async (signal) => {
    const values = await quantile.evaluate(signal);
    warnOfQuantiles(values, call.expr.args[0]!.position, call.evaluation);
    return quantileFunction(call, [values], position, asIs);
  });
  return withScalars(found, [quantile]);
};

/**
 * Implements histogram_quantiles(v, "label", φ…). Returns a series for each quantile φ, with φ as the value of the
 * label.
 */
export const histogramQuantiles: VectorFunction = (call): VectorOperator => {
  const { args } = call.expr;
  const label = call.text(1);
  const quantiles = args.slice(2).map((_, i) => call.scalar(i + 2));
  const found = overHistograms(call.vector(0), call.grid.count, call.evaluation, args[0]!.position, async (signal) => {
    const values: Float64Array[] = [];
    const named: number[] = [];
    for (const [i, quantile] of quantiles.entries()) {
      const column = await quantile.evaluate(signal);
      warnOfQuantiles(column, args[i + 2]!.position, call.evaluation);
      // Collects the distinct φ of all steps, because a computed φ can differ from step to step. Each φ has its own
      // result series.
      for (const q of new Set(column)) {
        values.push(column);
        named.push(q);
      }
    }
    return {
      ...quantileFunction(call, values, args[0]!.position, (series, index) => ({
        labels: series.labels.with({ [label]: formatOpenMetricsFloat(named[index]!) }),
        dropName: series.dropName,
      })),
      applies: (index, step) => sameValue(values[index]![step]!, named[index]!),
    };
  });
  return withScalars(found, quantiles);
};

/** Returns whether two numbers are equal. Two NaN count as equal, as in a Set. */
const sameValue = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

export const histogramFraction: VectorFunction = (call): VectorOperator => {
  const bounds = [call.scalar(0), call.scalar(1)];
  const position = call.expr.args[2]!.position;
  const found = overHistograms(call.vector(2), call.grid.count, call.evaluation, position, async (signal) => {
    const lower = await bounds[0]!.evaluate(signal);
    const upper = await bounds[1]!.evaluate(signal);
    return {
      outputs: 1,
      outputSeries: asIs,
      classic: (buckets, _, step) => classicFraction(lower[step]!, upper[step]!, buckets),
      native(histogram, _, step, name) {
        const { value, annotation } = nativeFraction(lower[step]!, upper[step]!, histogram);
        if (annotation !== undefined) {
          call.evaluation.annotations.info(
            `input to histogram_fraction has NaN observations, which are excluded from all fractions${ofMetric(name)}`,
            position,
          );
        }
        return value;
      },
    };
  });
  return withScalars(found, bounds);
};
