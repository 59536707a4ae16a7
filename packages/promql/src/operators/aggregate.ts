import { HeldMemory } from "../budget.ts";
import type { Evaluation } from "../evaluation.ts";
import type { GroupFold } from "./aggregate-fold.ts";
import { forEachSeries, hasSamples } from "./materialized-vector.ts";
import { type Grouping, groupsOf } from "./grouping.ts";
import { distinctList, type OutputSeries, type VectorOperator } from "./operator.ts";

/** An aggregation operator such as sum. It creates an object that computes the result of a group. */
export interface Aggregation {
  newFold(): GroupFold;
  /** Ends the input of the aggregation. Must be called after all series were read. */
  ended?(): void;
}

/** Aggregates series by group. Series are read one after another. */
export function aggregate(
  input: VectorOperator,
  steps: number,
  grouping: Grouping,
  evaluation: Evaluation,
  prepareFold: (signal: AbortSignal) => Promise<Aggregation>,
): VectorOperator {
  const folds: GroupFold[] = [];
  const held = new HeldMemory(evaluation.budget);
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
          const fold = folding.newFold();
          folds.push(fold);
          evaluation.budget.take(steps, 0);
          held.add(fold.bytes);
        }
        const fold = folds[slot]!;
        const { bytes } = fold;
        fold.add(column, series[index]!);
        if (fold.bytes > bytes) held.add(fold.bytes - bytes);
        dropped[slot] ||= series[index]!.dropName;
      });
      for (const fold of folds) await fold.settle?.(evaluation);
      folding.ended?.();
      for (const [group, slot] of slots) outputs[slot] = { labels: groups.labels[group]!, dropName: dropped[slot]! };
      evaluation.budget.release(folds.length * steps, 0);
      return distinctList(outputs);
    },
    next(out) {
      const fold = folds[next];
      if (fold === undefined) return false;
      out.present.fill(0);
      out.histograms = undefined;
      fold.finish(out);
      held.release(fold.bytes);
      folds[next++] = EMPTY_FOLD;
      return true;
    },
    close() {
      folds.length = 0;
      held.release();
      input.close();
    },
  };
}

const EMPTY_FOLD: GroupFold = { bytes: 0, add() {}, finish() {} };
