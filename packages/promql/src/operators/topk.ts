import type { FloatHistogram } from "@narthex/model";
import { HeldMemory } from "../budget.ts";
import type { Evaluation } from "../evaluation.ts";
import { columnBytes, columnWeight } from "./column-weight.ts";
import {
  heldBytes,
  heldSamples,
  type MaterializedVector,
  materialize,
  forEachSeries,
  numbersOf,
  replay,
} from "./materialized-vector.ts";
import { type Grouping, groupsOf } from "./grouping.ts";
import {
  ABSENT,
  createSeriesColumn,
  FLOAT,
  HISTOGRAM,
  type OutputList,
  type OutputSeries,
  type SeriesColumn,
  type VectorOperator,
} from "./operator.ts";

/** Chooses which series of a group are in the result at an evaluation time. */
export interface SeriesChoice {
  /**
   * Returns whether any series can be chosen at an evaluation time. If no series can be chosen at any time, the input
   * is not read.
   */
  any(step: number): boolean;
  /**
   * Returns the chosen series of a group. `members` are the indexes of the group's series, in the order of the input.
   */
  pick(members: readonly number[], step: number, valueOf: (series: number) => number): readonly number[];
}

/**
 * Returns a function that returns the parameter k at an evaluation time, as an integer that is at most the number of
 * series.
 */
const limited = (limits: Float64Array, total: number) => (step: number) => Math.min(Math.trunc(limits[step]!), total);

/**
 * Implements topk, bottomk, limitk and limit_ratio, which return the chosen series unchanged. Instant queries return
 * them in the order of the choice.
 */
export function choose(
  input: VectorOperator,
  steps: number,
  grouping: Grouping,
  evaluation: Evaluation,
  prepareChoice: (signal: AbortSignal, series: readonly OutputSeries[]) => Promise<SeriesChoice | undefined>,
  onHistogram: (() => void) | undefined,
): VectorOperator {
  let held: Pick<VectorOperator, "next"> | undefined;
  return {
    async prepare(signal) {
      const drained =
        steps === 1
          ? await OneStep.materialize(input, evaluation, signal)
          : await materialize(input, steps, evaluation, signal);
      const { bytes, samples } =
        drained instanceof OneStep ? drained : { bytes: heldBytes(drained), samples: heldSamples(drained) };
      const choice = await prepareChoice(signal, drained.series);
      let chosen = NOTHING;
      if (choice !== undefined) {
        const groups = membersOf(await numbersOf(drained, groupsOf(grouping), evaluation));
        chosen =
          drained instanceof OneStep
            ? chooseOfStep(drained, groups, choice, onHistogram)
            : await chooseSeries(drained, groups, steps, choice, onHistogram, evaluation);
      }
      // Releases the memory of the series that are not chosen.
      evaluation.budget.release(samples - heldSamples(chosen), bytes - heldBytes(chosen));
      held = replay(chosen, evaluation);
      return chosen.series;
    },
    next: (out) => held?.next(out) ?? false,
    close() {
      held = undefined;
      input.close();
    },
  };
}

const NOTHING: MaterializedVector = { series: [], columns: [], weights: [] };

/** Returns the indexes of the series in each group. */
function membersOf(groups: readonly number[]): number[][] {
  const members: number[][] = [];
  groups.forEach((group, index) => (members[group] ??= []).push(index));
  return members;
}

/**
 * The series of an instant query in memory. All values are in one array, because few of the series will be in the
 * result.
 */
class OneStep implements Pick<MaterializedVector, "series" | "list" | "rows"> {
  readonly series: OutputSeries[] = [];
  readonly rows: number[] = [];
  readonly list: OutputList;
  /** Memory of the series in bytes, as counted for the query. */
  bytes = 0;
  /** Number of samples that the series count for in the sample limit. */
  samples = 0;
  readonly #histograms = new Map<number, FloatHistogram>();
  #values = new Float64Array(64);

  constructor(list: OutputList) {
    this.list = list;
  }

  static async materialize(input: VectorOperator, evaluation: Evaluation, signal: AbortSignal): Promise<OneStep> {
    const held = new OneStep(await input.prepare(signal));
    await forEachSeries(input, 1, evaluation, (row, column) => {
      const weight = columnWeight(column);
      if (weight === 0) return;
      const bytes = columnBytes(column, weight);
      evaluation.budget.take(weight, bytes);
      held.bytes += bytes;
      held.samples += weight;
      held.#add(row, column);
    });
    return held;
  }

  #add(row: number, { values, histograms }: SeriesColumn): void {
    const number = this.series.length;
    if (number === this.#values.length) {
      const known = this.#values;
      this.#values = new Float64Array(number * 2);
      this.#values.set(known);
    }
    this.#values[number] = values[0]!;
    if (histograms?.[0] !== undefined) this.#histograms.set(number, histograms[0]);
    this.series.push(this.list[row]!);
    this.rows.push(row);
  }

  isHistogram(number: number): boolean {
    return this.#histograms.has(number);
  }

  readonly valueOf = (number: number): number => this.#values[number]!;

  columnOf(number: number): SeriesColumn {
    const column = createSeriesColumn(1);
    column.values[0] = this.#values[number]!;
    column.present[0] = FLOAT;
    const histogram = this.#histograms.get(number);
    if (histogram === undefined) return column;
    column.present[0] = HISTOGRAM;
    column.histograms = [histogram];
    return column;
  }
}

function chooseOfStep(
  held: OneStep,
  groups: readonly (readonly number[])[],
  choice: SeriesChoice,
  onHistogram: (() => void) | undefined,
): MaterializedVector {
  const order: number[] = [];
  const takesPart = (number: number): boolean => {
    if (onHistogram === undefined || !held.isHistogram(number)) return true;
    onHistogram();
    return false;
  };
  if (!choice.any(0)) return NOTHING;
  for (const group of groups) {
    for (const number of choice.pick(group.filter(takesPart), 0, held.valueOf)) order.push(number);
  }
  const columns = order.map((number) => held.columnOf(number));
  return { series: order.map((number) => held.series[number]!), columns, weights: columns.map(columnWeight) };
}

async function chooseSeries(
  { series, columns, weights }: MaterializedVector,
  members: readonly (readonly number[])[],
  steps: number,
  choice: SeriesChoice,
  onHistogram: (() => void) | undefined,
  evaluation: Evaluation,
): Promise<MaterializedVector> {
  const memory = new HeldMemory(evaluation.budget);
  memory.add(columns.length * steps);
  const keep = new Uint8Array(columns.length * steps);
  const present: number[] = [];
  for (let step = 0; step < steps; step++) {
    const valueOf = (index: number): number => columns[index]!.values[step]!;
    for (const group of members) {
      present.length = 0;
      if (!choice.any(step)) continue;
      for (const index of group) if (takesPart(columns[index]!, step, onHistogram)) present.push(index);
      const picked = choice.pick(present, step, valueOf);
      for (const index of picked) keep[index * steps + step] = 1;
    }
    const pause = evaluation.yieldToEventLoop();
    if (pause !== undefined) await pause;
  }
  columns.forEach((column, index) => {
    for (let step = 0; step < steps; step++) if (keep[index * steps + step] === 0) column.present[step] = ABSENT;
  });
  memory.release();
  return { series, columns, weights };
}

function takesPart(column: SeriesColumn, step: number, onHistogram: (() => void) | undefined): boolean {
  if (column.present[step] === ABSENT) return false;
  if (column.present[step] !== HISTOGRAM || onHistogram === undefined) return true;
  onHistogram();
  return false;
}

/**
 * Chooses the k largest (or smallest) values, best first and NaN last. Uses a heap whose root is the worst chosen
 * value. If values are equal, chooses the earlier ones.
 */
export function chooseExtremes(limits: Float64Array, total: number, largest: boolean): SeriesChoice {
  const limitOf = limited(limits, total);
  const pick: SeriesChoice["pick"] = (members, step, valueOf) => {
    const k = limitOf(step);
    const heap: number[] = [];
    const worse = (a: number, b: number): boolean => {
      const left = valueOf(a);
      return Number.isNaN(left) || (largest ? left < valueOf(b) : left > valueOf(b));
    };
    for (const member of members) {
      if (heap.length < k) push(heap, member, worse);
      else if (beats(valueOf(member), valueOf(heap[0]!), largest)) {
        heap[0] = member;
        sink(heap, worse);
      }
    }
    return heap.length > 1 ? bestFirst(heap, worse) : heap;
  };
  return { any: (step) => limitOf(step) >= 1, pick };
}

const beats = (candidate: number, worst: number, largest: boolean): boolean =>
  (largest ? worst < candidate : worst > candidate) || (Number.isNaN(worst) && !Number.isNaN(candidate));

function push(heap: number[], member: number, less: (a: number, b: number) => boolean): void {
  heap.push(member);
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!less(heap[at]!, heap[parent]!)) break;
    [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
    at = parent;
  }
}

function sink(heap: number[], less: (a: number, b: number) => boolean): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) return;
    if (child + 1 < heap.length && less(heap[child + 1]!, heap[child]!)) child++;
    if (!less(heap[child]!, heap[at]!)) return;
    [heap[at], heap[child]] = [heap[child]!, heap[at]!];
    at = child;
  }
}

/** Sorts the chosen series, best first. Equal elements keep the order that they have in the heap. */
function bestFirst(heap: number[], worse: (a: number, b: number) => boolean): number[] {
  return heap.sort((a, b) => {
    const aWorse = worse(a, b);
    const bWorse = worse(b, a);
    return aWorse === bWorse ? 0 : aWorse ? 1 : -1;
  });
}

/** Implements limitk(): chooses the first k series in the order of the input. */
export function chooseFirst(limits: Float64Array, total: number): SeriesChoice {
  const limitOf = limited(limits, total);
  return { any: (step) => limitOf(step) >= 1, pick: (members, step) => members.slice(0, limitOf(step)) };
}

/**
 * Implements limit_ratio(): chooses a fraction of the series by the hash of their labels, the same series at every
 * evaluation time. `offsets` are the hashes, mapped to [0, 1).
 */
export const chooseShare = (ratios: Float64Array, offsets: readonly number[]): SeriesChoice => ({
  any: (step) => ratios[step] !== 0,
  pick(members, step) {
    const ratio = Math.max(-1, Math.min(1, ratios[step]!));
    return members.filter((index) => (ratio > 0 ? offsets[index]! < ratio : offsets[index]! >= 1 + ratio));
  },
});
