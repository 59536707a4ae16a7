import type { Steps } from "@narthex/runtime";
import type { BlockRef, ByteSlabs } from "./byte-slabs.ts";
import { HashTable } from "./hash-table.ts";
import { mix, type Symbols } from "./symbols.ts";
import { type LabelName, LabelNames } from "./label-names.ts";
import type { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { Seqlock } from "../concurrency/seqlock.ts";
import { grownLength, type SharedBuffers } from "./shared-column.ts";

export const MAX_PAIRS = 2 ** 26;
/**
 * Number of series in the first block of a list. Each further block has twice the size, up to MAX_BLOCK. A block also
 * has one word for the link to the next block, so that it exactly fills a memory piece of 2^k units. A block that is
 * one word longer would take a piece of twice the size and leave a remainder that stays fragmented.
 */
const FIRST_BLOCK = 7;
const MAX_BLOCK = 8191;
/** Number of entries of a list that removeSeries() copies between two yields to other work. */
const ENTRIES_PER_STEP = 32_768;
/** Value that replaces a list's count while the start of the list is being changed. */
const CHANGING = 0xffffffff;

/**
 * State of a label pair's list of series at some time. The first `count` entries of the list do not change while the
 * memory is pinned.
 */
export interface PostingsList {
  readonly count: number;
  /** If `count` is 1, the row of the only series. Otherwise the first memory block of the list. */
  readonly first: number;
}

/**
 * The inverted index of the head: for each label pair (name, value) the unsorted list of series that have it. Series
 * store the ids of their pairs, so a candidate is checked by a search in its ids. A list with one series is stored in
 * the pair's row itself. A longer list is a chain of memory blocks; word 0 of a block links to the next block, and
 * series numbers follow. Readers on other threads need no lock, because lists and chains only grow and an entry is
 * written before the count that includes it. Removed blocks keep their links until no reader can reach them. A reader
 * of both a list's start and its count reads the count twice, because they are two words.
 */
export class Postings {
  readonly #slabs: ByteSlabs;
  readonly #symbols: Symbols;
  readonly #columns;
  #capacity = 1024;
  /** Symbol of the name of each label pair. */
  name!: Uint32Array;
  /** Symbol of the value of each label pair. */
  value!: Uint32Array;
  #hash!: Uint32Array;
  /** Number of series that have each label pair. */
  count!: Uint32Array;
  /** If the count of a pair is 1, the row of its only series. Otherwise the first memory block of its list. */
  #first!: Uint32Array;
  #last!: Uint32Array;
  #next!: Uint32Array;
  #previous!: Uint32Array;
  readonly #table: HashTable;
  #end = 1;
  #freePair = 0;
  #live = 0;
  /** Number of removed label pairs that readers may still reach. */
  #leaving = 0;
  /**
   * Number of label pairs that have been removed. Only the writer knows it. Callers that remember ids of label pairs
   * compare this number, because the id of a removed pair may be reused.
   */
  removals = 0;
  readonly #names: LabelNames;
  readonly #reclaimer: EpochReclaimer;
  /** Lock for the hash table of label pairs. */
  readonly #lock: Seqlock;

  constructor(slabs: ByteSlabs, symbols: Symbols, reclaimer: EpochReclaimer, buffers: SharedBuffers) {
    this.#slabs = slabs;
    this.#symbols = symbols;
    this.#reclaimer = reclaimer;
    this.#lock = new Seqlock("pairs.version", buffers, () => this.#takeViews());
    this.#names = new LabelNames(reclaimer, buffers);
    this.#columns = {
      name: buffers.column("pairs.name", Uint32Array, 1024, MAX_PAIRS),
      value: buffers.column("pairs.value", Uint32Array, 1024, MAX_PAIRS),
      hash: buffers.column("pairs.hash", Uint32Array, 1024, MAX_PAIRS),
      count: buffers.column("pairs.count", Uint32Array, 1024, MAX_PAIRS),
      first: buffers.column("pairs.first", Uint32Array, 1024, MAX_PAIRS),
      last: buffers.column("pairs.last", Uint32Array, 1024, MAX_PAIRS),
      next: buffers.column("pairs.next", Uint32Array, 1024, MAX_PAIRS),
      previous: buffers.column("pairs.previous", Uint32Array, 1024, MAX_PAIRS),
    };
    this.#table = new HashTable("pairs.table", buffers, MAX_PAIRS, this.#lock);
    this.#takeViews();
  }

  /** Recreates a reader's array views after the columns have grown. */
  refresh(): void {
    this.#takeViews();
  }

  refreshNames(): void {
    this.#names.refresh();
  }

  /** Number of label pairs. */
  get pairCount(): number {
    return this.#live;
  }

  /** Number of label pair ids in use. */
  get takenPairs(): number {
    return this.#live + this.#leaving;
  }

  /** Number of slots for label names in use. */
  get takenNames(): number {
    return this.#names.taken;
  }

  /** The names in use; not sorted. */
  get names(): IterableIterator<LabelName> {
    return this.#names.all();
  }

  nameOf(symbol: number): LabelName | undefined {
    return this.#names.get(symbol);
  }

  /** Returns the id of a pair of symbols; 0 if no series has the pair. */
  find(name: number, value: number): number {
    const hash = hashPair(name, value);
    if (!this.#lock.attached) return this.#probe(name, value, hash);
    return this.#lock.read(() => this.#probe(name, value, hash));
  }

  /** Returns the id of a label pair; adds the pair if it is new. Counts a use of both symbols. */
  intern(name: number, value: number): number {
    const hash = hashPair(name, value);
    const known = this.#probe(name, value, hash);
    if (known !== 0) return known;
    const pair = this.#freePair === 0 ? this.#extend() : this.#freePair;
    if (pair === this.#freePair) this.#freePair = this.#next[pair]!;
    this.name[pair] = name;
    this.value[pair] = value;
    this.#hash[pair] = hash;
    this.count[pair] = 0;
    this.#symbols.retain(name);
    this.#symbols.retain(value);
    this.#table.insert(this.#hash, pair);
    this.#live++;
    this.#link(pair, name);
    return pair;
  }

  add(pair: number, series: number): void {
    const count = this.count[pair]!;
    if (count === 0) this.#first[pair] = series;
    else if (count === 1) {
      const block = newBlock(this.#slabs, FIRST_BLOCK);
      setWord(this.#slabs, block, 1, this.#first[pair]!);
      setWord(this.#slabs, block, 2, series);
      this.#setCount(pair, CHANGING);
      Atomics.store(this.#first, pair, block);
      this.#last[pair] = block;
    } else {
      const place = placeOf(count);
      if (place.index === 0) {
        const block = newBlock(this.#slabs, place.capacity);
        setWord(this.#slabs, this.#last[pair]!, 0, block);
        this.#last[pair] = block;
      }
      setWord(this.#slabs, this.#last[pair]!, 1 + place.index, series);
    }
    this.#setCount(pair, count + 1);
  }

  /**
   * Sets the count of a list. If other threads read, the count is stored atomically, so that they see the entries
   * before the count that includes them.
   */
  #setCount(pair: number, count: number): void {
    if (this.#reclaimer.isShared) Atomics.store(this.count, pair, count);
    else this.count[pair] = count;
  }

  list(pair: number): PostingsList {
    for (;;) {
      const count = Atomics.load(this.count, pair);
      const first = Atomics.load(this.#first, pair);
      // Repeats the read until both words are unchanged; the writer changes them within a few instructions. Comparing
      // only the count is not enough, because after a removal and an addition the count has its old value.
      const isSame = Atomics.load(this.count, pair) === count && Atomics.load(this.#first, pair) === first;
      if (count !== CHANGING && isSame) return { count, first };
    }
  }

  /**
   * Copies the series of a list to `into` from index `at` on. `into` must have room for them. Returns the index after
   * the last copied one.
   */
  copyList({ count, first }: PostingsList, into: Uint32Array, at: number): number {
    if (count === 0) return at;
    let block = first;
    if (count === 1) {
      into[at] = block;
      return at + 1;
    }
    for (let done = 0, capacity = FIRST_BLOCK; done < count; capacity = following(capacity)) {
      const words = this.#slabs.wordsOf(block >>> 16);
      const from = (block & 0xffff) * 2;
      const taken = Math.min(capacity, count - done);
      into.set(words.subarray(from + 1, from + 1 + taken), at + done);
      done += taken;
      block = words[from]!;
    }
    return at + count;
  }

  /**
   * Removes the series whose element in `gone` is set from the list of a label pair, in steps. If no series remains,
   * removes the pair. Series may be added between the steps. `change` runs the last step, which makes the result
   * visible to readers.
   */
  *removeSeries(
    pair: number,
    gone: (series: number) => boolean,
    change: (work: () => void) => void = (work) => work(),
  ): Steps<void> {
    const kept = new NewList(this.#slabs);
    let done = { count: 0, block: 0, index: 0 };
    for (;;) {
      const list = this.list(pair);
      const isLast = list.count - done.count <= ENTRIES_PER_STEP;
      const copy = (): void => {
        done = this.#copyKept(list, done, isLast ? list.count : done.count + ENTRIES_PER_STEP, gone, kept);
      };
      if (isLast) {
        change(() => {
          copy();
          if (kept.count < list.count) this.#replaceList(pair, kept);
          else kept.free();
        });
        return;
      }
      copy();
      yield;
    }
  }

  /**
   * Copies the entries of a list up to entry number `to`, without those of removed series. Returns the position
   * reached.
   */
  #copyKept(
    { count, first }: PostingsList,
    from: ListPlace,
    to: number,
    gone: (series: number) => boolean,
    kept: NewList,
  ): ListPlace {
    if (count <= 1) {
      if (count === 1 && !gone(first)) kept.add(first);
      return { count, block: 0, index: 0 };
    }
    let { block, index } = from.count === 0 ? { block: first, index: 0 } : from;
    let { capacity } = placeOf(from.count);
    for (let at = from.count; at < to; at++, index++) {
      if (index === capacity) {
        block = this.#slabs.words[block >>> 16]![(block & 0xffff) * 2]!;
        capacity = following(capacity);
        index = 0;
      }
      const series = this.#slabs.words[block >>> 16]![(block & 0xffff) * 2 + 1 + index]!;
      if (!gone(series)) kept.add(series);
    }
    return { count: to, block, index };
  }

  #replaceList(pair: number, { count, first, last }: NewList): void {
    const before = this.list(pair);
    if (count === 0) this.#remove(pair);
    this.#setCount(pair, CHANGING);
    Atomics.store(this.#first, pair, first);
    this.#last[pair] = last;
    this.#setCount(pair, count);
    freeList(this.#slabs, before);
  }

  forEachPair(name: LabelName, visit: (pair: number) => void): void {
    for (let pair = name.firstPair; pair !== 0; pair = this.#next[pair]!) {
      if (pair >= this.#next.length) this.refresh();
      visit(pair);
    }
  }

  /** Yields every pair of a label name. If the head is pinned, pairs may be added and removed during the iteration. */
  *pairsOf(name: LabelName): Generator<number, void, undefined> {
    for (let pair = name.firstPair; pair !== 0; pair = this.#next[pair]!) {
      if (pair >= this.#next.length) this.refresh();
      yield pair;
    }
  }

  /**
   * Removes a label pair from the linked list of its name. The removed pair keeps its own link to the next pair, so
   * that a reader that has reached the removed pair can continue.
   */
  #remove(pair: number): void {
    this.#table.remove(this.#hash, pair);
    const symbol = this.name[pair]!;
    const name = this.#names.get(symbol)!;
    const next = this.#next[pair]!;
    const previous = this.#previous[pair]!;
    if (previous === 0) name.firstPair = next;
    else this.#next[previous] = next;
    if (next !== 0) this.#previous[next] = previous;
    if (--name.pairCount === 0) this.#names.delete(name);
    this.#symbols.release(this.value[pair]!);
    this.#symbols.release(symbol);
    this.#live--;
    this.#leaving++;
    this.removals++;
    this.#reclaimer.retire(this.#recycle, pair, 0);
  }

  readonly #recycle = (pair: number): void => {
    this.#leaving--;
    this.#next[pair] = this.#freePair;
    this.#freePair = pair;
  };

  #link(pair: number, symbol: number): void {
    const name = this.#names.get(symbol) ?? this.#names.add(symbol);
    this.#next[pair] = name.firstPair;
    this.#previous[pair] = 0;
    if (name.firstPair !== 0) this.#previous[name.firstPair] = pair;
    name.firstPair = pair;
    name.pairCount++;
  }

  #probe(name: number, value: number, hash: number): number {
    return this.#table.find(this.#hash, hash, (pair) => this.value[pair] === value && this.name[pair] === name);
  }

  #extend(): number {
    if (this.#end >= this.#capacity) {
      this.#capacity = grownLength(this.#capacity, MAX_PAIRS);
      for (const column of Object.values(this.#columns)) column.view(this.#capacity);
      this.#takeViews();
    }
    return this.#end++;
  }

  #takeViews(): void {
    this.name = this.#columns.name.whole();
    this.value = this.#columns.value.whole();
    this.#hash = this.#columns.hash.whole();
    this.count = this.#columns.count.whole();
    this.#first = this.#columns.first.whole();
    this.#last = this.#columns.last.whole();
    this.#next = this.#columns.next.whole();
    this.#previous = this.#columns.previous.whole();
    this.#table.refresh();
  }
}

/** Read position in a list: the number of entries before it, the memory block and the index in the block. */
interface ListPlace {
  readonly count: number;
  readonly block: BlockRef;
  readonly index: number;
}

/** A list of series that is being built and does not belong to a label pair yet. */
class NewList {
  count = 0;
  first = 0;
  last: BlockRef = 0;
  readonly #slabs: ByteSlabs;
  /** Index of the next entry in the last block. */
  #index = 0;
  #capacity = 0;

  constructor(slabs: ByteSlabs) {
    this.#slabs = slabs;
  }

  add(series: number): void {
    if (this.count === 0) this.first = series;
    else {
      if (this.count === 1) this.#begin();
      else if (this.#index === this.#capacity) this.#extend(following(this.#capacity));
      setWord(this.#slabs, this.last, 1 + this.#index++, series);
    }
    this.count++;
  }

  free(): void {
    freeList(this.#slabs, this);
  }

  /** Creates the first memory block of the list, when a second series is added. */
  #begin(): void {
    const only = this.first;
    this.first = this.last = newBlock(this.#slabs, FIRST_BLOCK);
    this.#capacity = FIRST_BLOCK;
    setWord(this.#slabs, this.last, 1, only);
    this.#index = 1;
  }

  #extend(capacity: number): void {
    const block = newBlock(this.#slabs, capacity);
    setWord(this.#slabs, this.last, 0, block);
    this.last = block;
    this.#capacity = capacity;
    this.#index = 0;
  }
}

function newBlock(slabs: ByteSlabs, capacity: number): BlockRef {
  const block = slabs.allocate((capacity + 1) * 4);
  setWord(slabs, block, 0, 0);
  return block;
}

function setWord(slabs: ByteSlabs, block: BlockRef, index: number, value: number): void {
  slabs.words[block >>> 16]![(block & 0xffff) * 2 + index] = value;
}

function freeList(slabs: ByteSlabs, { count, first }: PostingsList): void {
  if (count < 2) return;
  let block = first;
  for (let done = 0, capacity = FIRST_BLOCK; done < count; capacity = following(capacity)) {
    const next = slabs.words[block >>> 16]![(block & 0xffff) * 2]!;
    slabs.free(block, (capacity + 1) * 4);
    done += capacity;
    block = next;
  }
}

const hashPair = (name: number, value: number): number => mix(Math.imul(name, 0x9e3779b1) ^ value);

/** Returns the capacity of the block after a block with the given capacity. */
function following(capacity: number): number {
  return Math.min(capacity * 2 + 1, MAX_BLOCK);
}

/** Returns the location of entry number `count` of a list: the index in its block, and the capacity of the block. */
function placeOf(count: number): { index: number; capacity: number } {
  let index = count;
  let capacity = FIRST_BLOCK;
  while (index >= capacity) {
    index -= capacity;
    if (capacity < MAX_BLOCK) capacity = following(capacity);
    else if (index >= capacity) index %= capacity;
  }
  return { index, capacity };
}
