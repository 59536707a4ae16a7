import { compareLabels } from "@narthex/model";
import {
  heldBytes,
  heldSamples,
  materialize,
  type MaterializedVector,
  replay,
} from "../operators/materialized-vector.ts";
import { FLOAT, type OutputSeries, type VectorOperator } from "../operators/operator.ts";
import type { FunctionCall, VectorFunction } from "./function-call.ts";
import { isNaturallyLess } from "./natural-order.ts";

const INEFFECTIVE = "sort is ineffective for range queries since results are always ordered by labels";

/**
 * Reads all series, and returns them in the order that `order` computes. The order matters only for instant queries.
 */
function reorder(call: FunctionCall, order: (drained: MaterializedVector) => number[]): VectorOperator {
  const input = call.vector(0);
  let held: Pick<VectorOperator, "next"> | undefined;
  return {
    async prepare(signal) {
      const { evaluation, grid, expr } = call;
      const overRange = grid.count > 1 || (grid === evaluation.grid && evaluation.end > grid.start);
      if (overRange) evaluation.annotations.warn(INEFFECTIVE, expr.position, "itself");
      const drained = await materialize(input, grid.count, evaluation, signal);
      const [samples, bytes] = [heldSamples(drained), heldBytes(drained)];
      const slots = order(drained);
      const sorted = {
        series: slots.map((i) => drained.series[i]!),
        columns: slots.map((i) => drained.columns[i]!),
        weights: slots.map((i) => drained.weights[i]!),
      };
      // Releases the memory of the series and histograms that the sort leaves out.
      evaluation.budget.release(samples - heldSamples(sorted), bytes - heldBytes(sorted));
      held = replay(sorted, evaluation);
      return sorted.series;
    },
    next: (out) => held?.next(out) ?? false,
    close() {
      held = undefined;
      input.close();
    },
  };
}

/** Makes sort and sort_desc: by value, with NaN last and without histograms. */
const sortByValue =
  (descending: boolean): VectorFunction =>
  (call) =>
    reorder(call, ({ series, columns }) => {
      for (const column of columns) {
        column.histograms = undefined;
        for (let step = 0; step < column.present.length; step++)
          if (column.present[step] !== FLOAT) column.present[step] = 0;
      }
      const slots = series.map((_, i) => i).filter((i) => columns[i]!.present.includes(FLOAT));
      if (call.grid.count > 1) return slots;
      const valueOf = (slot: number): number => columns[slot]!.values[0]!;
      return slots.sort((a, b) => {
        const left = valueOf(a);
        const right = valueOf(b);
        if (Number.isNaN(left) || Number.isNaN(right))
          return (Number.isNaN(left) ? 1 : 0) - (Number.isNaN(right) ? 1 : 0);
        if (left === right) return 0;
        return left < right === descending ? 1 : -1;
      });
    });

export const sort: VectorFunction = sortByValue(false);
export const sortDesc: VectorFunction = sortByValue(true);

/** Makes sort_by_label and sort_by_label_desc: by the natural order of some labels, then by the label set. */
const sortByLabel =
  (descending: boolean): VectorFunction =>
  (call) => {
    const names = call.expr.args.slice(1).map((_, i) => call.text(i + 1));
    const compare = (a: OutputSeries, b: OutputSeries): number => {
      for (const name of names) {
        const left = a.labels.get(name);
        const right = b.labels.get(name);
        if (left !== right) return isNaturallyLess(left, right) ? -1 : 1;
      }
      return compareLabels(a.labels, b.labels);
    };
    const sign = descending ? -1 : 1;
    return reorder(call, ({ series }) =>
      series.map((_, i) => i).sort((a, b) => sign * compare(series[a]!, series[b]!)),
    );
  };

export const sortByLabelAscending: VectorFunction = sortByLabel(false);
export const sortByLabelDescending: VectorFunction = sortByLabel(true);
