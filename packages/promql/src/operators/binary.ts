import { compareBytewise, type FloatHistogram, Labels } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import { executionError, SAME_LABELSET } from "../query-error.ts";
import type { BinaryExpr, VectorMatching } from "../syntax/ast.ts";
import { type MaterializedVector, materialize, numbersOf, release, replay } from "./materialized-vector.ts";
import { arithmeticOf, comparisonOf, histogramOperation, incompatibleTypes, isArithmetic } from "./element.ts";
import { matchLabels, signaturesOf } from "./matching.ts";
import {
  ABSENT,
  ColumnArena,
  FLOAT,
  HISTOGRAM,
  type OutputSeries,
  type SeriesColumn,
  type VectorOperator,
  histogramSlots,
  distinctList,
} from "./operator.ts";
import { isMetadataLabel } from "./metadata-labels.ts";
import { labelOf } from "./stored-series.ts";
import type { GroupIds } from "./group-ids.ts";
import { StepAnnotations } from "./step-annotations.ts";

/** vector op vector, one-to-one or with one side grouped. Both sides are read in full before the first result. */
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

interface Output {
  readonly series: OutputSeries;
  readonly column: SeriesColumn;
  /** Where a side is grouped: place of step 0 among what was claimed. */
  readonly claimedAt: number;
}

/** The element of a step on the "many" or the "one" side; index -1 stands for the fill value. */
interface Side {
  readonly series: readonly OutputSeries[];
  readonly columns: readonly SeriesColumn[];
  /** Series numbers by match group. */
  readonly groups: number[][];
}

class VectorJoin {
  readonly #expr: BinaryExpr;
  readonly #matching: VectorMatching;
  readonly #steps: number;
  readonly #evaluation: Evaluation;
  /** The side that may have several elements per group; the left one, but for one-to-many. */
  readonly #many: Side;
  readonly #one: Side;
  readonly #swapped: boolean;
  readonly #fillMany: number | null;
  readonly #fillOne: number | null;
  readonly #groupCount: number;
  /** Steps at which anything can match. */
  readonly #active: Uint8Array;
  readonly #outputs = new Map<string, Output>();
  readonly #annotations: StepAnnotations;
  readonly #arena: ColumnArena;
  /** Where a side is grouped, by output and step: 1 + match group that has claimed it, also where a comparison then did not hold. */
  #claimed = new Int32Array(0);
  /** Which labels of the "many" side a result has. */
  readonly #keeps: (name: string) => boolean;
  /** Labels it has of the "one" side, sorted. */
  readonly #included: readonly string[];
  /** Of the group at work: which steps have a match, and who is its element on the "one" side. */
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
    this.#annotations = new StepAnnotations(steps);
    this.#arena = new ColumnArena(steps);
    this.#matched = new Uint8Array(steps);
    this.#partner = new Int32Array(steps);
    this.#swapped = matching.card === "one-to-many";
    this.#many = this.#swapped ? right : left;
    this.#one = this.#swapped ? left : right;
    // fill() speaks of the left and the right side as written, but as matched once sides are swapped.
    this.#fillMany = matching.fillLeft;
    this.#fillOne = matching.fillRight;
    this.#groupCount = groupCount;
    this.#keeps = this.#keptLabels();
    this.#included = [...new Set(matching.include)].sort(compareBytewise);
    this.#active = activeSteps(left, right, steps, matching.fillLeft !== null || matching.fillRight !== null);
  }

  async run(): Promise<MaterializedVector> {
    for (let group = 0; group < this.#groupCount; group++) {
      this.#joinGroup(group);
      const pause = this.#evaluation.yieldToEventLoop();
      if (pause !== undefined) await pause;
    }
    if (this.#error !== undefined) throw executionError(this.#error.message);
    this.#annotations.flush(this.#evaluation.annotations, this.#expr.position);
    const outputs = [...this.#outputs.values()];
    return {
      series: outputs.map(({ series }) => series),
      columns: outputs.map(({ column }) => column),
      weights: outputs.map(() => this.#steps),
    };
  }

  /** Of several errors the one that comes first going step by step counts: the "one" side's, then the "many" side's. */
  #fail(step: number, rank: number, message: string): void {
    const known = this.#error;
    if (known !== undefined && (known.step < step || (known.step === step && known.rank <= rank))) return;
    this.#error = { step, rank, message };
  }

  #joinGroup(group: number): void {
    const one = this.#one.groups[group] ?? [];
    const many = this.#many.groups[group] ?? [];
    if (one.length === 0 && this.#fillOne === null) return;
    const partner = this.#partners(one);
    if (many.length === 0 && this.#fillMany === null) return;
    const matched = this.#matched.fill(0);
    for (const index of many) {
      const { present } = this.#many.columns[index]!;
      for (let step = 0; step < this.#steps; step++) {
        if (present[step] === ABSENT || this.#active[step] === 0) continue;
        const other = partner[step]!;
        if (other >= 0 || this.#fillOne !== null) this.#joinElements(group, index, other, step, matched);
      }
    }
    if (this.#fillMany === null) return;
    for (let step = 0; step < this.#steps; step++) {
      if (matched[step] === 0 && this.#active[step] === 1 && partner[step]! >= 0) {
        this.#joinElements(group, -1, partner[step]!, step, matched);
      }
    }
  }

  /** The only element of the "one" side at each step, -1 where there is none. */
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
    const place = manyIndex < 0 ? this.#many.series.length + oneIndex : manyIndex;
    const result = this.#swapped
      ? this.#compute(oneValue, manyValue, oneHistogram, manyHistogram, step, place)
      : this.#compute(manyValue, oneValue, manyHistogram, oneHistogram, step, place);
    if (result === undefined) return;
    const output = this.#outputFor(manyIndex, oneIndex);
    if (!this.#claim(output, group, step, matched, this.#one.series.length + place)) return;
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

  #compute(
    left: number,
    right: number,
    leftHistogram: FloatHistogram | undefined,
    rightHistogram: FloatHistogram | undefined,
    step: number,
    place: number,
  ): { value: number; histogram: FloatHistogram | undefined; keep: boolean } | undefined {
    const { op } = this.#expr;
    if (leftHistogram !== undefined || rightHistogram !== undefined) {
      const found = histogramOperation(op, leftHistogram, rightHistogram, left, right);
      if (found.annotation !== undefined) this.#annotations.add(step, found.annotation, place);
      return found.failed ? undefined : { value: 0, histogram: found.histogram, keep: found.keep };
    }
    const compute = arithmeticOf(op);
    if (compute !== undefined) return { value: compute(left, right), histogram: undefined, keep: true };
    const compare = comparisonOf(op);
    if (compare !== undefined) return { value: left, histogram: undefined, keep: compare(left, right) };
    this.#annotations.add(step, incompatibleTypes("float", op, "float"), place);
    return undefined;
  }

  /** Makes sure that a group yields each label set once per step. */
  #claim(output: Output, group: number, step: number, matched: Uint8Array, rank: number): boolean {
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

  readonly #outputByPair = new Map<number, Output>();

  #outputFor(manyIndex: number, oneIndex: number): Output {
    const pair = (manyIndex + 1) * (this.#one.series.length + 1) + oneIndex + 1;
    const known = this.#outputByPair.get(pair);
    if (known !== undefined) return known;
    const labels = this.#resultLabels(manyIndex, oneIndex);
    const claimedAt = this.#outputs.size * this.#steps;
    let output = this.#outputs.get(labels.key);
    if (output === undefined) {
      output = {
        series: { labels, dropName: this.#expr.returnBool },
        column: this.#arena.next(),
        claimedAt,
      };
      if (this.#matching.card !== "one-to-one") this.#claimed = withRoom(this.#claimed, claimedAt + this.#steps);
      this.#outputs.set(labels.key, output);
      this.#evaluation.budget.take(this.#steps);
    }
    this.#outputByPair.set(pair, output);
    return output;
  }

  #keptLabels(): (name: string) => boolean {
    const { card, labels, on } = this.#matching;
    const nameless =
      isArithmetic(this.#expr.op) || (this.#expr.returnBool && !this.#evaluation.features.delayedNameRemoval);
    if (card !== "one-to-one") return (name) => !nameless || !isMetadataLabel(name);
    return (name) => (!nameless || !isMetadataLabel(name)) && labels.includes(name) === on;
  }

  #resultLabels(manyIndex: number, oneIndex: number): Labels {
    const one = oneIndex < 0 ? undefined : this.#one.series[oneIndex]!;
    const many = manyIndex < 0 ? undefined : this.#many.series[manyIndex]!;
    const labels = many?.labels ?? matchLabels(one!.labels, this.#matching);
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
        if (value !== "") joined.push(included[next]!, value);
        next++;
      }
      if (order <= 0) at += 2;
    }
    return Labels.fromSortedPairs(joined);
  }
}

/** The same or longer columns, with at least so many slots. */
function withRoom(slots: Int32Array<ArrayBuffer>, count: number): Int32Array<ArrayBuffer> {
  if (count <= slots.length) return slots;
  const more = new Int32Array(Math.max(count, slots.length * 2));
  more.set(slots);
  return more;
}

/** Then the numbers of their labels need not be made comparable. */
const areOfOneSelection = ({ list: left }: MaterializedVector, { list: right }: MaterializedVector): boolean =>
  left?.stored !== undefined &&
  left.stored.sets === right?.stored?.sets &&
  left.stored.nameless === right.stored.nameless;

async function sideOf(drained: MaterializedVector, signatures: GroupIds, evaluation: Evaluation): Promise<Side> {
  const groups: number[][] = [];
  const numbers = await numbersOf(drained, signatures, evaluation);
  numbers.forEach((number, index) => (groups[number] ??= []).push(index));
  return { series: drained.series, columns: drained.columns, groups };
}

/** Without fill values nothing matches, and nothing can go wrong, at steps where either side is empty. */
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
