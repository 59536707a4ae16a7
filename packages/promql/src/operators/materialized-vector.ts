import { columnBytes, columnWeight, floatBytes } from "./column-weight.ts";
import type { Evaluation } from "../evaluation.ts";
import {
  ColumnArena,
  createSeriesColumn,
  type OutputList,
  type OutputSeries,
  type SeriesColumn,
  type VectorOperator,
} from "./operator.ts";
import type { GroupIds } from "./group-ids.ts";

/** All series of a vector in memory, as parallel lists of labels and values. */
export interface MaterializedVector {
  readonly series: readonly OutputSeries[];
  /**
   * The result list of an operator, if all series come from that list; `rows` is then the index of each series in the
   * list. Otherwise undefined.
   */
  readonly list?: OutputList;
  readonly rows?: readonly number[];
  readonly columns: readonly SeriesColumn[];
  /** Number of samples that each series counts for in the sample limit until the series is released. */
  readonly weights: readonly number[];
}

export function hasSamples({ present }: SeriesColumn): boolean {
  for (let i = 0; i < present.length; i++) if (present[i] !== 0) return true;
  return false;
}

/**
 * Reads all series of an operator into memory and closes it. Leaves out series without samples. Counts the samples
 * towards the query's limit.
 */
export async function materialize(
  input: VectorOperator,
  steps: number,
  evaluation: Evaluation,
  signal: AbortSignal,
): Promise<MaterializedVector> {
  const all = await input.prepare(signal);
  const series: OutputSeries[] = [];
  const rows: number[] = [];
  const columns: SeriesColumn[] = [];
  const weights: number[] = [];
  const arena = new ColumnArena(steps);
  let column = arena.next();
  for (let i = 0; input.next(column); i++) {
    const weight = columnWeight(column);
    if (weight > 0) {
      evaluation.budget.take(weight, columnBytes(column, weight));
      series.push(all[i]!);
      rows.push(i);
      columns.push(column);
      weights.push(weight);
      column = arena.next();
    }
    const pause = evaluation.yieldToEventLoop();
    if (pause !== undefined) await pause;
  }
  input.close();
  return { series, list: all, rows, columns, weights };
}

/** Returns the group numbers of series in memory. */
export const numbersOf = (
  { series, list, rows }: Pick<MaterializedVector, "series" | "list" | "rows">,
  by: GroupIds,
  evaluation: Evaluation,
): Promise<number[]> => (list === undefined ? by.all(series, evaluation) : by.all(list, evaluation, rows));

/** Subtracts series from the query's memory. Must be called when the series are no longer needed. */
export function release({ columns, weights }: MaterializedVector, evaluation: Evaluation): void {
  columns.forEach((column, i) => evaluation.budget.release(weights[i]!, columnBytes(column, weights[i]!)));
}

/** Returns how many bytes the series count for in the memory of the query. */
export const heldBytes = ({ columns, weights }: Pick<MaterializedVector, "columns" | "weights">): number =>
  columns.reduce((sum, column, i) => sum + columnBytes(column, weights[i]!), 0);

/** Returns the number of samples that the series count for in the sample limit. */
export const heldSamples = ({ weights }: Pick<MaterializedVector, "weights">): number =>
  weights.reduce((sum, weight) => sum + weight, 0);

/**
 * Returns result series that replay() will release. A new series was counted as `steps` float samples, so this function
 * corrects the count for histograms.
 */
export function filledResult(
  series: readonly OutputSeries[],
  columns: readonly SeriesColumn[],
  steps: number,
  { budget }: Evaluation,
): MaterializedVector {
  for (const column of columns) budget.take(0, columnBytes(column, steps) - floatBytes(steps));
  return { series, columns, weights: columns.map(() => steps) };
}

/** Calls `visit` with each series of an operator, one after the other. All calls use the same object for the values. */
export async function forEachSeries(
  input: VectorOperator,
  steps: number,
  evaluation: Evaluation,
  visit: (index: number, column: SeriesColumn) => void,
): Promise<void> {
  const column = createSeriesColumn(steps);
  for (let i = 0; input.next(column); i++) {
    visit(i, column);
    const pause = evaluation.yieldToEventLoop();
    if (pause !== undefined) await pause;
  }
  input.close();
}

/** Copies the values of a series in memory into an array of the caller. */
export function copyColumn(from: SeriesColumn, into: SeriesColumn): void {
  if (from.present.length === 1) {
    into.values[0] = from.values[0]!;
    into.present[0] = from.present[0]!;
  } else {
    into.values.set(from.values);
    into.present.set(from.present);
  }
  into.histograms = from.histograms;
}

/** Yields series from memory one after the other, and releases the memory of each. */
export function replay(held: MaterializedVector, evaluation: Evaluation): Pick<VectorOperator, "next"> {
  let at = 0;
  return {
    next(out) {
      const column = held.columns[at];
      if (column === undefined) return false;
      copyColumn(column, out);
      const weight = held.weights[at++]!;
      evaluation.budget.release(weight, columnBytes(column, weight));
      return true;
    },
  };
}
