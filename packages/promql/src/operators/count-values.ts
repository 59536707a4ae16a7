import { formatHistogram, formatPlain } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import { forEachSeries, replay } from "./materialized-vector.ts";
import { type Grouping, groupsOf } from "./grouping.ts";
import { ABSENT, createSeriesColumn, FLOAT, HISTOGRAM, type SeriesColumn, type VectorOperator } from "./operator.ts";

/** count_values: a series for every value seen in a group, named by the value's text. */
export function countValues(
  input: VectorOperator,
  steps: number,
  label: string,
  grouping: Grouping,
  evaluation: Evaluation,
): VectorOperator {
  let held: Pick<VectorOperator, "next"> | undefined;
  return {
    async prepare(signal) {
      const series = await input.prepare(signal);
      const groups = groupsOf(grouping);
      const columns: SeriesColumn[] = [];
      await forEachSeries(input, steps, evaluation, (index, column) => {
        const slots = new Map<string, number>();
        for (let step = 0; step < steps; step++) {
          if (column.present[step] === ABSENT) continue;
          const text =
            column.present[step] === HISTOGRAM
              ? formatHistogram(column.histograms![step]!)
              : formatPlain(column.values[step]!);
          let slot = slots.get(text);
          if (slot === undefined) {
            slot = groups.of(series[index]!.labels.with({ [label]: text }));
            slots.set(text, slot);
          }
          if (columns[slot] === undefined) {
            columns[slot] = createSeriesColumn(steps);
            evaluation.budget.take(steps);
          }
          columns[slot]!.values[step]!++;
          columns[slot]!.present[step] = FLOAT;
        }
      });
      const outputs = groups.labels.map((labels) => ({ labels, dropName: false }));
      held = replay({ series: outputs, columns, weights: columns.map(() => steps) }, evaluation);
      return outputs;
    },
    next: (out) => held?.next(out) ?? false,
    close() {
      held = undefined;
      input.close();
    },
  };
}
