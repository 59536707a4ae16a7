import { setImmediate } from "node:timers/promises";
import { compareBytewise, type Labels, type Matcher } from "@narthex/model";
import type { LabelHints, Querier, SampleColumns, SelectHints, SeriesSet } from "@narthex/storage";
import type { Block, ChunkBytes, ChunkReader } from "../block/block.ts";
import { BlockError } from "../block/block-error.ts";
import type { DeletedInterval } from "../block/block-tombstones.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import { dropDeleted } from "../head/tombstones.ts";
import { ChosenChunks } from "./chosen-chunks.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { type Candidates, candidatesFor } from "./series-for-matchers.ts";
import { SymbolTexts } from "./symbol-texts.ts";

/** Series looked at before others get their turn. */
const SERIES_PER_TURN = 4096;

/** A set that can also go on behind samples which are there already. */
export interface AppendingSeriesSet extends SeriesSet {
  /** As read(), without emptying `into` before. */
  append(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
}

/** Reads one block. The block stays open, and its folder there, until close(). */
export class BlockQuerier implements Querier {
  readonly #block: Block;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #release: () => void;

  constructor(block: Block, minTime: number, maxTime: number) {
    this.#block = block;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
    this.#release = block.retain();
  }

  async select(matchers: readonly Matcher[], hints: SelectHints): Promise<AppendingSeriesSet> {
    const texts = new SymbolTexts(this.#block);
    const from = Math.max(this.#minTime, hints.start);
    const to = Math.min(this.#maxTime, hints.end);
    const chosen = new ChosenChunks(from, to);
    const { tombstones } = this.#block;
    const labels: Labels[] = [];
    const deleted: (readonly DeletedInterval[] | undefined)[] = [];
    await this.#forEach(candidatesFor(this.#block, matchers, texts), hints.signal, (entry, ref) => {
      const intervals = tombstones.get(ref);
      if (!chosen.add(entry, intervals)) return true;
      labels.push(texts.labels(entry));
      deleted.push(intervals);
      return labels.length !== hints.limit;
    });
    const range = { minTime: this.#minTime, maxTime: this.#maxTime };
    return new BlockSeriesSet(this.#block, labels, chosen, tombstones.size === 0 ? undefined : deleted, range);
  }

  async labelNames(matchers: readonly Matcher[], hints: LabelHints = {}): Promise<readonly string[]> {
    if (matchers.length === 0) return limited(this.#block.labelNames(), hints);
    const symbols = new Set<number>();
    const texts = new SymbolTexts(this.#block);
    await this.#forEach(candidatesFor(this.#block, matchers, texts), hints.signal, (entry) => {
      for (let i = 0; i < entry.labelCount; i++) symbols.add(entry.labels[i * 2]!);
      return true;
    });
    return sortedTexts(symbols, texts, hints);
  }

  async labelValues(name: string, matchers: readonly Matcher[], hints: LabelHints = {}): Promise<readonly string[]> {
    if (matchers.length === 0) return limited(this.#block.labelValues(name), hints);
    const symbols = new Set<number>();
    const texts = new SymbolTexts(this.#block);
    await this.#forEach(candidatesFor(this.#block, matchers, texts), hints.signal, (entry) => {
      symbols.add(texts.valueOf(entry, name));
      return true;
    });
    symbols.delete(-1);
    return sortedTexts(symbols, texts, hints);
  }

  close(): void {
    this.#release();
  }

  /** Visits the series that satisfy the selector, in order, until `visit` answers false. */
  async #forEach(
    { refs, accepts }: Candidates,
    signal: AbortSignal | undefined,
    visit: (entry: SeriesEntry, ref: number) => boolean,
  ): Promise<void> {
    const entry = new SeriesEntry();
    signal?.throwIfAborted();
    for (let i = 0; i < refs.length; i++) {
      if (i % SERIES_PER_TURN === SERIES_PER_TURN - 1) {
        await setImmediate();
        signal?.throwIfAborted();
      }
      this.#block.series(refs[i]!, entry);
      if (accepts(entry) && !visit(entry, refs[i]!)) return;
    }
  }
}

function sortedTexts(symbols: Iterable<number>, texts: SymbolTexts, hints: LabelHints): readonly string[] {
  const found = Array.from(symbols, (symbol) => texts.text(symbol));
  return limited(found.sort(compareBytewise), hints);
}

function limited(words: readonly string[], { limit, signal }: LabelHints): readonly string[] {
  signal?.throwIfAborted();
  return limit ? words.slice(0, limit) : words;
}

/** The chosen series of a block, and where their chunks are. */
class BlockSeriesSet implements AppendingSeriesSet {
  readonly labels: readonly Labels[];
  readonly warnings: readonly string[] = [];
  readonly #block: Block;
  readonly #chosen: ChosenChunks;
  readonly #deleted: readonly (readonly DeletedInterval[] | undefined)[] | undefined;
  readonly #range: DeletedInterval;
  readonly #reader: ChunkReader;
  readonly #chunk: ChunkBytes = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };

  constructor(
    block: Block,
    labels: readonly Labels[],
    chosen: ChosenChunks,
    deleted: readonly (readonly DeletedInterval[] | undefined)[] | undefined,
    range: DeletedInterval,
  ) {
    this.#block = block;
    this.labels = labels;
    this.#chosen = chosen;
    this.#deleted = deleted;
    this.#range = range;
    this.#reader = block.chunkReader();
  }

  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    into.reset();
    this.append(index, minTime, maxTime, into);
  }

  append(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    const from = Math.max(minTime, this.#range.minTime);
    const to = Math.min(maxTime, this.#range.maxTime);
    const first = into.count;
    const chosen = this.#chosen;
    const end = chosen.end(index);
    for (let i = chosen.start(index); i < end; i++) {
      if (chosen.maxTime[i]! < from) continue;
      if (chosen.minTime[i]! > to) break;
      this.#decode(chosen.ref[i]!, from, to, into);
    }
    const deleted = this.#deleted?.[index];
    if (deleted !== undefined) dropDeleted(into, deleted, first);
  }

  #decode(ref: number, from: number, to: number, into: SampleColumns): void {
    this.#reader.read(ref, this.#chunk);
    try {
      decodeChunk(this.#chunk, from, to, into);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new BlockError(`${this.#block.dir}/chunks`, ref % 2 ** 32, `a chunk cannot be decoded: ${reason}`, cause);
    }
  }
}
