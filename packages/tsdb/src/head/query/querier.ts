import type { Labels, Matcher } from "@narthex/model";
import {
  DecodedBytes,
  type EncodedChunks,
  type LabelHints,
  type LabelSets,
  type Querier,
  SampleColumns,
  type SelectHints,
  type SeriesSet,
} from "@narthex/storage";
import { ENCODING_XOR } from "../../chunk/xor.ts";
import { ChunkEncoder } from "../../chunk/chunk-encoder.ts";
import { decodeNewestXor } from "../../chunk/xor-decoder.ts";
import { decodeHeadChunk } from "../decode-head-chunk.ts";
import type { HeadSelectionCache, SelectionVersion, SortedRows } from "./selection-cache.ts";
import { SelectionLabels } from "./selection-labels.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import { sortByLabels } from "./label-order.ts";
import { mergeOutOfOrder, readOutOfOrder } from "../out-of-order/out-of-order-columns.ts";
import { smallestStrings } from "./smallest-strings.ts";
import { maxRows, rowsForMatchers } from "./rows-for-matchers.ts";
import { RowStates } from "./row-states.ts";
import { anyRowInRange, rowsInRange } from "./rows-in-range.ts";
import { type DeletedInterval, dropDeleted } from "../../chunk/deleted-interval.ts";
import type { Snapshot } from "../concurrency/undo-log.ts";

/** Number of rows that are sorted while a snapshot is open. Sorting them takes a few milliseconds. */
const SORTED_AT_ONCE = 4096;
/** Number of rows that an estimate checks for samples in the time range. */
const FEW_ROWS = 64;

/** A head that can be read. It belongs to this thread or to another one. */
export interface ReadableHead {
  readonly memory: HeadMemory;
  readonly selections: HeadSelectionCache;
  /**
   * Runs `body` on a consistent snapshot of the head. The snapshot shows all earlier commits completely, and no later
   * commit in rows. `body` may run twice and should be short, because the head saves the state of all rows that change
   * during the snapshot. Rejects with SnapshotLost if there are too many changes.
   */
  withSnapshot<T>(body: (snapshot: Snapshot) => T, signal?: AbortSignal): Promise<T>;
  /** Keeps the current data in memory until the returned function is called. */
  pin(): () => void;
}

/** Reads a head. Series that select() found stay readable and unchanged until close(). */
export class HeadQuerier implements Querier {
  readonly #head: ReadableHead;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #sortedAtOnce: number;
  readonly #decoded = new DecodedBytes();
  #unpin: (() => void) | undefined;

  /**
   * @param sortedAtOnce number of rows up to which a selection is sorted while the snapshot is open; a larger one is
   * sorted afterwards
   */
  constructor(head: ReadableHead, minTime: number, maxTime: number, sortedAtOnce = SORTED_AT_ONCE) {
    this.#head = head;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
    this.#sortedAtOnce = sortedAtOnce;
  }

  get bytesRead(): number {
    return this.#decoded.count;
  }

  async select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet> {
    hints.signal?.throwIfAborted();
    this.#unpin ??= this.#head.pin();
    const chosen = await this.#head.withSnapshot((one) => this.#choose(matchers, hints, one), hints.signal);
    return this.#inOrder(chosen, matchers, hints.limit || Infinity);
  }

  maxSeries(matchers: readonly Matcher[]): number {
    return maxRows(this.#head.memory, matchers);
  }

  maxListed(matchers: readonly Matcher[], label?: string): number {
    const { memory } = this.#head;
    if (matchers.length > 0) return maxRows(memory, matchers);
    const { postings, series, symbols } = memory;
    // Returns Infinity if a listing may have to check each row for samples in the time range.
    const isQuick = series.count <= FEW_ROWS || anyRowInRange(memory, this.#minTime, this.#maxTime, FEW_ROWS);
    if (!isQuick) return Infinity;
    return label === undefined ? postings.takenNames : (postings.nameOf(symbols.find(label))?.pairCount ?? 0);
  }

  /**
   * Selects the rows for a query and copies their states. A large selection is sorted after the snapshot ends, because
   * sorting takes longest and only needs the rows, which stay in memory.
   */
  #choose(matchers: readonly Matcher[], hints: SelectHints, snapshot: Snapshot): Chosen {
    const { memory, selections } = this.#head;
    const from = Math.max(this.#minTime, hints.start);
    const to = Math.min(this.#maxTime, hints.end);
    const limit = hints.limit || Infinity;
    let kept = selections.kept(matchers);
    // Reads the version before the rows. If a series is added in between, the cached rows have an older version and
    // count as out of date.
    const version = kept === undefined ? selections.versionOf(matchers) : undefined;
    const all = kept?.rows ?? rowsForMatchers(memory, matchers);
    const within = rowsInRange(memory, all, snapshot, from, to);
    const isWhole = within.length === all.length && within.length <= limit;
    const isSorted = version === undefined || within.length <= this.#sortedAtOnce;
    if (version !== undefined && isSorted) {
      sortByLabels(memory, within, limit);
      if (isWhole) kept = selections.keep(matchers, within, version);
    }
    const rows = isSorted ? within.subarray(0, limit) : within;
    return { states: RowStates.take(memory, rows, snapshot), isSorted, kept, isWhole, version };
  }

  #inOrder(chosen: Chosen, matchers: readonly Matcher[], limit: number): SeriesSet {
    const { memory, selections } = this.#head;
    const { isSorted, isWhole, version } = chosen;
    let { states, kept } = chosen;
    if (!isSorted) {
      const sorted = states.rows.slice();
      const places = sortByLabels(memory, sorted, limit);
      states = states.reordered(sorted.subarray(0, limit), places.subarray(0, limit));
      if (isWhole && version !== undefined) kept = selections.keep(matchers, sorted, version);
    }
    const { rows } = states;
    let labels: SelectionLabels | undefined;
    if (isWhole && (version === undefined || rows.length > selections.few)) labels = kept!.labels();
    else if (rows.length > selections.few) labels = new SelectionLabels(memory, rows);
    const range = { minTime: this.#minTime, maxTime: this.#maxTime };
    return new HeadSeriesSet(memory, states, labels, range, this.#decoded);
  }

  async labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]> {
    return sorted(await this.#head.withSnapshot((snapshot) => this.#namesOf(matchers, snapshot)), hints);
  }

  #namesOf(matchers: readonly Matcher[], snapshot: Snapshot): string[] {
    const { postings, series, symbols } = this.#head.memory;
    const found = new Set<number>();
    if (matchers.length === 0) {
      if (this.#isInRange()) for (const { symbol } of postings.names) found.add(symbol);
    } else {
      for (const row of this.#rows(matchers, snapshot)) {
        for (let i = 0; i < series.at.labelCount[row]!; i++) found.add(postings.name[series.pairAt(row, i)]!);
      }
    }
    return [...found].map((symbol) => symbols.text(symbol));
  }

  async labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]> {
    return sorted(await this.#head.withSnapshot((snapshot) => this.#valuesOf(name, matchers, snapshot)), hints);
  }

  #valuesOf(name: string, matchers: readonly Matcher[], snapshot: Snapshot): string[] {
    const { postings, series, symbols } = this.#head.memory;
    const known = postings.nameOf(symbols.find(name));
    if (known === undefined) return [];
    const found = new Set<number>();
    if (matchers.length === 0) {
      if (this.#isInRange()) postings.forEachPair(known, (pair) => found.add(pair));
    } else for (const row of this.#rows(matchers, snapshot)) found.add(series.pairOfName(row, known.symbol));
    found.delete(0);
    return [...found].map((pair) => symbols.text(postings.value[pair]!));
  }

  close(): void {
    this.#unpin?.();
    this.#unpin = undefined;
  }

  /**
   * Returns whether any series can have samples in the time range. If so, label queries without matchers return all
   * names and values of the head, otherwise none.
   */
  #isInRange(): boolean {
    return anyRowInRange(this.#head.memory, this.#minTime, this.#maxTime);
  }

  #rows(matchers: readonly Matcher[], snapshot: Snapshot): Uint32Array {
    const { memory } = this.#head;
    return rowsInRange(memory, rowsForMatchers(memory, matchers), snapshot, this.#minTime, this.#maxTime);
  }
}

/** The rows that a snapshot has for a query. */
interface Chosen {
  readonly states: RowStates;
  /** Whether the rows are sorted by their labels. */
  readonly isSorted: boolean;
  readonly kept: SortedRows | undefined;
  /** True if the rows are all rows that the matchers accept. False if the time range or a limit excludes some rows. */
  readonly isWhole: boolean;
  /** State of the series table before the rows were selected. Undefined if the rows were in the cache. */
  readonly version: SelectionVersion | undefined;
}

function sorted(texts: string[], hints: LabelHints | undefined): readonly string[] {
  hints?.signal?.throwIfAborted();
  return smallestStrings(texts, hints?.limit || Infinity);
}

/** The selected series of a head, with the samples that they had when they were selected. */
class HeadSeriesSet implements SeriesSet {
  readonly labelSets: LabelSets | undefined;
  #labels: readonly Labels[] | undefined;
  readonly warnings: readonly string[] = [];
  readonly #memory: HeadMemory;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #states: RowStates;
  #spareColumns: SampleColumns | undefined;
  readonly #decoded: DecodedBytes;
  #encoder: ChunkEncoder | undefined;
  readonly #deleted: readonly (readonly DeletedInterval[] | undefined)[] | undefined;
  readonly #chain: number[] = [];

  constructor(
    memory: HeadMemory,
    states: RowStates,
    labels: LabelSets | undefined,
    range: DeletedInterval,
    decoded: DecodedBytes,
  ) {
    this.#memory = memory;
    this.#decoded = decoded;
    this.#states = states;
    this.#minTime = range.minTime;
    this.#maxTime = range.maxTime;
    this.labelSets = labels;
    // Creates the label sets of a small selection immediately, because recent queries have often cached them. For a
    // large selection, `labels` contains the labels in a more compact form.
    this.#labels = labels === undefined ? Array.from(states.rows, (row) => memory.series.labelsOf(row)) : undefined;
    this.#deleted = states.deleted;
  }

  /**
   * Buffer for samples that must be merged and encoded again. The buffer is created on first use, because few queries
   * need it.
   */
  get #columns(): SampleColumns {
    return (this.#spareColumns ??= new SampleColumns(32));
  }

  get labels(): readonly Labels[] {
    return (this.#labels ??= Array.from({ length: this.labelSets!.count }, (_, index) => this.labelSets!.at(index)));
  }

  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    into.reset();
    const from = Math.max(minTime, this.#minTime);
    const to = Math.min(maxTime, this.#maxTime);
    this.#link(index, from, to);
    for (let i = this.#chain.length - 1; i >= 0; i--) this.#decode(this.#chain[i]!, from, to, into);
    this.#decodeOpen(index, from, to, into);
    this.#mergeOutOfOrder(index, from, to, into);
    const deleted = this.#deleted?.[index];
    if (deleted !== undefined) dropDeleted(into, deleted);
  }

  /** Collects the closed chunks of a series that overlap the range, newest first. */
  #link(index: number, from: number, to: number): void {
    const { chunks } = this.#memory;
    this.#chain.length = 0;
    const first = this.#states.firstChunk[index]!;
    for (let id = this.#states.lastChunk[index]!; id !== 0 && chunks.maxTime[id]! >= from; id = chunks.previous[id]!) {
      if (chunks.minTime[id]! <= to) this.#chain.push(id);
      if (id === first) break;
    }
  }

  #decode(id: number, from: number, to: number, into: SampleColumns): void {
    const { chunks } = this.#memory;
    const encoding = chunks.encoding[id]!;
    this.#decoded.count += chunks.size[id]!;
    chunks.withBytes(id, (bytes, start, end) => decodeHeadChunk(bytes, start, end, -1, encoding, from, to, into));
  }

  #decodeOpen(index: number, from: number, to: number, into: SampleColumns): void {
    const open = this.#states.openCount[index]!;
    if (open === 0 || this.#states.openMinTime[index]! > to) return;
    const block = this.#states.openBlock[index]!;
    const bytes = this.#memory.slabs.bytes[block >>> 16]!;
    const start = (block & 0xffff) * 8;
    const encoding = this.#states.openEncoding[index]!;
    const size = this.#openBytes(index);
    this.#decoded.count += size;
    const end = encoding === ENCODING_XOR ? start + size : bytes.length;
    decodeHeadChunk(bytes, start, end, open, encoding, from, to, into);
  }

  /**
   * Adds the chunks of a series in the time range. The open chunk is encoded again, because its bytes may still change.
   */
  readChunks(index: number, minTime: number, maxTime: number, into: EncodedChunks): boolean {
    into.reset();
    if (this.#states.isOutOfOrder(index) || this.#deleted?.[index] !== undefined) return false;
    const from = Math.max(minTime, this.#minTime);
    const to = Math.min(maxTime, this.#maxTime);
    const { chunks } = this.#memory;
    this.#link(index, from, to);
    for (let i = this.#chain.length - 1; i >= 0; i--) {
      const id = this.#chain[i]!;
      const [first, last] = [chunks.minTime[id]!, chunks.maxTime[id]!];
      if (first < from || last > to) this.#encode(into, (columns) => this.#decode(id, from, to, columns));
      else chunks.withBytes(id, (bytes, start, end) => into.add(bytes, start, end, chunks.encoding[id]!, first, last));
    }
    this.#encode(into, (columns) => this.#decodeOpen(index, from, to, columns));
    return true;
  }

  #encode(into: EncodedChunks, decode: (columns: SampleColumns) => void): void {
    const columns = this.#columns;
    const encoder = (this.#encoder ??= new ChunkEncoder(Infinity));
    columns.reset();
    decode(columns);
    encoder.reset();
    encoder.encode(columns);
    into.addAll(encoder);
  }

  /**
   * Reads the newest sample of a series in the time range. The series' last in-order sample is stored without encoding,
   * and out-of-order samples are older. Any other sample is usually in the open chunk.
   */
  readNewest(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    const from = Math.max(minTime, this.#minTime);
    const to = Math.min(maxTime, this.#maxTime);
    const time = this.#states.lastTime[index]!;
    const isKnown = this.#states.openCount[index]! > 0 && this.#states.openEncoding[index] === ENCODING_XOR;
    if (!isKnown || this.#deleted?.[index] !== undefined) this.read(index, minTime, maxTime, into);
    else if (time <= to) {
      into.reset();
      if (time >= from) into.pushFloat(time, this.#states.lastValueWords, index);
    } else if (!this.#newestOfOpen(index, from, to, into)) this.read(index, minTime, maxTime, into);
  }

  /** Reads the newest sample in the time range if it is certainly in the open chunk. Otherwise returns false. */
  #newestOfOpen(index: number, from: number, to: number, into: SampleColumns): boolean {
    if (this.#states.openMinTime[index]! > to || this.#states.isOutOfOrder(index)) return false;
    const block = this.#states.openBlock[index]!;
    const words = this.#memory.slabs.words[block >>> 16]!;
    into.reset();
    const size = this.#openBytes(index);
    this.#decoded.count += size;
    return decodeNewestXor(words, (block & 0xffff) * 2, size, this.#states.openCount[index]!, from, to, into);
  }

  /** Returns the size of the open chunk, bytes. */
  #openBytes(index: number): number {
    return (this.#states.openBits[index]! + 7) >>> 3;
  }

  #mergeOutOfOrder(index: number, from: number, to: number, into: SampleColumns): void {
    if (!this.#states.isOutOfOrder(index)) return;
    const columns = this.#columns;
    columns.reset();
    const { chunks } = this.#memory;
    this.#decoded.count += readOutOfOrder(chunks, this.#states.outOfOrder(index), from, to, columns);
    mergeOutOfOrder(into, columns);
  }
}
