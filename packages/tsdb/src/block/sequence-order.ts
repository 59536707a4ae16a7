import type { Steps } from "@narthex/runtime";

/** Largest number of items that are sorted by insertion sort. */
const SHORT = 12;
/** Number of elements that are compared between two yields to other work. */
const PER_STEP = 1 << 17;

/** Lists of numbers, stored one after the other: list i is values[starts[i], starts[i + 1]). */
export interface Sequences {
  readonly values: Uint8Array | Uint32Array;
  readonly starts: Uint32Array;
}

/**
 * Sorts the first `count` lists by their elements and returns the list numbers in this order. A list comes before
 * longer lists that begin with the same elements. For texts this is the byte order, for label sets the order of labels.
 * The algorithm is Bentley and Sedgewick's multikey quicksort, which compares a common prefix only once.
 */
export function* sequenceOrder({ values, starts }: Sequences, count: number): Steps<Uint32Array<ArrayBuffer>> {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  const keys = new Uint32Array(count);
  // Ranges that are not sorted yet. Each range takes three numbers: start, end and length of the common prefix.
  const waiting = [0, count, 0];
  let looked = 0;
  while (waiting.length > 0) {
    const depth = waiting.pop()!;
    const to = waiting.pop()!;
    const from = waiting.pop()!;
    if (to - from <= SHORT) {
      insert(order, from, to, depth, values, starts);
      continue;
    }
    for (let i = from; i < to; i++) {
      const at = starts[order[i]!]! + depth;
      keys[i] = at < starts[order[i]! + 1]! ? values[at]! + 1 : 0;
    }
    partition(order, keys, waiting, { from, to, depth });
    looked += to - from;
    if (looked >= PER_STEP) {
      looked = 0;
      yield;
    }
  }
  return order;
}

/** A range of items (lists) whose first `depth` elements are equal. */
export interface CommonRange {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/**
 * Partitions a range of items (lists) by their keys into three parts: below, equal to and above a pivot. The key of an
 * item is its element at index `depth` plus 1, or 0 if the list is shorter. Unsorted parts are pushed to `waiting` as
 * start, end and depth.
 */
export function partition(
  items: Uint32Array,
  keys: Uint32Array,
  waiting: number[],
  { from, to, depth }: CommonRange,
): void {
  const pivot = middle(keys[from]!, keys[(from + to) >>> 1]!, keys[to - 1]!);
  // During the loop the items are in four parts: below the pivot, equal to the pivot, not compared yet, above the
  // pivot.
  let low = from;
  let high = to;
  for (let i = from; i < high;) {
    const key = keys[i]!;
    if (key === pivot) i++;
    else swap(items, keys, i, key < pivot ? low++ : --high);
    if (key < pivot) i++;
  }
  if (low - from > 1) waiting.push(from, low, depth);
  if (to - high > 1) waiting.push(high, to, depth);
  if (high - low > 1 && pivot !== 0) waiting.push(low, high, depth + 1);
}

function swap(order: Uint32Array, keys: Uint32Array, a: number, b: number): void {
  const place = order[a]!;
  order[a] = order[b]!;
  order[b] = place;
  const key = keys[a]!;
  keys[a] = keys[b]!;
  keys[b] = key;
}

function middle(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : Math.max(a, c);
  return a < c ? a : Math.max(b, c);
}

function insert(
  order: Uint32Array,
  from: number,
  to: number,
  depth: number,
  values: Sequences["values"],
  starts: Uint32Array,
): void {
  for (let i = from + 1; i < to; i++) {
    const place = order[i]!;
    let k = i;
    for (; k > from && isBefore(place, order[k - 1]!, depth, values, starts); k--) order[k] = order[k - 1]!;
    order[k] = place;
  }
}

function isBefore(a: number, b: number, depth: number, values: Sequences["values"], starts: Uint32Array): boolean {
  const aEnd = starts[a + 1]!;
  const bEnd = starts[b + 1]!;
  let i = starts[a]! + depth;
  let k = starts[b]! + depth;
  for (; i < aEnd && k < bEnd; i++, k++) if (values[i] !== values[k]) return values[i]! < values[k]!;
  return i === aEnd && k < bEnd;
}
