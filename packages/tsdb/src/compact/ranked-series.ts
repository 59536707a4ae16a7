import { ByteMap, Uint32List } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import { sequenceOrder } from "../block/sequence-order.ts";
import { sortByRanks } from "./sort-by-ranks.ts";
import type { HeadMemory } from "../head/memory/head-memory.ts";

/**
 * The parts of a head that the writer of a block reads. The head belongs to this thread, or is shared memory of another
 * thread.
 */
export interface HeadSource {
  readonly memory: HeadMemory;
  /**
   * Runs `body`, which reads the head's memory. Runs it a second time if a commit changed the memory during the first
   * run.
   */
  readOptimistically<T>(body: () => T): T;
}

/** Number of series or symbols in one read. The read must be short enough to fit between two commits. */
const PER_READ = 2048;
/** Initial capacity of a column, in entries. */
const CAPACITY = 4096;

/**
 * The selected series of a head, sorted by labels. The labels are not copied, because copies for millions of series
 * would take gigabytes.
 */
export interface RankedSeries {
  /** Label names and values of the series, numbered in the order of their bytes. */
  readonly symbols: ByteMap;
  readonly rows: Uint32Array;
  /**
   * Symbols of the head's label pairs: the name of pair i is at 2 × i, its value at 2 × i + 1, as numbers of `symbols`.
   */
  readonly pairs: Uint32Array;
}

/** Selects the series to sort. Times are in ms, both included. */
export interface Selection {
  readonly minTime: number;
  readonly maxTime: number;
  /** Whether series are selected by their out-of-order samples instead of their in-order samples. */
  readonly outOfOrder?: boolean;
  /** If set, only rows with a 1 in this array are selected. */
  readonly only?: Uint8Array | undefined;
}

/**
 * Selects the series that may have samples in the range and sorts them by labels. No series may be removed during the
 * call.
 */
export function* rankSeries(head: HeadSource, selection: Selection): Steps<RankedSeries> {
  const rows = new Uint32List(CAPACITY);
  const pairsRead = new Uint32List(CAPACITY);
  const used = new UsedPairs();
  const end = head.readOptimistically(() => head.memory.series.end);
  for (let from = 1; from < end; from += PER_READ) {
    const before = rows.length;
    head.readOptimistically(() => {
      rows.length = before;
      pairsRead.length = 0;
      collect(head.memory, from, Math.min(from + PER_READ, end), { selection, rows, pairs: pairsRead });
    });
    used.addAll(pairsRead);
    yield;
  }
  const numbers = used.numbers();
  yield;
  const texts = yield* symbolsOfPairs(head, numbers);
  const symbols = yield* rankSymbols(head, texts);
  const order = yield* sequenceOrder({ values: texts, starts: everySecond(numbers.length) }, numbers.length);
  const ranks = new Uint32Array((numbers.at(-1) ?? 0) + 1);
  for (let rank = 0; rank < order.length; rank++) ranks[numbers[order[rank]!]!] = rank;
  yield;
  const sorted = rows.values.subarray(0, rows.length);
  yield* sortByRanks(head, sorted, ranks);
  const pairs = new Uint32Array(ranks.length * 2);
  for (let i = 0; i < numbers.length; i++) {
    pairs[numbers[i]! * 2] = texts[i * 2]!;
    pairs[numbers[i]! * 2 + 1] = texts[i * 2 + 1]!;
  }
  return { symbols, rows: sorted, pairs };
}

/** Returns the starts of `count` lists that have two elements each: 0, 2, 4, … */
function everySecond(count: number): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (let i = 1; i <= count; i++) starts[i] = i * 2;
  return starts;
}

/** Returns the symbols of the name and the value of each used label pair, as symbol numbers of the head. */
function* symbolsOfPairs(head: HeadSource, used: Uint32Array): Steps<Uint32Array> {
  const pairs = new Uint32Array(used.length * 2);
  for (let from = 0; from < used.length; from += PER_READ) {
    head.readOptimistically(() => {
      const { name, value } = head.memory.postings;
      for (let i = from; i < Math.min(from + PER_READ, used.length); i++) {
        pairs[i * 2] = name[used[i]!]!;
        pairs[i * 2 + 1] = value[used[i]!]!;
      }
    });
    yield;
  }
  return pairs;
}

interface Collection {
  readonly selection: Selection;
  readonly rows: Uint32List;
  readonly pairs: Uint32List;
}

/** Collects the label pairs of the head that the series use. */
class UsedPairs {
  #seen = new Uint8Array(CAPACITY);

  addAll({ values, length }: Uint32List): void {
    for (let i = 0; i < length; i++) this.#add(values[i]!);
  }

  #add(pair: number): void {
    if (pair >= this.#seen.length) {
      const seen = new Uint8Array(2 * pair);
      seen.set(this.#seen);
      this.#seen = seen;
    }
    this.#seen[pair] = 1;
  }

  /** Returns the numbers of the used label pairs, ascending. */
  numbers(): Uint32Array {
    return placesOf(this.#seen);
  }
}

function collect({ series, chunks }: HeadMemory, from: number, to: number, into: Collection): void {
  const { at } = series;
  const { minTime, maxTime, outOfOrder, only } = into.selection;
  for (let row = from; row < to; row++) {
    if (at.ref[row] === 0 || (only !== undefined && only[row] !== 1)) continue;
    const range = outOfOrder === true ? outOfOrderTimes(series, row) : timesOf(series, chunks, row);
    if (range.to < minTime || range.from > maxTime) continue;
    into.rows.push(row);
    for (let i = 0; i < at.labelCount[row]!; i++) into.pairs.push(series.pairAt(row, i));
  }
}

const NOTHING = { from: Infinity, to: -Infinity };

function timesOf({ at }: HeadMemory["series"], chunks: HeadMemory["chunks"], row: number): typeof NOTHING {
  const first = at.firstChunk[row]!;
  if (first === 0 && at.openBlock[row] === 0) return NOTHING;
  return { from: first === 0 ? at.openMinTime[row]! : chunks.minTime[first]!, to: at.lastTime[row]! };
}

/** Returns the time range of a series' full out-of-order chunks. */
function outOfOrderTimes({ at }: HeadMemory["series"], row: number): typeof NOTHING {
  if (at.outOfOrder[row] === at.outOfOrderEnd[row]) return NOTHING;
  return { from: at.outOfOrderMin[row]!, to: at.outOfOrderMax[row]! };
}

/**
 * Sorts the symbols of label pairs by their bytes, and returns the texts in this order. Replaces the head's symbol
 * numbers in `pairs` by the positions in this order.
 */
function* rankSymbols(head: HeadSource, pairs: Uint32Array): Steps<ByteMap> {
  const unique = distinct(pairs);
  const starts = new Uint32Array(unique.length + 1);
  let bytes = Buffer.alloc(unique.length * 16);
  for (let from = 0; from < unique.length; from += PER_READ) {
    const to = Math.min(from + PER_READ, unique.length);
    head.readOptimistically(() => {
      const texts = head.memory.symbols;
      let size = starts[from]!;
      for (let i = from; i < to; i++) size += texts.sizeOf(unique[i]!);
      if (size > bytes.length) bytes = Buffer.concat([bytes], size * 2);
      for (let i = from; i < to; i++) starts[i + 1] = texts.copyTo(unique[i]!, bytes, starts[i]!);
    });
    yield;
  }
  const order = yield* sequenceOrder({ values: bytes, starts }, unique.length);
  const symbols = new ByteMap();
  const ranks = new Uint32Array((unique.at(-1) ?? 0) + 1);
  for (const i of order) ranks[unique[i]!] = symbols.add(bytes, starts[i]!, starts[i + 1]!);
  for (let i = 0; i < pairs.length; i++) pairs[i] = ranks[pairs[i]!]!;
  return symbols;
}

/** Returns the different numbers in a list, ascending. */
function distinct(numbers: Uint32Array): Uint32Array {
  let most = 0;
  for (const number of numbers) if (number > most) most = number;
  const seen = new Uint8Array(most + 1);
  for (const number of numbers) seen[number] = 1;
  return placesOf(seen);
}

/** Returns the indexes at which `seen` is 1, ascending. */
function placesOf(seen: Uint8Array): Uint32Array {
  let count = 0;
  for (const one of seen) count += one;
  const found = new Uint32Array(count);
  for (let number = 0, i = 0; i < count; number++) if (seen[number] === 1) found[i++] = number;
  return found;
}
