import { compareLabels, type Labels, type Matcher } from "@narthex/model";
import { countOf, type SeriesSet } from "@narthex/storage";
import type { ListingContext } from "./listing-context.ts";

/** Memory in bytes that a selected series needs until it is written to the response. */
const SERIES_BYTES = 64;

/**
 * The series that several selectors select, sorted and without duplicates. Entry i is series number `at[i]` in the
 * result of selector `of[i]`.
 */
export interface SeriesSelection {
  readonly count: number;
  readonly sets: readonly SeriesSet[];
  /**
   * For each series in the list, the number of the selector that found it. Undefined if a single selector found all
   * series in the listed order.
   */
  readonly of: Uint32Array | undefined;
  readonly at: Uint32Array | undefined;
}

/** Queries the storage for the series of each selector, up to `limit` in total. */
export async function selectSeries(
  context: ListingContext,
  range: { readonly start: number; readonly end: number },
  hints: { readonly func?: string; readonly limit: number },
): Promise<SeriesSelection> {
  const { querier, selectors, job, signal } = context;
  const limited = hints.limit === Infinity ? {} : { limit: hints.limit };
  const sets: SeriesSet[] = [];
  for (const matchers of distinct(selectors)) {
    const set = await querier.select(matchers, {
      ...range,
      ...limited,
      ...(hints.func && { func: hints.func }),
      signal,
      memory: job.charge,
    });
    job.charge.take(SERIES_BYTES * countOf(set));
    sets.push(set);
    await context.yieldToEventLoop();
  }
  if (sets.length === 1) return { count: Math.min(countOf(sets[0]!), hints.limit), sets, of: undefined, at: undefined };
  return mergeSets(sets, hints.limit, context);
}

/** Removes duplicate selectors, because they would select the same series. */
const distinct = (selectors: readonly (readonly Matcher[])[]): readonly (readonly Matcher[])[] => [
  ...new Map(selectors.map((matchers) => [matchers.map(String).join(), matchers])).values(),
];

/** Returns the labels of series number `index` in a result of the storage. */
export const labelsOf = (set: SeriesSet, index: number): Labels => set.labelSets?.at(index) ?? set.labels[index]!;

/** Returns the labels of entry `i` of a selection. */
export const labelsAt = ({ sets, of, at }: SeriesSelection, i: number): Labels =>
  labelsOf(sets[of === undefined ? 0 : of[i]!]!, at === undefined ? i : at[i]!);

async function mergeSets(sets: readonly SeriesSet[], limit: number, context: ListingContext): Promise<SeriesSelection> {
  const most = Math.min(
    limit,
    sets.reduce((sum, set) => sum + countOf(set), 0),
  );
  const [of, at] = [new Uint32Array(most), new Uint32Array(most)];
  const next = sets.map(() => 0);
  const heads = sets.map((set) => (countOf(set) > 0 ? labelsOf(set, 0) : undefined));
  let count = 0;
  while (count < most) {
    let least = -1;
    for (let i = 0; i < heads.length; i++) {
      if (heads[i] !== undefined && (least < 0 || compareLabels(heads[i]!, heads[least]!) < 0)) least = i;
    }
    if (least < 0) break;
    of[count] = least;
    at[count++] = next[least]!;
    const labels = heads[least]!;
    for (let i = least; i < heads.length; i++) {
      if (heads[i] === undefined || (i !== least && compareLabels(heads[i]!, labels) !== 0)) continue;
      heads[i] = ++next[i]! < countOf(sets[i]!) ? labelsOf(sets[i]!, next[i]!) : undefined;
    }
    const pause = count % 64 === 0 ? context.yieldToEventLoop() : undefined;
    if (pause !== undefined) await pause;
  }
  return { count, sets, of, at };
}
