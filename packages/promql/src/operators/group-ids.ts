import type { Labels } from "@narthex/model";
import type { LabelSets } from "@narthex/storage";
import type { Evaluation } from "../evaluation.ts";
import type { OutputList, OutputSeries } from "./operator.ts";
import { isMetadataLabel } from "./metadata-labels.ts";
import { mapInSlices } from "./slices.ts";

/**
 * Numbers groups of series that agree in certain labels, from 0 in the order of their first occurrence. Equal groups of
 * different lists get the same number.
 */
export class GroupIds {
  /** The labels of each group, by its number. */
  readonly labels: Labels[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #keep: (name: string) => boolean;
  readonly #ofOneSelection: boolean;
  /** How many group numbers have no labels. */
  #unlabelled = 0;
  readonly #stored: StoredNumbers[] = [];

  /**
   * @param keep returns whether the label with a name is part of the group's labels
   * @param ofOneSelection whether all lists have the same stored labels; then numbering needs no label sets
   */
  constructor(keep: (name: string) => boolean, ofOneSelection = false) {
    this.#keep = keep;
    this.#ofOneSelection = ofOneSelection;
  }

  get count(): number {
    return this.labels.length + this.#unlabelled;
  }

  /** Returns the number of a label set's group. */
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
   * Returns a function that returns the group number of the series at an index of a list. For stored series it uses the
   * numbers of their labels.
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

  /** Returns the group numbers of all series of a list, or of those at some `places` of it. */
  all(list: OutputList, evaluation: Evaluation, rows?: readonly number[]): Promise<number[]> {
    const numberOf = this.within(list);
    if (rows !== undefined) return mapInSlices(rows, evaluation, numberOf);
    return mapInSlices<OutputSeries, number>(list, evaluation, (_, index) => numberOf(index));
  }

  /** Returns the numbers of stored labels. Two lists from one selection use the same numbers. */
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
  /** For each group of the label sets, its number here + 1. */
  readonly numbers: Uint32Array;
}
