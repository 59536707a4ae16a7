import { compareBytewise, type Labels, type Matcher } from "@narthex/model";
import {
  type LabelHints,
  type LabelSets,
  type Querier,
  SampleColumns,
  type SelectHints,
  type SeriesSet,
} from "@narthex/storage";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { decodeNewestXor } from "../chunk/xor-decoder.ts";
import { decodeChunk } from "./decode-chunk.ts";
import type { ChosenSeries } from "./chosen-rows.ts";
import type { HeadMemory } from "./head-memory.ts";
import { mergeColumns, readOutOfOrder } from "./out-of-order-columns.ts";
import { rowsForMatchers } from "./rows-for-matchers.ts";
import type { SeriesRow } from "./series-table.ts";
import { type DeletedInterval, dropDeleted } from "./tombstones.ts";

/** A head to read: the one of this thread or one of another. */
export interface ReadableHead {
  readonly memory: HeadMemory;
  /** Runs `body` over memory that does not change meanwhile; it may be run again. */
  look<T>(body: () => T): Promise<T>;
  /** Keeps what is there now readable until the returned function is called. */
  pin(): () => void;
}

/** Reads the head. What select() saw stays readable, and unchanged, until close(). */
export class HeadQuerier implements Querier {
  readonly #head: ReadableHead;
  readonly #minTime: number;
  readonly #maxTime: number;
  #unpin: (() => void) | undefined;

  constructor(head: ReadableHead, minTime: number, maxTime: number) {
    this.#head = head;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
  }

  async select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet> {
    hints.signal?.throwIfAborted();
    this.#unpin ??= this.#head.pin();
    return this.#head.look(() => this.#choose(matchers, hints));
  }

  #choose(matchers: readonly Matcher[], hints: SelectHints): SeriesSet {
    const { memory } = this.#head;
    const from = Math.max(this.#minTime, hints.start);
    const to = Math.min(this.#maxTime, hints.end);
    const chosen = memory.chosen.choose(matchers, (row) => overlaps(memory, row, from, to), hints.limit || Infinity);
    return new HeadSeriesSet(memory, chosen, this.#minTime, this.#maxTime);
  }

  async labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]> {
    return sorted(await this.#head.look(() => this.#namesOf(matchers)), hints);
  }

  #namesOf(matchers: readonly Matcher[]): string[] {
    const { index, series, symbols } = this.#head.memory;
    const found = new Set<number>();
    if (matchers.length === 0) for (const { symbol } of index.names) found.add(symbol);
    else {
      for (const row of this.#rows(matchers)) {
        for (let i = 0; i < series.at.labelCount[row]!; i++) found.add(index.name[series.pairAt(row, i)]!);
      }
    }
    return [...found].map((symbol) => symbols.text(symbol));
  }

  async labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]> {
    return sorted(await this.#head.look(() => this.#valuesOf(name, matchers)), hints);
  }

  #valuesOf(name: string, matchers: readonly Matcher[]): string[] {
    const { index, series, symbols } = this.#head.memory;
    const known = index.nameOf(symbols.find(name));
    if (known === undefined) return [];
    const found = new Set<number>();
    if (matchers.length === 0) index.forEachPair(known, (pair) => found.add(pair));
    else for (const row of this.#rows(matchers)) found.add(series.pairOfName(row, known.symbol));
    found.delete(0);
    return [...found].map((pair) => symbols.text(index.value[pair]!));
  }

  close(): void {
    this.#unpin?.();
    this.#unpin = undefined;
  }

  #rows(matchers: readonly Matcher[]): Uint32Array {
    const { memory } = this.#head;
    return rowsForMatchers(memory, matchers).filter((row) => overlaps(memory, row, this.#minTime, this.#maxTime));
  }
}

function sorted(texts: string[], hints: LabelHints | undefined): readonly string[] {
  hints?.signal?.throwIfAborted();
  texts.sort(compareBytewise);
  return hints?.limit ? texts.slice(0, hints.limit) : texts;
}

/** Has the series samples, and can some lie in the range? */
function overlaps({ series, chunks }: HeadMemory, row: SeriesRow, from: number, to: number): boolean {
  const { at } = series;
  const late = at.outOfOrderOpen[row] !== 0 || at.outOfOrder[row] !== at.outOfOrderEnd[row];
  if (late && at.outOfOrderMax[row]! >= from && at.outOfOrderMin[row]! <= to) return true;
  const first = at.firstChunk[row]!;
  if (first === 0 && at.openBlock[row] === 0) return false;
  const minTime = first === 0 ? at.openMinTime[row]! : chunks.minTime[first]!;
  return at.lastTime[row]! >= from && minTime <= to;
}

/** The chosen series with what they held when they were chosen. */
class HeadSeriesSet implements SeriesSet {
  readonly labelSets: LabelSets | undefined;
  #labels: readonly Labels[] | undefined;
  readonly warnings: readonly string[] = [];
  readonly #memory: HeadMemory;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #firstChunk: Uint32Array;
  readonly #lastChunk: Uint32Array;
  readonly #openBlock: Uint32Array;
  readonly #openCount: Uint16Array;
  readonly #openBits: Uint32Array;
  readonly #openEncoding: Uint8Array;
  readonly #openMinTime: Float64Array;
  readonly #lastTime: Float64Array;
  /** Two words per series: the value of its newest sample in order, where that is a float. */
  readonly #lastWords: Uint32Array;
  /** Per series: full chunks, their end, unfilled chunks of out-of-order samples; undefined when none has any. */
  readonly #late: Uint32Array | undefined;
  readonly #lateColumns = new SampleColumns(32);
  readonly #deleted: (readonly DeletedInterval[] | undefined)[] | undefined;
  readonly #chain: number[] = [];

  constructor(memory: HeadMemory, { rows, labels }: ChosenSeries, minTime: number, maxTime: number) {
    const { at, lastWords } = memory.series;
    this.#memory = memory;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
    this.labelSets = labels;
    // Few are made at once: chances are that the same ones were asked for lately.
    this.#labels = labels === undefined ? Array.from(rows, (row) => memory.series.labelsOf(row)) : undefined;
    const count = rows.length;
    const firstChunk = (this.#firstChunk = new Uint32Array(count));
    const lastChunk = (this.#lastChunk = new Uint32Array(count));
    const openBlock = (this.#openBlock = new Uint32Array(count));
    const openCount = (this.#openCount = new Uint16Array(count));
    const openBits = (this.#openBits = new Uint32Array(count));
    const openEncoding = (this.#openEncoding = new Uint8Array(count));
    const openMinTime = (this.#openMinTime = new Float64Array(count));
    const lastTime = (this.#lastTime = new Float64Array(count));
    const words = (this.#lastWords = new Uint32Array(count * 2));
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      firstChunk[i] = at.firstChunk[row]!;
      lastChunk[i] = at.lastChunk[row]!;
      openBlock[i] = at.openBlock[row]!;
      openCount[i] = at.openCount[row]!;
      openBits[i] = at.openBits[row]!;
      openEncoding[i] = at.openEncoding[row]!;
      openMinTime[i] = at.openMinTime[row]!;
      lastTime[i] = at.lastTime[row]!;
      words[i * 2] = lastWords[row * 2]!;
      words[i * 2 + 1] = lastWords[row * 2 + 1]!;
    }
    this.#late = lateChunks(memory, rows);
    const { tombstones } = memory;
    this.#deleted = tombstones.size > 0 ? Array.from(rows, (row) => tombstones.intervalsOf(at.ref[row]!)) : undefined;
  }

  get labels(): readonly Labels[] {
    return (this.#labels ??= Array.from({ length: this.labelSets!.count }, (_, index) => this.labelSets!.at(index)));
  }

  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    into.reset();
    const from = Math.max(minTime, this.#minTime);
    const to = Math.min(maxTime, this.#maxTime);
    const { chunks } = this.#memory;
    this.#chain.length = 0;
    const first = this.#firstChunk[index]!;
    for (let id = this.#lastChunk[index]!; id !== 0 && chunks.maxTime[id]! >= from; id = chunks.previous[id]!) {
      if (chunks.minTime[id]! <= to) this.#chain.push(id);
      if (id === first) break;
    }
    for (let i = this.#chain.length - 1; i >= 0; i--) {
      const id = this.#chain[i]!;
      const encoding = chunks.encoding[id]!;
      chunks.withBytes(id, (bytes, start, end) => decodeChunk(bytes, start, end, -1, encoding, from, to, into));
    }
    const open = this.#openCount[index]!;
    if (open > 0 && this.#openMinTime[index]! <= to) {
      const block = this.#openBlock[index]!;
      const bytes = this.#memory.slabs.bytes[block >>> 16]!;
      const start = (block & 0xffff) * 8;
      const encoding = this.#openEncoding[index]!;
      const end = encoding === ENCODING_XOR ? start + this.#openBytes(index) : bytes.length;
      decodeChunk(bytes, start, end, open, encoding, from, to, into);
    }
    this.#mergeLate(index, from, to, into);
    const deleted = this.#deleted?.[index];
    if (deleted !== undefined) dropDeleted(into, deleted);
  }

  /** The newest sample in order is known without decoding, late ones are older; the one before is in the open chunk. */
  readNewest(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    const from = Math.max(minTime, this.#minTime);
    const to = Math.min(maxTime, this.#maxTime);
    const time = this.#lastTime[index]!;
    const isKnown = this.#openCount[index]! > 0 && this.#openEncoding[index] === ENCODING_XOR;
    if (!isKnown || this.#deleted?.[index] !== undefined) this.read(index, minTime, maxTime, into);
    else if (time <= to) {
      into.reset();
      if (time >= from) into.pushFloat(time, this.#lastWords, index);
    } else if (!this.#newestOfOpen(index, from, to, into)) this.read(index, minTime, maxTime, into);
  }

  /** The newest sample of the range where that is certain to be in the open chunk; else false. */
  #newestOfOpen(index: number, from: number, to: number, into: SampleColumns): boolean {
    if (this.#openMinTime[index]! > to || this.#isLate(index)) return false;
    const block = this.#openBlock[index]!;
    const words = this.#memory.slabs.words[block >>> 16]!;
    into.reset();
    const size = this.#openBytes(index);
    return decodeNewestXor(words, (block & 0xffff) * 2, size, this.#openCount[index]!, from, to, into);
  }

  /** Size of the open chunk, where its samples are floats. */
  #openBytes(index: number): number {
    return (this.#openBits[index]! + 7) >>> 3;
  }

  #isLate(index: number): boolean {
    const late = this.#late;
    return late !== undefined && (late[index * 3] !== late[index * 3 + 1] || late[index * 3 + 2] !== 0);
  }

  #mergeLate(index: number, from: number, to: number, into: SampleColumns): void {
    if (!this.#isLate(index)) return;
    const late = this.#late!;
    const [full, end, open] = [late[index * 3]!, late[index * 3 + 1]!, late[index * 3 + 2]!];
    const columns = this.#lateColumns;
    columns.reset();
    readOutOfOrder(this.#memory.chunks, { full, end, open }, from, to, columns);
    mergeColumns(into, columns);
  }
}

function lateChunks({ series }: HeadMemory, rows: Uint32Array): Uint32Array | undefined {
  const { at } = series;
  const { outOfOrder, outOfOrderEnd, outOfOrderOpen } = at;
  let first = 0;
  for (; first < rows.length; first++) {
    const row = rows[first]!;
    if (outOfOrderOpen[row] !== 0 || outOfOrder[row] !== outOfOrderEnd[row]) break;
  }
  if (first === rows.length) return undefined;
  const late = new Uint32Array(rows.length * 3);
  for (const [i, row] of rows.entries()) {
    late.set([at.outOfOrder[row]!, at.outOfOrderEnd[row]!, at.outOfOrderOpen[row]!], i * 3);
  }
  return late;
}
