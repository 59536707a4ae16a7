import type { Evaluation } from "../evaluation.ts";
import { type Drained, drain, numbersOf, replay } from "./drain.ts";
import { type Grouping, groupsOf } from "./grouping.ts";
import { ABSENT, HISTOGRAM, type OutputSeries, type SeriesColumn, type VectorOperator } from "./operator.ts";

/** How one step of one group chooses among its series. */
export interface Choice {
  /** Is anything at all chosen at this step? Where not, nobody looks at the series. */
  any(step: number): boolean;
  /** `members` are series numbers in input order. */
  pick(members: readonly number[], step: number, valueOf: (series: number) => number): readonly number[];
}

/** A number of series as aggregations take it: whole, and no more than there are. */
const limited = (limits: Float64Array, total: number) => (step: number) => Math.min(Math.trunc(limits[step]!), total);

/**
 * topk, bottomk, limitk, limit_ratio: series as they came, at the steps where they are chosen. An instant query keeps
 * the order of the choice.
 */
export function choose(
  input: VectorOperator,
  steps: number,
  grouping: Grouping,
  evaluation: Evaluation,
  prepareChoice: (signal: AbortSignal, series: readonly OutputSeries[]) => Promise<Choice | undefined>,
  onHistogram: (() => void) | undefined,
): VectorOperator {
  let held: Pick<VectorOperator, "next"> | undefined;
  return {
    async prepare(signal) {
      const drained = await drain(input, steps, evaluation, signal);
      const choice = await prepareChoice(signal, drained.series);
      const chosen =
        choice === undefined
          ? NOTHING
          : chooseSeries(drained, await numbersOf(drained, groupsOf(grouping), evaluation), steps, choice, onHistogram);
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

const NOTHING: Drained = { series: [], columns: [], weights: [] };

function chooseSeries(
  { series, columns, weights }: Drained,
  groups: readonly number[],
  steps: number,
  choice: Choice,
  onHistogram: (() => void) | undefined,
): Drained {
  const members: number[][] = [];
  groups.forEach((group, index) => (members[group] ??= []).push(index));
  const keep = new Uint8Array(columns.length * steps);
  const order: number[] = [];
  const present: number[] = [];
  for (let step = 0; step < steps; step++) {
    const valueOf = (index: number): number => columns[index]!.values[step]!;
    for (const group of members) {
      present.length = 0;
      if (!choice.any(step)) continue;
      for (const index of group) if (takesPart(columns[index]!, step, onHistogram)) present.push(index);
      const picked = choice.pick(present, step, valueOf);
      for (const index of picked) keep[index * steps + step] = 1;
      if (steps === 1) for (const index of picked) order.push(index);
    }
  }
  columns.forEach((column, index) => {
    for (let step = 0; step < steps; step++) if (keep[index * steps + step] === 0) column.present[step] = ABSENT;
  });
  if (steps > 1) return { series, columns, weights };
  return {
    series: order.map((index) => series[index]!),
    columns: order.map((index) => columns[index]!),
    weights: order.map(() => 1),
  };
}

function takesPart(column: SeriesColumn, step: number, onHistogram: (() => void) | undefined): boolean {
  if (column.present[step] === ABSENT) return false;
  if (column.present[step] !== HISTOGRAM || onHistogram === undefined) return true;
  onHistogram();
  return false;
}

/**
 * The k largest (or smallest) of a step, best first, NaN last. A heap with the worst at its root, so that of equals
 * the earlier ones stay.
 */
export function chooseExtremes(limits: Float64Array, total: number, largest: boolean): Choice {
  const limitOf = limited(limits, total);
  const pick: Choice["pick"] = (members, step, valueOf) => {
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

/** Stable: equals keep the heap's order. */
function bestFirst(heap: number[], worse: (a: number, b: number) => boolean): number[] {
  return heap.sort((a, b) => {
    const aWorse = worse(a, b);
    const bWorse = worse(b, a);
    return aWorse === bWorse ? 0 : aWorse ? 1 : -1;
  });
}

/** The first k of a step in input order. */
export function chooseFirst(limits: Float64Array, total: number): Choice {
  const limitOf = limited(limits, total);
  return { any: (step) => limitOf(step) >= 1, pick: (members, step) => members.slice(0, limitOf(step)) };
}

/** A share of the series, by the hash of their labels: the same ones at every step. `offsets` lie in [0, 1). */
export const chooseShare = (ratios: Float64Array, offsets: readonly number[]): Choice => ({
  any: (step) => ratios[step] !== 0,
  pick(members, step) {
    const ratio = Math.max(-1, Math.min(1, ratios[step]!));
    return members.filter((index) => (ratio > 0 ? offsets[index]! < ratio : offsets[index]! >= 1 + ratio));
  },
});
