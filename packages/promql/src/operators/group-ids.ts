import type { Labels } from "@narthex/model";
import type { LabelSets } from "@narthex/storage";
import type { Evaluation } from "../evaluation.ts";
import type { OutputList, OutputSeries } from "./operator.ts";
import { isMetadataLabel } from "./metadata-labels.ts";
import { mapInSlices } from "./slices.ts";

/**
 * Numbers the groups of series that have equal values of certain labels: 0, 1, 2 … in the order of first occurrence.
 * Equal groups in several lists get the same number.
 */
export class GroupIds {
  /** The labels by which series are grouped, by group number. */
  readonly labels: Labels[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #keep: (name: string) => boolean;
  readonly #ofOneSelection: boolean;
  /** Number of groups whose labels have not been created. */
  #unlabelled = 0;
  readonly #stored: StoredNumbers[] = [];

  /**
   * @param keep returns whether series are grouped by a label name
   * @param ofOneSelection whether all lists come from one selection of stored series, so that groups can be found by
   *   the numbers of stored labels, without their texts
   */
  constructor(keep: (name: string) => boolean, ofOneSelection = false) {
    this.#keep = keep;
    this.#ofOneSelection = ofOneSelection;
  }

  get count(): number {
    return this.labels.length + this.#unlabelled;
  }

  /** Returns the number of the group to which a label set belongs. */
  of(labels: Labels): number {
    return this.#ofKept(labels.filter(this.#keep));
  }

  #ofKept(kept: Labels): number {
    const known = this.#byKey.get(kept.key);
    if (known !== undefined) return known;
    const number = this.labels.length;
    this.#byKey.set(kept.key, number);
    this.labels.push(kept);
    return number;
  }

  /**
   * Returns a function from the index of a series in the list to its group number. For stored series, the function uses
   * stored numbers of labels instead of labels.
   */
  within(list: OutputList): (index: number) => number {
    const { stored } = list;
    if (stored === undefined) return (index) => this.of(list[index]!.labels);
    const { sets, groups, numbers, keep } = this.#numbersOf(stored.sets, stored.nameless);
    return (index) => {
      const group = groups[index]!;
      if (numbers[group] === 0)
        numbers[group] = this.#ofOneSelection ? ++this.#unlabelled : this.#ofKept(sets.at(index, keep)) + 1;
      return numbers[group]! - 1;
    };
  }

  /** Returns the group numbers of all series of a list, or only of those with the indexes `rows`. */
  all(list: OutputList, evaluation: Evaluation, rows?: readonly number[]): Promise<number[]> {
    const numberOf = this.within(list);
    if (rows !== undefined) return mapInSlices(rows, evaluation, numberOf);
    return mapInSlices<OutputSeries, number>(list, evaluation, (_, index) => numberOf(index));
  }

  /** Returns the numbers that identify stored label sets. Two lists from one selection use the same numbers. */
  #numbersOf(sets: LabelSets, nameless: boolean): StoredNumbers {
    const known = this.#stored.find((one) => one.sets === sets && one.nameless === nameless);
    if (known !== undefined) return known;
    const named = this.#keep;
    const keep = nameless ? (name: string): boolean => !isMetadataLabel(name) && named(name) : named;
    const groups = sets.group(keep);
    const fresh = { sets, nameless, keep, groups, numbers: new Uint32Array(groups.length) };
    this.#stored.push(fresh);
    return fresh;
  }
}

interface StoredNumbers {
  readonly sets: LabelSets;
  readonly nameless: boolean;
  readonly keep: (name: string) => boolean;
  readonly groups: Uint32Array;
  /** For each stored number, 1 + the number of its group, or 0 if it has none yet. */
  readonly numbers: Uint32Array;
}
