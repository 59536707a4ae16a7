import { type Labels, METRIC_NAME } from "@narthex/model";
import { type LabelSets, MAX_FEW_SERIES, type SeriesSet } from "@narthex/storage";
import { distinctList, type OutputList, type OutputSeries, type StoredLabels } from "./operator.ts";
import { isMetadataLabel, withoutMetadata } from "./metadata-labels.ts";

/** A stored series. Its labels are created only when they are needed. */
class StoredSeries implements OutputSeries {
  readonly dropName: boolean;
  readonly #stored: StoredLabels;
  readonly #index: number;
  #labels: Labels | undefined;

  constructor(stored: StoredLabels, index: number, dropName: boolean) {
    this.#stored = stored;
    this.#index = index;
    this.dropName = dropName;
  }

  get labels(): Labels {
    return (this.#labels ??= this.#make());
  }

  #make(): Labels {
    const { sets, nameless } = this.#stored;
    const labels = sets.at(this.#index);
    return nameless ? withoutMetadata(labels) : labels;
  }

  /** Returns the value of a label of the series; "" if the label is absent. */
  valueOf(name: string): string {
    if (this.#labels !== undefined) return this.#labels.get(name);
    const { sets, nameless } = this.#stored;
    return nameless && isMetadataLabel(name) ? "" : sets.value(this.#index, name);
  }
}

/** Returns the metric name of a series, without creating the labels of a stored series. */
export const metricNameOf = (series: OutputSeries): string => labelOf(series, METRIC_NAME);

/** Returns the value of a label, without creating the labels of a stored series. */
export const labelOf = (series: OutputSeries, name: string): string =>
  series instanceof StoredSeries ? series.valueOf(name) : series.labels.get(name);

/** Returns the result of a selector as the result list of an operator. */
export function outputsOf(set: SeriesSet): OutputList {
  const { labelSets } = set;
  if (labelSets === undefined) return distinctList(set.labels.map((labels) => ({ labels, dropName: false })));
  return storedList({ sets: labelSets, nameless: false }, false);
}

/**
 * Returns a list of series without metric names. With `delayed`, the names are dropped only at the end of the query.
 */
export function namesDropped(stored: StoredLabels, delayed: boolean): OutputList {
  if (delayed) return storedList(stored, true);
  return storedList({ sets: stored.sets, nameless: true }, true, differWithoutNames(stored.sets));
}

/** Cached results of differWithoutNames(), because the storage returns the same label sets for many queries. */
const distinctWithoutNames = new WeakMap<LabelSets, boolean>();

/** Returns whether all stored label sets still differ without name, type and unit. */
export function differWithoutNames(sets: LabelSets): boolean {
  let differ = distinctWithoutNames.get(sets);
  if (differ === undefined) distinctWithoutNames.set(sets, (differ = looksDistinct(sets)));
  return differ;
}

/**
 * Returns whether the label sets still differ without name, type and unit. This is certain if name, type and unit are
 * the same in all sets. Otherwise compares the stored numbers of the other labels.
 */
function looksDistinct(sets: LabelSets): boolean {
  if (sets.group(isMetadataLabel).every((metric) => metric === 0)) return true;
  return sets.group((name) => !isMetadataLabel(name)).every((group, index) => group === index);
}

/** Lists of the series of small selections by their label sets, which the storage returns for many queries. */
const keptLists = new WeakMap<LabelSets, OutputList[]>();

/**
 * Returns the list of the series of a selection. A small list is kept with its labels, so that a repeated query, such as
 * that of a rule, creates no labels.
 */
function storedList(stored: StoredLabels, dropName: boolean, distinct = true): OutputList {
  const { sets, nameless } = stored;
  if (sets.count > MAX_FEW_SERIES) return makeList(stored, dropName, distinct);
  let kept = keptLists.get(sets);
  if (kept === undefined) keptLists.set(sets, (kept = []));
  return (kept[(nameless ? 2 : 0) + (dropName ? 1 : 0)] ??= makeList(stored, dropName, distinct));
}

function makeList(stored: StoredLabels, dropName: boolean, distinct: boolean): OutputList {
  const { count } = stored.sets;
  const series: OutputSeries[] = [];
  for (let index = 0; index < count; index++) series.push(new StoredSeries(stored, index, dropName));
  return Object.assign(series, { distinct, stored });
}
