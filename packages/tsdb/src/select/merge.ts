import type { Labels, Matcher } from "@narthex/model";
import {
  DecodedBytes,
  EncodedChunks,
  type LabelHints,
  type Querier,
  type Queryable,
  SampleColumns,
  type SampleSpans,
  type SelectHints,
  type SeriesSet,
} from "@narthex/storage";
import type { Block } from "../block/block.ts";
import { endOf, inReadingOrder } from "../block-set/block-hints.ts";
import { labelNamesOf, labelValuesOf, maxListedOf } from "./block-labels.ts";
import { selectFromBlock } from "./block-selection.ts";
import { BlocksSelection } from "./blocks-selection.ts";
import { completeSince } from "./complete-since.ts";
import { chooseDownsampled, resolutionOf } from "../downsample/choose-blocks.ts";
import { type DownsampledSelection, DownsampledSeriesSet } from "./downsampled-series.ts";
import { type NeededBlocks, neededBlocks } from "../downsample/needed-blocks.ts";
import { RESOLUTIONS } from "../downsample/rule.ts";
import { DecodedChunks } from "./decoded-chunks.ts";
import { mergedInvalidations } from "./merged-invalidations.ts";
import { mergeLabels } from "./merge-labels.ts";
import { appendColumns, mergeRuns } from "./merge-runs.ts";
import { mergeSortedStrings } from "./merge-sorted-strings.ts";
import { SelectionCache } from "./selection-cache.ts";

/** Memory limits and caches for selections from head and blocks. */
export interface SelectionMemory {
  /** Size of the cache of selections from blocks, bytes; default 16 MiB. */
  readonly selectionBytes?: number;
  /** Cache of decoded chunks of blocks; by default a separate cache of 32 MiB. */
  readonly decoded?: DecodedChunks;
  /** Returns the downsampled blocks, which are read for times before the original samples. */
  readonly downsampled?: () => readonly Block[];
}

/**
 * Largest distance in ms between the time of a query and a row of aggregates that the query needs. A query whose time
 * is inside a window also needs the row of the previous window.
 */
const REACH_MS = 2 * RESOLUTIONS.reduce((a, b) => Math.max(a, b), -Infinity);
const NO_BLOCKS: readonly Block[] = [];
const CACHE_BYTES = 16 * 1024 * 1024;
const DECODED_BYTES = 32 * 1024 * 1024;

/**
 * Combines the head and the blocks into one storage for queries. `blocks` returns the blocks in use, as the same list
 * while the blocks do not change. A block must be in the list before the head removes its samples. `missing` returns
 * sentences about unreadable blocks, which become warnings of results. Selected series stay readable until their
 * querier is closed, even if blocks are removed. The head's invalidations must include those of blocks.
 */
export function mergedQueryable(
  head: HeadQueryable,
  blocks: () => readonly Block[],
  missing: () => readonly string[] = () => [],
  {
    selectionBytes = CACHE_BYTES,
    decoded = DecodedChunks.ofOneThread(DECODED_BYTES),
    downsampled = () => NO_BLOCKS,
  }: SelectionMemory = {},
): Queryable {
  const [cache, downsampledCache] = [new SelectionCache(selectionBytes), new SelectionCache(selectionBytes)];
  const needed = new NeededNow();
  const parts = { head, blocks, missing, cache, decoded, downsampled, downsampledCache, needed };
  return {
    querier: (minTime, maxTime) => new MergedQuerier(parts, minTime, maxTime),
    invalidations:
      head.invalidations && mergedInvalidations(head.invalidations, () => needed.of(downsampled(), blocks()).before),
  };
}

interface HeadQueryable extends Queryable {
  /** Time of the storage's oldest sample, ms; Infinity if it is empty; undefined if it is not known. */
  readonly minTime?: number;
}

interface MergedParts {
  readonly head: HeadQueryable;
  readonly blocks: () => readonly Block[];
  readonly missing: () => readonly string[];
  readonly cache: SelectionCache;
  readonly decoded: DecodedChunks;
  readonly downsampled: () => readonly Block[];
  readonly downsampledCache: SelectionCache;
  readonly needed: NeededNow;
}

/**
 * Determines the downsampled blocks that must be read because their original samples are removed. Recomputes the list
 * only after blocks were added or removed.
 */
class NeededNow {
  #downsampled: readonly Block[] = NO_BLOCKS;
  #raw: readonly Block[] = NO_BLOCKS;
  #found: NeededBlocks<Block> = { blocks: NO_BLOCKS, before: -Infinity };

  of(downsampled: readonly Block[], raw: readonly Block[]): NeededBlocks<Block> {
    if (downsampled !== this.#downsampled || raw !== this.#raw) {
      this.#found = neededBlocks(downsampled, raw);
      this.#downsampled = downsampled;
      this.#raw = raw;
    }
    return this.#found;
  }
}

class MergedQuerier implements Querier {
  readonly #parts: MergedParts;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #head: Querier;
  /** Number of bytes that were decoded from blocks. */
  readonly #bytes = new DecodedBytes();
  /** Blocks that the querier keeps open, each with the function that releases it. */
  readonly #held = new Map<Block, () => void>();

  constructor(parts: MergedParts, minTime: number, maxTime: number) {
    this.#parts = parts;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
    this.#head = parts.head.querier(minTime, maxTime);
    this.#blocksNow();
    this.#downsampledNow();
  }

  get warnings(): readonly string[] {
    return this.#parts.missing();
  }

  get bytesRead(): number {
    return (this.#head.bytesRead ?? 0) + this.#bytes.count;
  }

  get completeSince(): number {
    const { head, blocks } = this.#parts;
    // Reads the head before the list of blocks. Samples that the head removes in between are then in a block of the
    // list.
    const headStart = head.minTime ?? Infinity;
    return completeSince(
      headStart,
      blocks().map(({ meta }) => meta),
    );
  }

  async select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet> {
    // Reads the head before the list of blocks. Samples that the head removes in between are then in a block of the
    // list.
    const head = await this.#head.select(matchers, hints);
    const from = Math.max(this.#minTime, hints.start);
    const to = Math.min(this.#maxTime, hints.end);
    const raw = await this.#withBlocks(head, matchers, from, to, hints);
    const downsampled = await this.#selectDownsampled(matchers, from, to, hints);
    return downsampled === undefined ? raw : new DownsampledSeriesSet(raw, downsampled, hints.limit || Infinity);
  }

  async #withBlocks(
    head: SeriesSet,
    matchers: readonly Matcher[],
    from: number,
    to: number,
    hints: SelectHints,
  ): Promise<SeriesSet> {
    const blocks = this.#blocksNow().filter(({ meta }) => meta.minTime <= to && meta.maxTime > from);
    const missing = this.#parts.missing();
    if (blocks.length === 0 && missing.length === 0) return head;
    const chosen = await this.#choose(this.#parts.cache, blocks, matchers, from, to, hints);
    const { decoded } = this.#parts;
    const set = chosen.within(from, to, this.#minTime, this.#maxTime, { decoded, bytes: this.#bytes });
    const endOfBlocks = endOf(blocks) - 1;
    return new MergedSeriesSet(set, head, { endOfBlocks, missing, limit: hints.limit || Infinity });
  }

  maxSeries(matchers: readonly Matcher[], { start, end }: Pick<SelectHints, "start" | "end">): number {
    const from = Math.max(this.#minTime, start);
    const to = Math.min(this.#maxTime, end);
    const blocks = this.#parts.blocks();
    const isInBlocks = blocks.some(({ meta }) => meta.minTime <= to && meta.maxTime > from);
    const isDownsampled = this.#parts.needed.of(this.#parts.downsampled(), blocks).before > from;
    return isInBlocks || isDownsampled ? Infinity : (this.#head.maxSeries?.(matchers, { start, end }) ?? Infinity);
  }

  maxListed(matchers: readonly Matcher[], label?: string): number {
    let most = this.#head.maxListed?.(matchers, label) ?? Infinity;
    for (const block of [...this.#blocksNow(), ...this.#downsampledNow()]) {
      if (most === Infinity) break;
      most += maxListedOf(block, matchers, label);
    }
    return most;
  }

  /**
   * Selects series from downsampled blocks for the time before the original samples. Returns undefined if the original
   * samples cover the whole time range of the query.
   */
  async #selectDownsampled(
    matchers: readonly Matcher[],
    from: number,
    to: number,
    hints: SelectHints,
  ): Promise<DownsampledSelection | undefined> {
    // Keeps the blocks open before anything is computed. All computations use this one list of blocks, because another
    // thread may publish a new list in the meantime.
    const inUse = this.#parts.downsampled();
    const held = new Set(this.#heldDownsampled(inUse));
    const needed = this.#parts.needed.of(inUse, this.#parts.blocks());
    const before = Math.min(to + 1, needed.before);
    if (from >= before) return undefined;
    const start = from - REACH_MS;
    const reached = needed.blocks
      .filter((block) => held.has(block))
      .filter(({ meta }) => meta.minTime < before && meta.maxTime > start);
    const ranges = chooseDownsampled(reached, hints);
    if (ranges.length === 0) return undefined;
    const blocks = ranges.map(({ block }) => block);
    const { decoded, downsampledCache } = this.#parts;
    const longest = blocks.map(resolutionOf).reduce((a, b) => Math.max(a, b), -Infinity);
    // Rounds `before`, the start of the original samples, up to the end of an aggregation window, because the row of
    // this window includes removed samples.
    const end = Math.ceil(before / longest) * longest;
    const chosen = await this.#choose(downsampledCache, blocks, matchers, start, end, hints);
    const set = chosen.within(start, end, this.#minTime - REACH_MS, Math.min(this.#maxTime, end), {
      decoded,
      bytes: this.#bytes,
      ranges,
    });
    const found = chosen.parts.flatMap(({ block, labels }) => (labels.length === 0 ? [] : [resolutionOf(block)]));
    if (found.length === 0) return undefined;
    return {
      set,
      before: end,
      samplesFrom: needed.before,
      resolutionMs: found.reduce((a, b) => Math.max(a, b), -Infinity),
    };
  }

  async labelNames(matchers: readonly Matcher[], hints: LabelHints = {}): Promise<readonly string[]> {
    const head = await this.#head.labelNames(matchers, hints);
    return this.#union(head, (block) => labelNamesOf(block, matchers, hints), hints);
  }

  async labelValues(name: string, matchers: readonly Matcher[], hints: LabelHints = {}): Promise<readonly string[]> {
    const head = await this.#head.labelValues(name, matchers, hints);
    return this.#union(head, (block) => labelValuesOf(block, name, matchers, hints), hints);
  }

  close(): void {
    this.#head.close();
    for (const release of this.#held.values()) release();
    this.#held.clear();
  }

  async #choose(
    cache: SelectionCache,
    blocks: readonly Block[],
    matchers: readonly Matcher[],
    from: number,
    to: number,
    { limit, signal, waits }: SelectHints,
  ): Promise<BlocksSelection> {
    if (!limit) return cache.select(blocks, matchers, from, to, { signal, waits });
    const parts = [];
    for (const block of blocks) parts.push(await selectFromBlock(block, matchers, from, to, { limit, signal, waits }));
    return new BlocksSelection(parts);
  }

  async #union(
    head: readonly string[],
    list: (block: Block) => Promise<readonly string[]>,
    { limit }: LabelHints,
  ): Promise<readonly string[]> {
    const blocks = [...this.#blocksNow(), ...this.#downsampledNow()];
    if (blocks.length === 0) return head;
    const lists = [head];
    for (const block of blocks) lists.push(await list(block));
    return mergeSortedStrings(lists, limit || Infinity);
  }

  /** Returns the blocks that overlap the time range, in order of precedence, and keeps them open. */
  #blocksNow(): readonly Block[] {
    return this.#inRange(this.#parts.blocks(), this.#parts.cache, this.#minTime);
  }

  #downsampledNow(): readonly Block[] {
    return this.#heldDownsampled(this.#parts.downsampled());
  }

  #heldDownsampled(inUse: readonly Block[]): readonly Block[] {
    return inUse.length === 0 ? inUse : this.#inRange(inUse, this.#parts.downsampledCache, this.#minTime - REACH_MS);
  }

  #inRange(inUse: readonly Block[], cache: SelectionCache, minTime: number): readonly Block[] {
    for (const gone of cache.use(inUse)) this.#parts.decoded.forget(this.#parts.decoded.numberOf(gone));
    const blocks = inReadingOrder(inUse.filter(({ meta }) => meta.minTime <= this.#maxTime && meta.maxTime > minTime));
    for (const block of blocks) if (!this.#held.has(block)) this.#held.set(block, block.retain());
    return blocks;
  }
}

/**
 * Series set of the series selected from blocks and head. Each label set occurs once. If blocks and head have a sample
 * with the same time, the sample of the blocks is used.
 */
class MergedSeriesSet implements SeriesSet {
  readonly labels: readonly Labels[];
  readonly warnings: readonly string[];
  readonly #blocks: SeriesSet;
  readonly #head: SeriesSet;
  /** Time after which the blocks have no samples, ms. */
  readonly #endOfBlocks: number;
  readonly #places: readonly Uint32Array[];
  readonly #part = new SampleColumns(0);
  readonly #scratch = new SampleColumns(0);
  #chunks: EncodedChunks | undefined;

  constructor(
    blocks: SeriesSet,
    head: SeriesSet,
    { endOfBlocks, missing, limit }: { endOfBlocks: number; missing: readonly string[]; limit: number },
  ) {
    this.#blocks = blocks;
    this.#head = head;
    this.#endOfBlocks = endOfBlocks;
    const { labels, positions } = mergeLabels([blocks.labels, head.labels], limit);
    this.labels = labels;
    this.#places = positions;
    this.warnings = [...new Set([...blocks.warnings, ...head.warnings, ...missing])];
  }

  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    into.reset();
    const [inBlocks, inHead] = [this.#places[0]![index]!, this.#places[1]![index]!];
    if (inBlocks !== 0) this.#blocks.read(inBlocks - 1, minTime, maxTime, into);
    if (inHead === 0) return;
    const { count } = into;
    if (count === 0) {
      this.#head.read(inHead - 1, minTime, maxTime, into);
      return;
    }
    this.#head.read(inHead - 1, minTime, maxTime, this.#part);
    appendColumns(this.#part, into);
    mergeRuns(into, count, this.#scratch);
  }

  readSpans(index: number, minTime: number, maxTime: number, into: SampleSpans): boolean {
    const [inBlocks, inHead] = [this.#places[0]![index]!, this.#places[1]![index]!];
    into.reset();
    if (inBlocks !== 0 && this.#blocks.readSpans?.(inBlocks - 1, minTime, maxTime, into) !== true) return false;
    if (inHead === 0) return true;
    this.#head.read(inHead - 1, minTime, maxTime, this.#part);
    const { count } = into;
    return into.addColumns(this.#part, 0, minTime, maxTime) && into.risesAt(count);
  }

  readChunks(index: number, minTime: number, maxTime: number, into: EncodedChunks): boolean {
    const [inBlocks, inHead] = [this.#places[0]![index]!, this.#places[1]![index]!];
    into.reset();
    if (inBlocks !== 0 && this.#blocks.readChunks?.(inBlocks - 1, minTime, maxTime, into) !== true) return false;
    if (inHead === 0) return true;
    const inMemory = inBlocks === 0 ? into : (this.#chunks ??= new EncodedChunks());
    if (this.#head.readChunks?.(inHead - 1, minTime, maxTime, inMemory) !== true) return false;
    if (inBlocks !== 0) into.addAll(inMemory);
    return into.rises;
  }

  readNewest(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    const inHead = this.#places[1]![index]!;
    if (inHead !== 0 && this.#head.readNewest !== undefined) {
      this.#head.readNewest(inHead - 1, minTime, maxTime, into);
      if (into.count > 0 && into.timestamps[into.count - 1]! > this.#endOfBlocks) return;
    }
    this.read(index, minTime, maxTime, into);
  }
}
