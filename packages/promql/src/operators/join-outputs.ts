import type { Labels } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import { floatBytes } from "./column-weight.ts";
import { ColumnArena, type OutputSeries, type SeriesColumn } from "./operator.ts";

export interface JoinOutput {
  readonly series: OutputSeries;
  readonly column: SeriesColumn;
  /** Position of the series in the table `#claimed` of the operator. */
  readonly claimedAt: number;
  /** Indexes of the input series of the "many" and the "one" side that first gave this series; -1 for a fill value. */
  readonly many: number;
  readonly one: number;
}

/**
 * The result series of a binary operator between two vectors, without repeated label sets. While results of different
 * sections are known to differ, equal labels are searched only within a section, because creating keys for 100,000
 * label sets would take longer than the operator.
 */
export class JoinOutputs {
  readonly all: JoinOutput[] = [];
  readonly #steps: number;
  readonly #evaluation: Evaluation;
  readonly #arena: ColumnArena;
  /** Result series by labels. Undefined while results of different sections are known to have different labels. */
  #byKey: Map<string, JoinOutput> | undefined;
  /** Index of the current section's first result series. `#pairs` has the pairs of input series in this section. */
  #first = 0;
  readonly #pairs: { readonly many: number; readonly one: number; readonly output: JoinOutput }[] = [];

  constructor(steps: number, evaluation: Evaluation) {
    this.#steps = steps;
    this.#evaluation = evaluation;
    this.#arena = new ColumnArena(steps);
  }

  /**
   * Returns all result series in the order of the "many" side. Results that use a fill value instead of a "many" series
   * come last, in the order of the "one" side.
   */
  inOrder(): readonly JoinOutput[] {
    const placeOf = ({ many }: JoinOutput): number => (many < 0 ? Number.MAX_SAFE_INTEGER : many);
    return this.all.toSorted((a, b) => placeOf(a) - placeOf(b) || a.one - b.one);
  }

  /** Begins the next section of results. Later searches ignore the pairs of earlier sections. */
  begin(): void {
    this.#first = this.all.length;
    this.forgetPairs();
  }

  /**
   * Forgets all pairs of input series that were added before this call. Such pairs do not occur again, and searches would visit all of them.
   */
  forgetPairs(): void {
    this.#pairs.length = 0;
  }

  /**
   * Makes searches compare the labels of all sections. Must be called when results of different sections may have equal
   * labels.
   */
  mix(): void {
    this.#byKey ??= new Map(this.all.map((output) => [output.series.labels.key, output]));
  }

  /** Returns the result series of a pair of input series in the current section; undefined for a new pair. */
  ofPair(many: number, one: number): JoinOutput | undefined {
    const { length } = this.#pairs;
    // Searches from the end, because the pair is usually the same as at the previous evaluation time.
    for (let i = length - 1; i >= 0; i--) {
      const pair = this.#pairs[i]!;
      if (pair.many !== many || pair.one !== one) continue;
      this.#pairs[i] = this.#pairs[length - 1]!;
      this.#pairs[length - 1] = pair;
      return pair.output;
    }
    return undefined;
  }

  /** Adds a pair of input series whose result has the given labels. Returns the result series. */
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
