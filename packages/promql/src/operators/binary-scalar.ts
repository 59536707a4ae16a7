import type { Evaluation } from "../evaluation.ts";
import type { BinaryExpr } from "../syntax/ast.ts";
import { histogramOperation, incompatibleTypes, isArithmetic, isComparison } from "./element.ts";
import { arithmeticKernel, comparisonKernel } from "./float-kernels.ts";
import {
  ABSENT,
  FLOAT,
  HISTOGRAM,
  type ScalarOperator,
  type SeriesColumn,
  type VectorOperator,
  histogramSlots,
} from "./operator.ts";
import { dropNames } from "./series-labels.ts";
import { StepAnnotations } from "./step-annotations.ts";

/**
 * Implements "vector op scalar" and, with `swapped`, "scalar op vector". A true comparison returns the value of the
 * vector.
 */
export function binaryWithScalar(
  vector: VectorOperator,
  scalar: ScalarOperator,
  swapped: boolean,
  expr: BinaryExpr,
  steps: number,
  evaluation: Evaluation,
): VectorOperator {
  const annotations = new StepAnnotations(steps);
  const renames = isArithmetic(expr.op) || expr.returnBool;
  const held = new Float64Array(isComparison(expr.op) && !expr.returnBool ? steps : 0);
  let numbers: Float64Array = new Float64Array(0);
  return {
    async prepare(signal) {
      numbers = await scalar.evaluate(signal);
      const series = await vector.prepare(signal);
      return renames ? dropNames(series, evaluation) : series;
    },
    next(out) {
      if (!vector.next(out)) {
        annotations.flush(evaluation.annotations, expr.position);
        return false;
      }
      if (out.histograms !== undefined) applyToHistogramSlots(out, numbers, swapped, expr, annotations);
      applyToFloatSlots(out, numbers, swapped, expr, annotations, held);
      return true;
    },
    close() {
      vector.close();
      scalar.close();
    },
  };
}

function applyToFloatSlots(
  out: SeriesColumn,
  numbers: Float64Array,
  swapped: boolean,
  { op, returnBool }: BinaryExpr,
  annotations: StepAnnotations,
  held: Float64Array,
): void {
  const { values, present } = out;
  const [left, right] = swapped ? [numbers, values] : [values, numbers];
  const compute = arithmeticKernel(op) ?? (returnBool ? comparisonKernel(op) : undefined);
  if (compute !== undefined) {
    compute(left, right, present, values);
    return;
  }
  const compare = comparisonKernel(op);
  compare?.(left, right, present, held);
  for (let step = 0; step < present.length; step++) {
    if (present[step] !== FLOAT) continue;
    if (compare === undefined) annotations.add(step, incompatibleTypes("float", op, "float"));
    if (compare === undefined || held[step] === 0) present[step] = ABSENT;
  }
}

/**
 * Applies the operator at the evaluation times at which a series has a histogram. Removes the sample after a false
 * comparison or an invalid operation.
 */
function applyToHistogramSlots(
  out: SeriesColumn,
  numbers: Float64Array,
  swapped: boolean,
  { op }: BinaryExpr,
  annotations: StepAnnotations,
): void {
  const { present, histograms } = out;
  const results = histogramSlots(present.length);
  for (let step = 0; step < present.length; step++) {
    if (present[step] !== HISTOGRAM) continue;
    const histogram = histograms![step]!;
    const number = numbers[step]!;
    const found = swapped
      ? histogramOperation(op, undefined, histogram, number, 0)
      : histogramOperation(op, histogram, undefined, 0, number);
    // Adds only infos and no warnings, as in Prometheus. A comparison of a histogram with a number is never true.
    if (found.annotation?.severity === "info") annotations.add(step, found.annotation);
    if (found.failed || isComparison(op)) present[step] = ABSENT;
    else results[step] = found.histogram;
  }
  out.histograms = results;
}
