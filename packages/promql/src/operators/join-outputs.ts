import type { Labels } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import { floatBytes } from "./column-weight.ts";
import { ColumnArena, type OutputSeries, type SeriesColumn } from "./operator.ts";

/** A result series of a join. */
export interface JoinOutput {
  readonly series: OutputSeries;
  readonly column: SeriesColumn;
  /** Index of step 0 in the table that records results by output and step. */
  readonly claimedAt: number;
  /** Index of the first series on the "many" side, and on the "one" side; -1 if the side has only the fill value. */
  readonly many: number;
  readonly one: number;
}

/**
 * The result series of a join; each label set occurs once. While results of two sections are known to have different
 * labels, labels are searched only within the current section: creating keys for 100,000 label sets would take longer
 * than the join.
 */
export class JoinOutputs {
  readonly all: JoinOutput[] = [];
  readonly #steps: number;
  readonly #evaluation: Evaluation;
  readonly #arena: ColumnArena;
  /** Outputs of all sections by the keys of their labels; undefined while sections are known to differ. */
  #byKey: Map<string, JoinOutput> | undefined;
  /** Index of the current section's first output, and the pairs of series in this section. */
  #first = 0;
  readonly #pairs: { readonly many: number; readonly one: number; readonly output: JoinOutput }[] = [];

  constructor(steps: number, evaluation: Evaluation) {
    this.#steps = steps;
    this.#evaluation = evaluation;
    this.#arena = new ColumnArena(steps);
  }

  /**
   * Returns all outputs in the order of the "many" side. Outputs with the fill value on that side follow, in the order
   * of the "one" side.
   */
  inOrder(): readonly JoinOutput[] {
    const placeOf = ({ many }: JoinOutput): number => (many < 0 ? Number.MAX_SAFE_INTEGER : many);
    return this.all.toSorted((a, b) => placeOf(a) - placeOf(b) || a.one - b.one);
  }

  /** Begins another section. */
  begin(): void {
    this.#first = this.all.length;
    this.forgetPairs();
  }

  /** Removes the pairs so far, which do not occur again, because a search would visit all of them. */
  forgetPairs(): void {
    this.#pairs.length = 0;
  }

  /** Records that from now on results of two sections may have the same labels. */
  mix(): void {
    this.#byKey ??= new Map(this.all.map((output) => [output.series.labels.key, output]));
  }

  /** Returns the output of a pair of series in this section; undefined if the pair is new. */
  ofPair(many: number, one: number): JoinOutput | undefined {
    const { length } = this.#pairs;
    // The search begins at the end, since most steps have the pair of the previous step.
    for (let i = length - 1; i >= 0; i--) {
      const pair = this.#pairs[i]!;
      if (pair.many !== many || pair.one !== one) continue;
      this.#pairs[i] = this.#pairs[length - 1]!;
      this.#pairs[length - 1] = pair;
      return pair.output;
    }
    return undefined;
  }

  /** Adds a pair whose result has these labels. Returns its output. */
  add(many: number, one: number, labels: Labels, dropName: boolean): JoinOutput {
    const output = this.#known(labels) ?? this.#make(labels, { many, one, dropName });
    this.#pairs.push({ many, one, output });
    return output;
  }

  #known(labels: Labels): JoinOutput | undefined {
    if (this.#byKey !== undefined) return this.#byKey.get(labels.key);
    for (let i = this.#first; i < this.all.length; i++)
      if (this.all[i]!.series.labels.equals(labels)) return this.all[i];
    return undefined;
  }

  #make(
    labels: Labels,
    { many, one, dropName }: { readonly many: number; readonly one: number; readonly dropName: boolean },
  ): JoinOutput {
    const claimedAt = this.all.length * this.#steps;
    const output = { series: { labels, dropName }, column: this.#arena.next(), claimedAt, many, one };
    this.all.push(output);
    this.#byKey?.set(labels.key, output);
    this.#evaluation.budget.take(this.#steps, floatBytes(this.#steps));
    return output;
  }
}
