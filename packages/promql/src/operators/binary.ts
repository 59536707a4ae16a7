import { compareBytewise, type FloatHistogram, Labels, METRIC_NAME } from "@narthex/model";
import { HeldMemory } from "../budget.ts";
import type { Evaluation } from "../evaluation.ts";
import { executionError, SAME_LABELSET } from "../query-error.ts";
import type { BinaryExpr, VectorMatching } from "../syntax/ast.ts";
import {
  type MaterializedVector,
  filledResult,
  materialize,
  numbersOf,
  release,
  replay,
} from "./materialized-vector.ts";
import {
  arithmeticOf,
  comparisonOf,
  histogramOperation,
  incompatibleTypes,
  isArithmetic,
  type NumberComparison,
  type NumberOperation,
} from "./element.ts";
import { matchLabels, signaturesOf } from "./matching.ts";
import {
  ABSENT,
  FLOAT,
  HISTOGRAM,
  type OutputList,
  type OutputSeries,
  type SeriesColumn,
  type VectorOperator,
  histogramSlots,
  distinctList,
} from "./operator.ts";
import { arithmeticKernel, comparisonKernel, type FloatKernel } from "./float-kernels.ts";
import { isMetadataLabel } from "./metadata-labels.ts";
import { JoinOutputs, type JoinOutput } from "./join-outputs.ts";
import { differWithoutNames, labelOf } from "./stored-series.ts";
import type { GroupIds } from "./group-ids.ts";
import { StepAnnotations } from "./step-annotations.ts";

/**
 * Implements "vector op vector", with one-to-one, many-to-one or one-to-many matching. Both sides are read completely
 * before the first result.
 */
export function binary(
  lhs: VectorOperator,
  rhs: VectorOperator,
  expr: BinaryExpr,
  steps: number,
  evaluation: Evaluation,
): VectorOperator {
  let held: Pick<VectorOperator, "next"> | undefined;
  return {
    async prepare(signal) {
      const left = await materialize(lhs, steps, evaluation, signal);
      const right = await materialize(rhs, steps, evaluation, signal);
      const signatures = signaturesOf(expr.matching!, areOfOneSelection(left, right));
      const sides = [await sideOf(left, signatures, evaluation), await sideOf(right, signatures, evaluation)] as const;
      const join = new VectorJoin(expr, sides, signatures.count, steps, evaluation);
      const result = await join.run();
      release(left, evaluation);
      release(right, evaluation);
      held = replay(result, evaluation);
      return distinctList([...result.series]);
    },
    next: (out) => held?.next(out) ?? false,
    close() {
      held = undefined;
      lhs.close();
      rhs.close();
    },
  };
}

/** One side of a vector match. If the index of a series is -1, the fill value replaces the missing element. */
interface Side {
  readonly series: readonly OutputSeries[];
  /** The result list of the operator, if all series come from the same operator; otherwise undefined. */
  readonly list: OutputList | undefined;
  readonly columns: readonly SeriesColumn[];
  /** For each match group, the indexes of its series. A match group contains the series with equal matching labels. */
  readonly groups: number[][];
}

class VectorJoin {
  readonly #expr: BinaryExpr;
  readonly #matching: VectorMatching;
  readonly #steps: number;
  readonly #evaluation: Evaluation;
  /**
   * The side of the match that may have several elements in a group of equal matching labels: the right side for
   * one-to-many, otherwise the left side.
   */
  readonly #many: Side;
  readonly #one: Side;
  readonly #swapped: boolean;
  readonly #fillMany: number | null;
  readonly #fillOne: number | null;
  readonly #groupCount: number;
  /** Marks the evaluation times at which elements can match. */
  readonly #active: Uint8Array;
  readonly #outputs: JoinOutputs;
  readonly #annotations: StepAnnotations;
  /** Computes the operator for two floats; undefined if the operator is not arithmetic. */
  readonly #compute: NumberOperation | undefined;
  readonly #compare: NumberComparison | undefined;
  /** Computes the operator for two series of floats; undefined if the operator cannot combine floats. */
  readonly #kernel: FloatKernel | undefined;
  /**
   * Whether the operator is a comparison without `bool`. Such a comparison returns the left values for which the
   * comparison is true.
   */
  readonly #filters: boolean;
  /**
   * For the current pair of series: marks the evaluation times at which both have a float, and at which a comparison
   * without `bool` is true.
   */
  readonly #marks: Uint8Array<ArrayBuffer>;
  readonly #held: Float64Array<ArrayBuffer>;
  readonly #nameless: boolean;
  /**
   * Two facts about the labels of group_left or group_right. `#hasIncluded`: whether some series of the "many" side
   * have such a label. `#lacksIncluded`: whether some series get such a label from the "one" side.
   */
  #hasIncluded = false;
  #lacksIncluded = false;
  /** Whether series of the "many" side are known to have different labels even without their metric names. */
  readonly #differsNameless: boolean;
  /**
   * For many-to-one matching, a table by result series and evaluation time. An entry is 1 + the match group that has a
   * result at this time, even if a comparison was false.
   */
  #claimed = new Int32Array(0);
  readonly #memory: HeldMemory;
  /** Returns whether the result keeps a label of the "many" side. */
  readonly #keeps: (name: string) => boolean;
  /** Labels that the result gets from the "one" side, sorted. */
  readonly #included: readonly string[];
  /**
   * For the current match group: the evaluation times with a match, and the index of the matching "one" series at each
   * time.
   */
  readonly #matched: Uint8Array<ArrayBuffer>;
  readonly #partner: Int32Array<ArrayBuffer>;
  #error: { readonly step: number; readonly rank: number; readonly message: string } | undefined;

  constructor(
    expr: BinaryExpr,
    [left, right]: readonly [Side, Side],
    groupCount: number,
    steps: number,
    evaluation: Evaluation,
  ) {
    const matching = expr.matching!;
    this.#expr = expr;
    this.#matching = matching;
    this.#steps = steps;
    this.#evaluation = evaluation;
    this.#memory = new HeldMemory(evaluation.budget);
    this.#annotations = new StepAnnotations(steps);
    this.#matched = new Uint8Array(steps);
    this.#partner = new Int32Array(steps);
    this.#swapped = matching.card === "one-to-many";
    this.#many = this.#swapped ? right : left;
    this.#one = this.#swapped ? left : right;
    // fillLeft always belongs to the "many" side, which is the right side of the query for one-to-many matching.
    this.#fillMany = matching.fillLeft;
    this.#fillOne = matching.fillRight;
    this.#groupCount = groupCount;
    this.#compute = arithmeticOf(expr.op);
    this.#compare = comparisonOf(expr.op);
    this.#kernel = arithmeticKernel(expr.op) ?? comparisonKernel(expr.op);
    this.#marks = new Uint8Array(steps);
    this.#filters = this.#compare !== undefined && !expr.returnBool;
    this.#held = new Float64Array(this.#filters ? steps : 0);
    this.#nameless = isArithmetic(expr.op) || (expr.returnBool && !evaluation.features.delayedNameRemoval);
    this.#differsNameless = this.#nameless && matching.card !== "one-to-one" && differsNameless(this.#many.list);
    this.#outputs = new JoinOutputs(steps, evaluation);
    if (!this.#keepsApart()) this.#outputs.mix();
    this.#keeps = this.#keptLabels();
    this.#included = [...new Set(matching.include)].sort(compareBytewise);
    this.#active = activeSteps(left, right, steps, matching.fillLeft !== null || matching.fillRight !== null);
  }

  async run(): Promise<MaterializedVector> {
    for (let group = 0; group < this.#groupCount; group++) {
      for (const _step of this.#joinGroup(group)) {
        const pause = this.#evaluation.yieldToEventLoop();
        if (pause !== undefined) await pause;
      }
    }
    if (this.#error !== undefined) throw executionError(this.#error.message);
    this.#annotations.flush(this.#evaluation.annotations, this.#expr.position);
    this.#memory.release();
    // Sorts the results of an instant query, because instant queries return them in this order and topk uses it for
    // equal values. Results of range queries are sorted at the end.
    const outputs = this.#steps === 1 ? this.#outputs.inOrder() : this.#outputs.all;
    return filledResult(
      outputs.map(({ series }) => series),
      outputs.map(({ column }) => column),
      this.#steps,
      this.#evaluation,
    );
  }

  /**
   * Records an error. The error with the earliest evaluation time is reported. At equal times, errors of the "one" side
   * take precedence over errors of the "many" side.
   */
  #fail(step: number, rank: number, message: string): void {
    const known = this.#error;
    if (known !== undefined && (known.step < step || (known.step === step && known.rank <= rank))) return;
    this.#error = { step, rank, message };
  }

  /**
   * Computes the results of a match group. The generator yields after each series of the "many" side, because a single
   * group may contain all series.
   */
  *#joinGroup(group: number): Generator<void> {
    yield;
    const one = this.#one.groups[group] ?? [];
    const many = this.#many.groups[group] ?? [];
    if (one.length === 0 && this.#fillOne === null) return;
    // Leaves the list of partners empty if the "one" side has a single series, because #joinFloats() does not need the
    // list. The list is created when #joinFloats() cannot join a series.
    let partner = one.length === 1 && this.#kernel !== undefined ? undefined : this.#partners(one);
    if (many.length === 0 && this.#fillMany === null) return;
    const matched = this.#matched.fill(0);
    const oneToOne = this.#matching.card === "one-to-one";
    this.#outputs.begin();
    for (const index of many) {
      // Stops searching results of earlier series in one-to-one matching, because the results of two "many" series
      // never have equal labels.
      if (oneToOne) this.#outputs.forgetPairs();
      else this.#outputs.begin();
      yield;
      if (one.length === 1 && this.#joinFloats(group, index, one[0]!, matched)) continue;
      const { present } = this.#many.columns[index]!;
      partner ??= this.#partners(one);
      for (let step = 0; step < this.#steps; step++) {
        if (present[step] === ABSENT || this.#active[step] === 0) continue;
        const other = partner[step]!;
        if (other >= 0 || this.#fillOne !== null) this.#joinElements(group, index, other, step, matched);
      }
    }
    if (this.#fillMany === null) return;
    partner ??= this.#partners(one);
    for (let step = 0; step < this.#steps; step++) {
      if (matched[step] === 0 && this.#active[step] === 1 && partner[step]! >= 0) {
        this.#joinElements(group, -1, partner[step]!, step, matched);
      }
    }
  }

  /**
   * Computes the result for two series of floats that match at every evaluation time. Returns false for other series.
   */
  #joinFloats(group: number, manyIndex: number, oneIndex: number, matched: Uint8Array): boolean {
    const many = this.#many.columns[manyIndex]!;
    const one = this.#one.columns[oneIndex]!;
    if (this.#kernel === undefined) return false;
    if (this.#fillOne !== null || this.#fillMany !== null) return false;
    if (many.histograms !== undefined || one.histograms !== undefined) return false;
    const marks = this.#marks;
    let output: JoinOutput | undefined;
    for (let step = 0; step < this.#steps; step++) {
      // Marks the evaluation times at which both sides have a sample and elements can match.
      marks[step] = many.present[step]! & one.present[step]!;
      if (marks[step] === ABSENT) continue;
      output ??= this.#outputFor(manyIndex, oneIndex);
      if (!this.#claim(output, group, step, matched, this.#one.series.length + manyIndex)) marks[step] = ABSENT;
    }
    if (output !== undefined) this.#computeFloats(many.values, one.values, output, this.#kernel);
    return true;
  }

  /** Computes the results at the marked evaluation times. Removes the marks of evaluation times without a result. */
  #computeFloats(many: Float64Array, one: Float64Array, { column }: JoinOutput, kernel: FloatKernel): void {
    const marks = this.#marks;
    const [left, right] = this.#swapped ? [one, many] : [many, one];
    const filters = this.#filters;
    if (filters) kernel(left, right, marks, this.#held);
    for (let step = 0; step < this.#steps; step++) {
      if (marks[step] === ABSENT) continue;
      if (filters && this.#held[step] === 0) {
        marks[step] = ABSENT;
      } else if (column.present[step] === ABSENT) {
        column.present[step] = FLOAT;
        if (filters) column.values[step] = left[step]!;
      } else {
        this.#fail(step, Infinity, SAME_LABELSET);
        marks[step] = ABSENT;
      }
    }
    if (!filters) kernel(left, right, marks, column.values);
  }

  /** Returns, for each evaluation time, the index of the only series on the "one" side that has a sample, or -1. */
  #partners(one: readonly number[]): Int32Array {
    const partner = this.#partner.fill(-1);
    for (const index of one) {
      const { present } = this.#one.columns[index]!;
      for (let step = 0; step < this.#steps; step++) {
        if (present[step] === ABSENT || this.#active[step] === 0) continue;
        if (partner[step] !== -1) this.#fail(step, index, this.#duplicateMessage(partner[step]!, index));
        else partner[step] = index;
      }
    }
    return partner;
  }

  #duplicateMessage(first: number, second: number): string {
    const { series } = this.#one;
    const group = matchLabels(series[second]!.labels, this.#matching);
    const names = [series[first]!.labels.toString(), series[second]!.labels.toString()].sort();
    return (
      `found duplicate series for the match group ${group.toString()} on the ${this.#swapped ? "left" : "right"} hand-side ` +
      `of the operation: [${names.join(", ")}];many-to-many matching not allowed: matching labels must be unique on one side`
    );
  }

  #joinElements(group: number, manyIndex: number, oneIndex: number, step: number, matched: Uint8Array): void {
    const many = manyIndex < 0 ? undefined : this.#many.columns[manyIndex]!;
    const one = oneIndex < 0 ? undefined : this.#one.columns[oneIndex]!;
    const manyValue = many === undefined ? this.#fillMany! : many.values[step]!;
    const oneValue = one === undefined ? this.#fillOne! : one.values[step]!;
    const manyHistogram = many?.present[step] === HISTOGRAM ? many.histograms![step]! : undefined;
    const oneHistogram = one?.present[step] === HISTOGRAM ? one.histograms![step]! : undefined;
    const row = manyIndex < 0 ? this.#many.series.length + oneIndex : manyIndex;
    const result = this.#swapped
      ? this.#combine(oneValue, manyValue, oneHistogram, manyHistogram, step, row)
      : this.#combine(manyValue, oneValue, manyHistogram, oneHistogram, step, row);
    if (result === undefined) return;
    const output = this.#outputFor(manyIndex, oneIndex);
    if (!this.#claim(output, group, step, matched, this.#one.series.length + row)) return;
    if (!result.keep && !this.#expr.returnBool) return;
    if (output.column.present[step] !== ABSENT) {
      this.#fail(step, Infinity, SAME_LABELSET);
      return;
    }
    if (this.#expr.returnBool) {
      output.column.values[step] = result.keep ? 1 : 0;
      output.column.present[step] = FLOAT;
    } else if (result.histogram !== undefined) {
      (output.column.histograms ??= histogramSlots(this.#steps))[step] = result.histogram;
      output.column.present[step] = HISTOGRAM;
    } else {
      output.column.values[step] = result.value;
      output.column.present[step] = FLOAT;
    }
  }

  #combine(
    left: number,
    right: number,
    leftHistogram: FloatHistogram | undefined,
    rightHistogram: FloatHistogram | undefined,
    step: number,
    row: number,
  ): { value: number; histogram: FloatHistogram | undefined; keep: boolean } | undefined {
    const { op } = this.#expr;
    if (leftHistogram !== undefined || rightHistogram !== undefined) {
      const found = histogramOperation(op, leftHistogram, rightHistogram, left, right);
      if (found.annotation !== undefined) this.#annotations.add(step, found.annotation, row);
      return found.failed ? undefined : { value: 0, histogram: found.histogram, keep: found.keep };
    }
    const [compute, compare] = [this.#compute, this.#compare];
    if (compute !== undefined) return { value: compute(left, right), histogram: undefined, keep: true };
    if (compare !== undefined) return { value: left, histogram: undefined, keep: compare(left, right) };
    this.#annotations.add(step, incompatibleTypes("float", op, "float"), row);
    return undefined;
  }

  /**
   * Records at which evaluation times a result series has samples of a match group. Reports an error if a label set
   * would occur twice at a time.
   */
  #claim(output: JoinOutput, group: number, step: number, matched: Uint8Array, rank: number): boolean {
    const oneToOne = this.#matching.card === "one-to-one";
    const taken = oneToOne ? matched[step] === 1 : this.#claimed[output.claimedAt + step] === group + 1;
    if (taken) {
      this.#fail(
        step,
        rank,
        oneToOne
          ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
          : "multiple matches for labels: grouping labels must ensure unique matches",
      );
      return false;
    }
    matched[step] = 1;
    if (!oneToOne) this.#claimed[output.claimedAt + step] = group + 1;
    return true;
  }

  #outputFor(manyIndex: number, oneIndex: number): JoinOutput {
    const known = this.#outputs.ofPair(manyIndex, oneIndex);
    if (known !== undefined) return known;
    const labels = this.#resultLabels(manyIndex, oneIndex);
    const output = this.#outputs.add(manyIndex, oneIndex, labels, this.#expr.returnBool);
    if (this.#matching.card !== "one-to-one") {
      this.#claimed = withRoom(this.#claimed, output.claimedAt + this.#steps);
      this.#memory.growTo(this.#claimed.byteLength);
    }
    return output;
  }

  /**
   * Returns whether results of different match groups certainly have different labels. For many-to-one matching,
   * returns this for results of different "many" series. Results contain the matching labels, except dropped names.
   */
  #keepsApart(): boolean {
    const { card, on, labels } = this.#matching;
    if (this.#fillMany !== null || this.#fillOne !== null) return false;
    if (card !== "one-to-one") return this.#many.list?.distinct === true;
    return !(this.#nameless && on && labels.some(isMetadataLabel));
  }

  /** Records which labels were dropped. Series that differ only in these labels may now have equal labels. */
  #noteDropped({ pairs }: Labels): void {
    const oneToOne = this.#matching.card === "one-to-one";
    if (!this.#nameless || (!oneToOne && this.#differsNameless)) return;
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i]!;
      // Ignores a dropped metric name in one-to-one matching: series that differ only in the name are in one match
      // group, unless `on` contains the name. The constructor handles that exception.
      if (isMetadataLabel(name) && !(oneToOne && name === METRIC_NAME)) this.#outputs.mix();
    }
  }

  /**
   * Records that labels were copied from the "one" side. Series of the "many" side that differ only in a copied label
   * may now have equal labels.
   */
  #noteIncluded(own: string, lent: string): void {
    if (own !== "") this.#hasIncluded = true;
    else if (lent !== "") this.#lacksIncluded = true;
    if ((own !== "" && lent !== own) || (this.#hasIncluded && this.#lacksIncluded)) this.#outputs.mix();
  }

  #keptLabels(): (name: string) => boolean {
    const { card, labels, on } = this.#matching;
    const nameless = this.#nameless;
    if (card !== "one-to-one") return (name) => !nameless || !isMetadataLabel(name);
    return (name) => (!nameless || !isMetadataLabel(name)) && labels.includes(name) === on;
  }

  #resultLabels(manyIndex: number, oneIndex: number): Labels {
    const one = oneIndex < 0 ? undefined : this.#one.series[oneIndex]!;
    const many = manyIndex < 0 ? undefined : this.#many.series[manyIndex]!;
    const labels = many?.labels ?? matchLabels(one!.labels, this.#matching);
    this.#noteDropped(labels);
    const included = this.#included;
    if (included.length === 0) return labels.filter(this.#keeps);
    const other = one ?? { labels: matchLabels(many!.labels, this.#matching), dropName: false };
    const { pairs } = labels;
    const joined: string[] = [];
    let next = 0;
    for (let at = 0; at < pairs.length || next < included.length;) {
      const name = at < pairs.length ? pairs[at]! : undefined;
      const order = next === included.length ? -1 : name === undefined ? 1 : compareBytewise(name, included[next]!);
      if (order < 0) {
        if (this.#keeps(name!)) joined.push(name!, pairs[at + 1]!);
      } else {
        const value = labelOf(other, included[next]!);
        this.#noteIncluded(order === 0 ? pairs[at + 1]! : "", value);
        if (value !== "") joined.push(included[next]!, value);
        next++;
      }
      if (order <= 0) at += 2;
    }
    return Labels.fromSortedPairs(joined);
  }
}

/** Returns an array with room for at least `count` numbers. This is `slots` itself or a larger copy. */
function withRoom(slots: Int32Array<ArrayBuffer>, count: number): Int32Array<ArrayBuffer> {
  if (count <= slots.length) return slots;
  const more = new Int32Array(Math.max(count, slots.length * 2));
  more.set(slots);
  return more;
}

/** Returns whether all series of a list have different labels even without metric name, type and unit. */
const differsNameless = (list: OutputList | undefined): boolean =>
  list?.stored !== undefined && (list.stored.nameless || differWithoutNames(list.stored.sets));

/**
 * Returns whether both sides come from the same selection of stored series. The stored numbers of labels can then be
 * compared instead of the labels.
 */
const areOfOneSelection = ({ list: left }: MaterializedVector, { list: right }: MaterializedVector): boolean =>
  left?.stored !== undefined &&
  left.stored.sets === right?.stored?.sets &&
  left.stored.nameless === right.stored.nameless;

async function sideOf(drained: MaterializedVector, signatures: GroupIds, evaluation: Evaluation): Promise<Side> {
  const groups: number[][] = [];
  const numbers = await numbersOf(drained, signatures, evaluation);
  numbers.forEach((number, index) => (groups[number] ??= []).push(index));
  return { series: drained.series, list: drained.list, columns: drained.columns, groups };
}

/**
 * Returns the evaluation times at which elements can match. Without fill values, these are the times at which neither
 * side is empty.
 */
function activeSteps(left: Side, right: Side, steps: number, filled: boolean): Uint8Array {
  const anywhere = ({ columns }: Side): Uint8Array => {
    const marks = new Uint8Array(steps);
    for (const { present } of columns)
      for (let step = 0; step < steps; step++) if (present[step] !== ABSENT) marks[step] = 1;
    return marks;
  };
  const active = anywhere(left);
  const other = anywhere(right);
  for (let step = 0; step < steps; step++) {
    active[step] = filled ? active[step]! | other[step]! : active[step]! & other[step]!;
  }
  return active;
}
