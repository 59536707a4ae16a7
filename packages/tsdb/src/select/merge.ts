import { compareBytewise, compareLabels, type Labels, type Matcher } from "@narthex/model";
import {
  type LabelHints,
  type Querier,
  type Queryable,
  SampleColumns,
  type SelectHints,
  type SeriesSet,
} from "@narthex/storage";
import type { Block } from "../block/block.ts";
import { type AppendingSeriesSet, BlockQuerier } from "./block-querier.ts";
import { appendColumns, mergeRuns } from "./merge-runs.ts";

/**
 * Head and blocks as one storage. `blocks` gives those that are in use at the moment; a block has to be among them
 * before the head forgets what is in it. `missing` says what cannot be read: answers carry it as warnings. What a selection found stays readable, whatever happens to the blocks, until
 * its querier is closed.
 */
export const mergedQueryable = (
  head: Queryable,
  blocks: () => readonly Block[],
  missing: () => readonly string[] = () => [],
): Queryable => ({
  querier: (minTime, maxTime) => new MergedQuerier(head, blocks, missing, minTime, maxTime),
});

class MergedQuerier implements Querier {
  readonly #blocks: () => readonly Block[];
  readonly #missing: () => readonly string[];
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #head: Querier;
  readonly #queriers = new Map<Block, BlockQuerier>();

  constructor(
    head: Queryable,
    blocks: () => readonly Block[],
    missing: () => readonly string[],
    minTime: number,
    maxTime: number,
  ) {
    this.#blocks = blocks;
    this.#missing = missing;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
    this.#head = head.querier(minTime, maxTime);
    this.#blocksNow();
  }

  get warnings(): readonly string[] {
    return this.#missing();
  }

  async select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet> {
    // The head first: what it forgets from here on is in a block that the list below has.
    const head = await this.#head.select(matchers, hints);
    const from = Math.max(this.#minTime, hints.start);
    const to = Math.min(this.#maxTime, hints.end);
    const sets: SeriesSet[] = [];
    for (const [block, querier] of this.#blocksNow()) {
      if (block.meta.minTime <= to && block.meta.maxTime > from) sets.push(await querier.select(matchers, hints));
    }
    sets.push(head);
    const missing = this.#missing();
    if (missing.length > 0) sets.push({ labels: [], warnings: missing, read: (_, __, ___, into) => into.reset() });
    return mergeSeriesSets(sets, hints.limit);
  }

  async labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]> {
    return this.#union((querier) => querier.labelNames(matchers, hints), hints);
  }

  async labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]> {
    return this.#union((querier) => querier.labelValues(name, matchers, hints), hints);
  }

  close(): void {
    this.#head.close();
    for (const querier of this.#queriers.values()) querier.close();
    this.#queriers.clear();
  }

  async #union(
    ask: (querier: Querier) => Promise<readonly string[]>,
    hints: LabelHints | undefined,
  ): Promise<readonly string[]> {
    const head = await ask(this.#head);
    const words = new Set(head);
    const blocks = this.#blocksNow();
    for (const [, querier] of blocks) for (const word of await ask(querier)) words.add(word);
    if (blocks.length === 0) return head;
    const sorted = [...words].sort(compareBytewise);
    return hints?.limit ? sorted.slice(0, hints.limit) : sorted;
  }

  /** The blocks of the range, oldest first, held from now on. */
  #blocksNow(): readonly (readonly [Block, BlockQuerier])[] {
    return this.#blocks()
      .filter(({ meta }) => meta.minTime <= this.#maxTime && meta.maxTime > this.#minTime)
      .toSorted((a, b) => a.meta.minTime - b.meta.minTime)
      .map((block) => {
        let querier = this.#queriers.get(block);
        if (querier === undefined) {
          querier = new BlockQuerier(block, this.#minTime, this.#maxTime);
          this.#queriers.set(block, querier);
        }
        return [block, querier] as const;
      });
  }
}

/**
 * One set of the series of several: each label set once, its samples in order of time, of samples of one time that of
 * the first set.
 */
export function mergeSeriesSets(sets: readonly SeriesSet[], limit?: number): SeriesSet {
  const filled = sets.filter((set) => set.labels.length > 0);
  const warnings = [...new Set(sets.flatMap((set) => set.warnings))];
  if (filled.length <= 1 && sets.length > 0) {
    const [only] = filled.length === 1 ? filled : sets;
    const isAll = only!.warnings.length === warnings.length;
    if (isAll && (!limit || only!.labels.length <= limit)) return only!;
  }
  return new MergedSeriesSet(filled, warnings, limit || Infinity);
}

class MergedSeriesSet implements SeriesSet {
  readonly labels: readonly Labels[];
  readonly warnings: readonly string[];
  readonly #sets: readonly SeriesSet[];
  /** By set, then by series: its index there + 1, 0 where the set has none. */
  readonly #places: readonly Uint32Array[];
  readonly #part = new SampleColumns();
  readonly #scratch = new SampleColumns();

  constructor(sets: readonly SeriesSet[], warnings: readonly string[], limit: number) {
    this.#sets = sets;
    this.warnings = warnings;
    let most = 0;
    for (const { labels } of sets) most += labels.length;
    this.#places = sets.map(() => new Uint32Array(Math.min(most, limit)));
    this.labels = this.#merge(limit);
  }

  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    into.reset();
    for (const [i, set] of this.#sets.entries()) {
      const place = this.#places[i]![index]!;
      if (place === 0) continue;
      const { count } = into;
      if (isAppending(set)) set.append(place - 1, minTime, maxTime, into);
      else {
        set.read(place - 1, minTime, maxTime, this.#part);
        appendColumns(this.#part, into);
      }
      mergeRuns(into, count, this.#scratch);
    }
  }

  /** The union of the sets' labels, sorted. */
  #merge(limit: number): Labels[] {
    const sets = this.#sets;
    const next = sets.map(() => 0);
    const merged: Labels[] = [];
    const holders: number[] = [];
    while (merged.length < limit) {
      let least: Labels | undefined;
      for (let i = 0; i < sets.length; i++) {
        const labels = sets[i]!.labels[next[i]!];
        if (labels === undefined) continue;
        const order = least === undefined ? -1 : compareLabels(labels, least);
        if (order > 0) continue;
        if (order < 0) {
          least = labels;
          holders.length = 0;
        }
        holders.push(i);
      }
      if (least === undefined) break;
      for (const i of holders) this.#places[i]![merged.length] = ++next[i]!;
      merged.push(least);
    }
    return merged;
  }
}

const isAppending = (set: SeriesSet): set is AppendingSeriesSet => "append" in set;
