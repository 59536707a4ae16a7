import { applyToFloats, mapFloats, mapSeries } from "../operators/map.ts";
import type { SeriesColumn } from "../operators/operator.ts";
import { dropNames } from "../operators/series-labels.ts";
import { withScalars } from "../operators/scalar.ts";
import type { FunctionCall, VectorFunction } from "./function-call.ts";

/** Makes a PromQL function from a function of one number. */
const ofNumber =
  (compute: (value: number) => number): VectorFunction =>
  (call) =>
    mapFloats(call.vector(0), call.evaluation, compute);

export const MATH_FUNCTIONS: Readonly<Record<string, VectorFunction>> = {
  abs: ofNumber(Math.abs),
  ceil: ofNumber(Math.ceil),
  floor: ofNumber(Math.floor),
  exp: ofNumber(Math.exp),
  sqrt: ofNumber(Math.sqrt),
  ln: ofNumber(Math.log),
  log2: ofNumber(Math.log2),
  log10: ofNumber(Math.log10),
  sin: ofNumber(Math.sin),
  cos: ofNumber(Math.cos),
  tan: ofNumber(Math.tan),
  asin: ofNumber(Math.asin),
  acos: ofNumber(Math.acos),
  atan: ofNumber(Math.atan),
  sinh: ofNumber(Math.sinh),
  cosh: ofNumber(Math.cosh),
  tanh: ofNumber(Math.tanh),
  asinh: ofNumber(Math.asinh),
  acosh: ofNumber(Math.acosh),
  atanh: ofNumber(Math.atanh),
  deg: ofNumber((value) => (value * 180) / Math.PI),
  rad: ofNumber((value) => (value * Math.PI) / 180),
  sgn: ofNumber((value) => (value < 0 ? -1 : value > 0 ? 1 : value)),
};

/**
 * Applies a function to each sample. The arguments of the function are the value of the sample and the values of scalar
 * arguments.
 */
function computeWith(
  call: FunctionCall,
  indexes: readonly number[],
  apply: (column: SeriesColumn, scalars: readonly Float64Array[]) => void,
): ReturnType<VectorFunction> {
  const operators = indexes.map((index) => call.scalar(index));
  const scalars: Float64Array[] = [];
  const computed = mapSeries(
    call.vector(0),
    (list) => dropNames(list, call.evaluation),
    (column) => apply(column, scalars),
    async (signal) => {
      for (const operator of operators) scalars.push(await operator.evaluate(signal));
    },
  );
  return withScalars(computed, operators);
}

/** Implements round(v, to = 1), which rounds to a multiple of `to`, ties up. */
export const round: VectorFunction = (call) => {
  if (call.expr.args.length < 2) return mapFloats(call.vector(0), call.evaluation, (value) => Math.floor(value + 0.5));
  return computeWith(call, [1], (column, [to]) =>
    applyToFloats(column, (value, step) => {
      const inverse = 1 / to![step]!;
      return Math.floor(value * inverse + 0.5) / inverse;
    }),
  );
};

/**
 * Returns the maximum as in Go: NaN if an argument is NaN, except that +Inf always wins. goMin is the counterpart with
 * -Inf.
 */
export const goMax = (a: number, b: number): number => (a === Infinity || b === Infinity ? Infinity : Math.max(a, b));
export const goMin = (a: number, b: number): number =>
  a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);

export const clamp: VectorFunction = (call) =>
  computeWith(call, [1, 2], (column, [low, high]) => {
    for (let step = 0; step < column.present.length; step++) if (high![step]! < low![step]!) column.present[step] = 0;
    applyToFloats(column, (value, step) => goMax(low![step]!, goMin(high![step]!, value)));
  });

export const clampMin: VectorFunction = (call) =>
  computeWith(call, [1], (column, [low]) => applyToFloats(column, (value, step) => goMax(low![step]!, value)));

export const clampMax: VectorFunction = (call) =>
  computeWith(call, [1], (column, [high]) =>
    applyToFloats(column, (value, step) => goMax(-Infinity, goMin(high![step]!, value))),
  );
