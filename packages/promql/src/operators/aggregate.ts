import type { Evaluation } from "../evaluation.ts";
import type { GroupFold } from "./aggregate-fold.ts";
import { forEachSeries, hasSamples } from "./materialized-vector.ts";
import { type Grouping, groupsOf } from "./grouping.ts";
import { distinctList, type OutputSeries, type VectorOperator } from "./operator.ts";

/** How an aggregation folds. */
export interface Aggregation {
  /** A fold for one more group. */
  newFold(): GroupFold;
  /** Called when all input has been read. */
  ended?(): void;
}

/** Folds the series of each group into one while reading them. */
export function aggregate(
  input: VectorOperator,
  steps: number,
  grouping: Grouping,
  evaluation: Evaluation,
  prepareFold: (signal: AbortSignal) => Promise<Aggregation>,
): VectorOperator {
  const folds: GroupFold[] = [];
  let next = 0;
  return {
    async prepare(signal) {
      const folding = await prepareFold(signal);
      const series = await input.prepare(signal);
      const groups = groupsOf(grouping);
      const groupOf = groups.within(series);
      const dropped: boolean[] = [];
      const slots = new Map<number, number>();
      const outputs: OutputSeries[] = [];
      await forEachSeries(input, steps, evaluation, (index, column) => {
        if (!hasSamples(column)) return;
        const group = groupOf(index);
        let slot = slots.get(group);
        if (slot === undefined) {
          slot = folds.length;
          slots.set(group, slot);
          folds.push(folding.newFold());
          evaluation.budget.take(steps);
        }
        folds[slot]!.add(column, series[index]!);
        dropped[slot] ||= series[index]!.dropName;
      });
      folding.ended?.();
      for (const [group, slot] of slots) outputs[slot] = { labels: groups.labels[group]!, dropName: dropped[slot]! };
      evaluation.budget.release(folds.length * steps);
      return distinctList(outputs);
    },
    next(out) {
      const fold = folds[next];
      if (fold === undefined) return false;
      out.present.fill(0);
      out.histograms = undefined;
      fold.finish(out);
      folds[next++] = EMPTY_FOLD;
      return true;
    },
    close() {
      folds.length = 0;
      input.close();
    },
  };
}

const EMPTY_FOLD: GroupFold = { add() {}, finish() {} };
