import { formatHistogram, formatPlain, Labels } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import { floatBytes } from "./column-weight.ts";
import { GroupIds } from "./group-ids.ts";
import { type Grouping, keptLabels } from "./grouping.ts";
import { forEachSeries, replay } from "./materialized-vector.ts";
import { ABSENT, ColumnArena, FLOAT, HISTOGRAM, type SeriesColumn, type VectorOperator } from "./operator.ts";

/** Implements count_values: returns a series for every distinct value in a group, with the value as a label. */
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
      const keeps = keptLabels(grouping);
      const groups = new GroupIds((name) => name !== label && keeps(name));
      const groupOf = groups.within(await input.prepare(signal));
      const counts = new ValueCounts(steps, keeps(label), evaluation);
      await forEachSeries(input, steps, evaluation, (index, column) => counts.add(groupOf(index), column));
      const { columns } = counts;
      const series = columns.map((_, slot) => ({
        labels: counts.labelled(slot, label, groups.labels),
        dropName: false,
      }));
      held = replay({ series, columns, weights: columns.map(() => steps) }, evaluation);
      return series;
    },
    next: (out) => held?.next(out) ?? false,
    close() {
      held = undefined;
      input.close();
    },
  };
}

/** Map key and label text for the value -0. */
const NEGATIVE_ZERO = "-0";

/** Counts how often each value occurs in each group. Creates the text of a value only once. */
class ValueCounts {
  readonly columns: SeriesColumn[] = [];
  /** For each result series: its group, and its value as a number, or as text for a histogram. */
  readonly #groups: number[] = [];
  readonly #values: (number | string)[] = [];
  /** For each group: the index of the result series for a value. */
  readonly #slots: Map<number | string, number>[] = [];
  readonly #arena: ColumnArena;
  readonly #steps: number;
  readonly #collectsValues: boolean;
  readonly #evaluation: Evaluation;

  /** @param collectsValues whether each value is counted separately; otherwise all values are counted together */
  constructor(steps: number, collectsValues: boolean, evaluation: Evaluation) {
    this.#steps = steps;
    this.#collectsValues = collectsValues;
    this.#evaluation = evaluation;
    this.#arena = new ColumnArena(steps);
  }

  add(group: number, { present, values, histograms }: SeriesColumn): void {
    for (let step = 0; step < this.#steps; step++) {
      if (present[step] === ABSENT) continue;
      const value = present[step] === HISTOGRAM ? formatHistogram(histograms![step]!) : keyOf(values[step]!);
      const column = this.columns[this.#slotOf(group, this.#collectsValues ? value : 0)]!;
      column.values[step]!++;
      column.present[step] = FLOAT;
    }
  }

  /**
   * Returns the labels of a result series: the labels of its group and, if values are counted separately, the value as
   * the label `name`.
   */
  labelled(slot: number, name: string, groups: readonly Labels[]): Labels {
    const group = groups[this.#groups[slot]!]!;
    if (!this.#collectsValues) return group;
    const value = this.#values[slot]!;
    return group.filledFrom(Labels.fromSortedPairs([name, typeof value === "string" ? value : formatPlain(value)]));
  }

  #slotOf(group: number, value: number | string): number {
    const slots = (this.#slots[group] ??= new Map());
    const known = slots.get(value);
    if (known !== undefined) return known;
    const slot = this.columns.length;
    slots.set(value, slot);
    this.#groups.push(group);
    this.#values.push(value);
    this.columns.push(this.#arena.next());
    this.#evaluation.budget.take(this.#steps, floatBytes(this.#steps));
    return slot;
  }
}

/** Returns the map key of a value. A Map does not distinguish 0 and -0, so -0 is represented by a text. */
const keyOf = (value: number): number | string => (Object.is(value, -0) ? NEGATIVE_ZERO : value);
