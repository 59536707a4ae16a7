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
import { labelNamesOf, labelValuesOf } from "./block-labels.ts";
import { selectFromBlock } from "./block-selection.ts";
import { BlocksSelection } from "./blocks-selection.ts";
import { completeSince } from "./complete-since.ts";
import { DecodedChunks } from "./decoded-chunks.ts";
import { mergeLabels } from "./merge-labels.ts";
import { appendColumns, mergeRuns } from "./merge-runs.ts";
import { mergeSortedStrings } from "./merge-sorted-strings.ts";
import { SelectionCache } from "./selection-cache.ts";

/** How much memory is kept for the next selection at most. */
export interface SelectionMemory {
  /** What selectors chose from blocks lately, bytes; default 16 MiB. */
  readonly selectionBytes?: number;
  /** Decoded chunks of blocks; default 32 MiB of its own. */
  readonly decoded?: DecodedChunks;
}

const CACHE_BYTES = 16 * 1024 * 1024;
const DECODED_BYTES = 32 * 1024 * 1024;

/**
 * Head and blocks as one storage. `blocks` gives those that are in use at the moment, the same list while they are the
 * same; a block has to be among them before the head forgets what is in it. `missing` says what cannot be read: answers
 * carry it as warnings. What a selection found stays readable, whatever happens to the blocks, until its querier is
 * closed.
 */
export function mergedQueryable(
  head: HeadQueryable,
  blocks: () => readonly Block[],
  missing: () => readonly string[] = () => [],
  { selectionBytes = CACHE_BYTES, decoded = DecodedChunks.ofOneThread(DECODED_BYTES) }: SelectionMemory = {},
): Queryable {
  const cache = new SelectionCache(selectionBytes);
  const parts = { head, blocks, missing, cache, decoded };
  return { querier: (minTime, maxTime) => new MergedQuerier(parts, minTime, maxTime) };
}

interface HeadQueryable extends Queryable {
  /** Time of its oldest sample, ms; Infinity while it is empty. Absent: not known. */
  readonly minTime?: number;
}

interface MergedParts {
  readonly head: HeadQueryable;
  readonly blocks: () => readonly Block[];
  readonly missing: () => readonly string[];
  readonly cache: SelectionCache;
  readonly decoded: DecodedChunks;
}

class MergedQuerier implements Querier {
  readonly #parts: MergedParts;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #head: Querier;
  /** Of chunks of blocks. */
  readonly #bytes = new DecodedBytes();
  /** Blocks that are held, and how to let go. */
  readonly #held = new Map<Block, () => void>();

  constructor(parts: MergedParts, minTime: number, maxTime: number) {
    this.#parts = parts;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
    this.#head = parts.head.querier(minTime, maxTime);
    this.#blocksNow();
  }

  get warnings(): readonly string[] {
    return this.#parts.missing();
  }

  get bytesRead(): number {
    return (this.#head.bytesRead ?? 0) + this.#bytes.count;
  }

  get completeSince(): number {
    const { head, blocks } = this.#parts;
    // The head first: what it forgets from here on is in a block that the list has.
    const headStart = head.minTime ?? Infinity;
    return completeSince(
      headStart,
      blocks().map(({ meta }) => meta),
    );
  }

  async select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet> {
    // The head first: what it forgets from here on is in a block that the list below has.
    const head = await this.#head.select(matchers, hints);
    const from = Math.max(this.#minTime, hints.start);
    const to = Math.min(this.#maxTime, hints.end);
    const blocks = this.#blocksNow().filter(({ meta }) => meta.minTime <= to && meta.maxTime > from);
    const missing = this.#parts.missing();
    if (blocks.length === 0 && missing.length === 0) return head;
    const chosen = await this.#choose(blocks, matchers, from, to, hints);
    const { decoded } = this.#parts;
    const set = chosen.within(from, to, this.#minTime, this.#maxTime, { decoded, bytes: this.#bytes });
    const endOfBlocks = Math.max(...blocks.map(({ meta }) => meta.maxTime - 1));
    return new MergedSeriesSet(set, head, { endOfBlocks, missing, limit: hints.limit || Infinity });
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
    blocks: readonly Block[],
    matchers: readonly Matcher[],
    from: number,
    to: number,
    { limit, signal, waits }: SelectHints,
  ): Promise<BlocksSelection> {
    if (!limit) return this.#parts.cache.select(blocks, matchers, from, to, { signal, waits });
    const parts = [];
    for (const block of blocks) parts.push(await selectFromBlock(block, matchers, from, to, { limit, signal, waits }));
    return new BlocksSelection(parts);
  }

  async #union(
    head: readonly string[],
    ask: (block: Block) => Promise<readonly string[]>,
    { limit }: LabelHints,
  ): Promise<readonly string[]> {
    const blocks = this.#blocksNow();
    if (blocks.length === 0) return head;
    const lists = [head];
    for (const block of blocks) lists.push(await ask(block));
    return mergeSortedStrings(lists, limit || Infinity);
  }

  /** The blocks of the range, oldest first, held from now on. */
  #blocksNow(): readonly Block[] {
    const inUse = this.#parts.blocks();
    for (const gone of this.#parts.cache.use(inUse)) this.#parts.decoded.forget(this.#parts.decoded.numberOf(gone));
    const blocks = inUse
      .filter(({ meta }) => meta.minTime <= this.#maxTime && meta.maxTime > this.#minTime)
      .toSorted((a, b) => a.meta.minTime - b.meta.minTime);
    for (const block of blocks) if (!this.#held.has(block)) this.#held.set(block, block.retain());
    return blocks;
  }
}

/** What was chosen from blocks and from the head: each label set once, of samples of one time that of the blocks. */
class MergedSeriesSet implements SeriesSet {
  readonly labels: readonly Labels[];
  readonly warnings: readonly string[];
  readonly #blocks: SeriesSet;
  readonly #head: SeriesSet;
  /** No sample of the blocks is later, ms. */
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
    const { labels, places } = mergeLabels([blocks.labels, head.labels], limit);
    this.labels = labels;
    this.#places = places;
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
