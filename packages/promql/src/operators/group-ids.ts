import type { Labels } from "@narthex/model";
import type { LabelSets } from "@narthex/storage";
import type { Evaluation } from "../evaluation.ts";
import type { OutputList, OutputSeries } from "./operator.ts";
import { isMetadataLabel } from "./metadata-labels.ts";
import { mapInSlices } from "./slices.ts";

/**
 * Numbers groups of series that agree in some of their labels, from 0 in order of appearance, consistently for all
 * lists.
 */
export class GroupIds {
  /** The labels of each group, by number. */
  readonly labels: Labels[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #keep: (name: string) => boolean;
  readonly #ofOneSelection: boolean;
  /** Count of numbers without labels. */
  #unlabelled = 0;
  readonly #stored: StoredNumbers[] = [];

  /**
   * @param keep returns whether a label counts, by its name
   * @param ofOneSelection whether all lists have the same stored labels: then their numbers need no labels
   */
  constructor(keep: (name: string) => boolean, ofOneSelection = false) {
    this.#keep = keep;
    this.#ofOneSelection = ofOneSelection;
  }

  get count(): number {
    return this.labels.length + this.#unlabelled;
  }

  /** The number of a label set. */
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

  /** Returns a function that numbers the series of a list on demand; stored ones by the numbers of their labels. */
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

  /** Numbers all series of a list, or those at some `places` of it. */
  all(list: OutputList, evaluation: Evaluation, places?: readonly number[]): Promise<number[]> {
    const numberOf = this.within(list);
    if (places !== undefined) return mapInSlices(places, evaluation, numberOf);
    return mapInSlices<OutputSeries, number>(list, evaluation, (_, index) => numberOf(index));
  }

  /** The same for two lists from one selection. */
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
  /** By group: its number + 1. */
  readonly numbers: Uint32Array;
}
