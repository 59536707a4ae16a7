import { ByteMap, Uint32List } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import { sequenceOrder } from "../block/sequence-order.ts";
import type { HeadMemory } from "../head/memory/head-memory.ts";

/** A head to make blocks of: attached on another thread, or the one of this thread. */
export interface HeadSource {
  readonly memory: HeadMemory;
  /** Runs `body` over memory that does not change meanwhile; it may be run again. */
  readOptimistically<T>(body: () => T): T;
}

/** Series, or symbols, per optimistic read: it must be short enough to fit between two commits. */
const PER_READ = 2048;
/** Of a column, at first. */
const CAPACITY = 4096;

/** Series of a head in the order of their labels. */
export interface RankedSeries {
  /** The texts of their labels, numbered in bytewise order. */
  readonly symbols: ByteMap;
  readonly rows: Uint32Array;
  /** Labels of rows[i] as numbers of pairs: from labelsEnd[i - 1] to labelsEnd[i]. */
  readonly labels: Uint32Array;
  readonly labelsEnd: Uint32Array;
  /** Pairs of a name and a value in their order, as symbol numbers: name, value, name, value … */
  readonly pairs: Uint32Array;
}

/** Which series to sort; times in ms, both included. */
export interface Selection {
  readonly minTime: number;
  readonly maxTime: number;
  /** By their out-of-order samples instead of those that came in order. */
  readonly outOfOrder?: boolean;
  /** Those alone whose rows have a 1 here. */
  readonly only?: Uint8Array | undefined;
}

/** Sorts the series that may have samples in a time. None may be dropped meanwhile. */
export function* rankSeries(head: HeadSource, selection: Selection): Steps<RankedSeries> {
  const rows = new Uint32List(CAPACITY);
  const labels = new Uint32List(CAPACITY);
  const ends = new Uint32List(CAPACITY);
  ends.push(0);
  const end = head.readOptimistically(() => head.memory.series.end);
  for (let from = 1; from < end; from += PER_READ) {
    const before = [rows.length, labels.length, ends.length] as const;
    head.readOptimistically(() => {
      [rows.length, labels.length, ends.length] = before;
      collect(head.memory, from, Math.min(from + PER_READ, end), { selection, rows, labels, ends });
    });
    yield;
  }
  const used = distinct(labels.values.subarray(0, labels.length));
  yield;
  const pairs = yield* symbolsOfPairs(head, used);
  const symbols = yield* rankSymbols(head, pairs);
  const order = yield* sequenceOrder({ values: pairs, starts: everySecond(used.length) }, used.length);
  const ranks = new Uint32Array((used.at(-1) ?? 0) + 1);
  const ordered = new Uint32Array(pairs.length);
  for (let rank = 0; rank < order.length; rank++) {
    const i = order[rank]!;
    ranks[used[i]!] = rank;
    ordered[rank * 2] = pairs[i * 2]!;
    ordered[rank * 2 + 1] = pairs[i * 2 + 1]!;
  }
  yield;
  const { values } = labels;
  for (let i = 0; i < labels.length; i++) values[i] = ranks[values[i]!]!;
  return { symbols, pairs: ordered, ...(yield* sorted(rows, values, ends)) };
}

/** Where each of `count` lists of two begins. */
function everySecond(count: number): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (let i = 1; i <= count; i++) starts[i] = i * 2;
  return starts;
}

/** Name and value of each pair, as the head numbers them. */
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
  readonly labels: Uint32List;
  readonly ends: Uint32List;
}

function collect({ series, chunks }: HeadMemory, from: number, to: number, into: Collection): void {
  const { at } = series;
  const { minTime, maxTime, outOfOrder, only } = into.selection;
  for (let row = from; row < to; row++) {
    if (at.ref[row] === 0 || (only !== undefined && only[row] !== 1)) continue;
    const range = outOfOrder === true ? outOfOrderTimes(series, row) : timesOf(series, chunks, row);
    if (range.to < minTime || range.from > maxTime) continue;
    into.rows.push(row);
    for (let i = 0; i < at.labelCount[row]!; i++) into.labels.push(series.pairAt(row, i));
    into.ends.push(into.labels.length);
  }
}

const NOTHING = { from: Infinity, to: -Infinity };

function timesOf({ at }: HeadMemory["series"], chunks: HeadMemory["chunks"], row: number): typeof NOTHING {
  const first = at.firstChunk[row]!;
  if (first === 0 && at.openBlock[row] === 0) return NOTHING;
  return { from: first === 0 ? at.openMinTime[row]! : chunks.minTime[first]!, to: at.lastTime[row]! };
}

/** Times of the full chunks of out-of-order samples. */
function outOfOrderTimes({ at }: HeadMemory["series"], row: number): typeof NOTHING {
  if (at.outOfOrder[row] === at.outOfOrderEnd[row]) return NOTHING;
  return { from: at.outOfOrderMin[row]!, to: at.outOfOrderMax[row]! };
}

/** The symbols of pairs in bytewise order; puts their places in it in the place of the head's numbers. */
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

/** Each number once, rising. */
function distinct(numbers: Uint32Array): Uint32Array {
  let most = 0;
  for (const number of numbers) if (number > most) most = number;
  const seen = new Uint8Array(most + 1);
  let count = 0;
  for (const number of numbers) {
    count += 1 - seen[number]!;
    seen[number] = 1;
  }
  const found = new Uint32Array(count);
  for (let number = 0, i = 0; i < count; number++) if (seen[number] === 1) found[i++] = number;
  return found;
}

function* sorted(
  rows: Uint32List,
  labels: Uint32Array,
  ends: Uint32List,
): Steps<Pick<RankedSeries, "rows" | "labels" | "labelsEnd">> {
  const starts = ends.values;
  const order = yield* sequenceOrder({ values: labels, starts }, rows.length);
  const ordered = new Uint32Array(starts[rows.length]!);
  const labelsEnd = new Uint32Array(rows.length);
  let at = 0;
  for (let i = 0; i < order.length; i++) {
    const place = order[i]!;
    for (let k = starts[place]!; k < starts[place + 1]!; k++) ordered[at++] = labels[k]!;
    labelsEnd[i] = at;
    order[i] = rows.values[place]!;
  }
  return { rows: order, labels: ordered, labelsEnd };
}
