import { HeldMemory } from "../budget.ts";
import type { Evaluation } from "../evaluation.ts";
import type { VectorMatching } from "../syntax/ast.ts";
import { columnBytes } from "./column-weight.ts";
import { type MaterializedVector, materialize, hasSamples, numbersOf, release } from "./materialized-vector.ts";
import { signaturesOf } from "./matching.ts";
import { ABSENT, type SeriesColumn, type VectorOperator } from "./operator.ts";

/** Records for each match group (series with equal matching labels) at which evaluation times it has an element. */
class GroupPresence {
  readonly #byGroup: Uint8Array[] = [];
  readonly #steps: number;
  readonly #held: HeldMemory;

  constructor(steps: number, { budget }: Evaluation) {
    this.#steps = steps;
    this.#held = new HeldMemory(budget);
  }

  mark(group: number, present: Uint8Array): void {
    let marks = this.#byGroup[group];
    if (marks === undefined) {
      this.#held.add(this.#steps);
      this.#byGroup[group] = marks = new Uint8Array(this.#steps);
    }
    for (let step = 0; step < present.length; step++) if (present[step] !== ABSENT) marks[step] = 1;
  }

  of(group: number): Uint8Array | undefined {
    return this.#byGroup[group];
  }

  close(): void {
    this.#byGroup.length = 0;
    this.#held.release();
  }
}

/**
 * Removes the samples of a series at the evaluation times that are set in `marks`. With `wanted`, removes the samples
 * at all other evaluation times.
 */
function keepWhere(column: SeriesColumn, marks: Uint8Array | undefined, wanted: boolean): void {
  const { present } = column;
  for (let step = 0; step < present.length; step++) if ((marks?.[step] === 1) !== wanted) present[step] = ABSENT;
}

/**
 * Implements `and` (with `wanted`) and `unless`. Returns the elements of the left side for which the right side has, or
 * does not have, an element with equal matching labels.
 */
export function filterByPresence(
  left: VectorOperator,
  right: VectorOperator,
  wanted: boolean,
  matching: VectorMatching,
  steps: number,
  evaluation: Evaluation,
): VectorOperator {
  const signatures = signaturesOf(matching);
  const presence = new GroupPresence(steps, evaluation);
  let groups: number[] = [];
  let index = 0;
  return {
    async prepare(signal) {
      const series = await left.prepare(signal);
      const other = await materialize(right, steps, evaluation, signal);
      const others = await numbersOf(other, signatures, evaluation);
      others.forEach((group, i) => presence.mark(group, other.columns[i]!.present));
      release(other, evaluation);
      groups = await signatures.all(series, evaluation);
      return series;
    },
    next(out) {
      if (!left.next(out)) return false;
      keepWhere(out, presence.of(groups[index++]!), wanted);
      return true;
    },
    close() {
      left.close();
      right.close();
      presence.close();
    },
  };
}

/**
 * Implements `or`: returns the left side, and the elements of the right side whose matching labels do not occur on the
 * left side.
 */
export function union(
  left: VectorOperator,
  right: VectorOperator,
  matching: VectorMatching,
  steps: number,
  evaluation: Evaluation,
): VectorOperator {
  const signatures = signaturesOf(matching);
  const presence = new GroupPresence(steps, evaluation);
  let first: MaterializedVector | undefined;
  let groups: number[] = [];
  let index = 0;
  return {
    async prepare(signal) {
      first = await materialize(left, steps, evaluation, signal);
      const { columns } = first;
      const firsts = await numbersOf(first, signatures, evaluation);
      firsts.forEach((group, i) => presence.mark(group, columns[i]!.present));
      const second = await right.prepare(signal);
      groups = await signatures.all(second, evaluation);
      return [...first.series, ...second];
    },
    next(out) {
      if (first === undefined) return false;
      const column = first.columns[index];
      if (column !== undefined) {
        out.values.set(column.values);
        out.present.set(column.present);
        out.histograms = column.histograms;
        const weight = first.weights[index++]!;
        evaluation.budget.release(weight, columnBytes(column, weight));
        return true;
      }
      if (!right.next(out)) return false;
      if (hasSamples(out)) keepWhere(out, presence.of(groups[index - first.columns.length]!), false);
      index++;
      return true;
    },
    close() {
      first = undefined;
      left.close();
      right.close();
      presence.close();
    },
  };
}
