import type { Grid } from "@narthex/model";
import { HeldMemory } from "../budget.ts";
import type { Evaluation } from "../evaluation.ts";
import { forEachSeries } from "./materialized-vector.ts";
import { FLOAT, type ScalarOperator, type VectorOperator } from "./operator.ts";
import { NAMELESS } from "./series-labels.ts";

/** Returns the same number at every evaluation time. */
export const constant = (value: number, count: number): ScalarOperator => ({
  evaluate: () => Promise.resolve(new Float64Array(count).fill(value)),
  close() {},
});

/** Counts the values of a scalar as memory of the query until the scalar operator is closed. */
export function heldScalar(input: ScalarOperator, count: number, { budget }: Evaluation): ScalarOperator {
  const held = new HeldMemory(budget);
  return {
    evaluate(signal) {
      held.add(8 * count);
      return input.evaluate(signal);
    },
    close() {
      input.close();
      held.release();
    },
  };
}

/** Wraps a vector operator that uses scalars, so that the scalars are closed together with the vector. */
export const withScalars = (vector: VectorOperator, scalars: readonly ScalarOperator[]): VectorOperator => ({
  prepare: (signal) => vector.prepare(signal),
  next: (out) => vector.next(out),
  close() {
    vector.close();
    for (const scalar of scalars) scalar.close();
  },
});

/** Implements time(): returns each evaluation time in seconds. */
export const stepTimes = (grid: Grid): ScalarOperator => ({
  evaluate: () =>
    Promise.resolve(Float64Array.from({ length: grid.count }, (_, i) => (grid.start + i * grid.step) / 1000)),
  close() {},
});

/** Computes a number from the values of several scalars, for each evaluation time. */
export const combineScalars = (
  inputs: readonly ScalarOperator[],
  count: number,
  compute: (...values: number[]) => number,
): ScalarOperator => ({
  async evaluate(signal) {
    const columns: Float64Array[] = [];
    for (const input of inputs) columns.push(await input.evaluate(signal));
    const combined = Float64Array.from({ length: count }, (_, step) =>
      compute(...columns.map((column) => column[step]!)),
    );
    for (const input of inputs) input.close();
    return combined;
  },
  close() {
    for (const input of inputs) input.close();
  },
});

/** Implements scalar(v): returns the value of the vector's only float, or NaN if the vector has no float or several. */
export const onlyFloat = (input: VectorOperator, count: number, evaluation: Evaluation): ScalarOperator => ({
  async evaluate(signal) {
    const values = new Float64Array(count).fill(NaN);
    const found = new Uint8Array(count);
    await input.prepare(signal);
    await forEachSeries(input, count, evaluation, (_, column) => {
      for (let step = 0; step < count; step++) {
        if (column.present[step] !== FLOAT) continue;
        values[step] = found[step] === 0 ? column.values[step]! : NaN;
        found[step] = 1;
      }
    });
    return values;
  },
  close: () => input.close(),
});

/** Implements vector(s): returns one series without labels. */
export function vectorOf(input: ScalarOperator): VectorOperator {
  let values: Float64Array | undefined;
  return {
    async prepare(signal) {
      values = await input.evaluate(signal);
      return [NAMELESS];
    },
    next(out) {
      if (values === undefined) return false;
      out.values.set(values);
      out.present.fill(FLOAT);
      out.histograms = undefined;
      values = undefined;
      return true;
    },
    close: () => input.close(),
  };
}

/** A vector operator whose result has no series. */
export const emptyVector: VectorOperator = {
  prepare: () => Promise.resolve([]),
  next: () => false,
  close() {},
};
