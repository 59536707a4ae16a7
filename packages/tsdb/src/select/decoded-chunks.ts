import { regularStep, type SampleColumns, type SampleSpans } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import type { ChunkRef } from "../block/series-entry.ts";
import {
  BLOCK,
  ChunkMemory,
  type ChunkMemoryHandles,
  HEAD_DOUBLES,
  NEXT,
  SLOT_DOUBLES,
  SLOT_HALVES,
  SLOT_WORDS,
  WAYS,
} from "./chunk-memory.ts";

/**
 * Divisor for caching when all slots are in use: only one of KEPT_WHEN_FULL chunks is cached. Otherwise a read of more
 * chunks than fit would mostly copy samples into the cache.
 */
const KEPT_WHEN_FULL = 2;
/** Returns the largest number of slots that this number of samples may need for values and times. */
function slotsFor(samples: number): number {
  return 2 * Math.ceil(samples / SLOT_DOUBLES);
}
/**
 * Smallest number of chunks of the same size for which the cache must have room. A larger chunk is not cached, because
 * it would displace all other chunks.
 */
const MIN_CHUNKS = 4;
/** Number of random slots that are tried to find a chunk that can be removed. */
const DRAWS = 64;

/** Function that returns the number of a block, from 1. All threads that share a cache must use the same numbers. */
export type BlockNumbers = (block: Block) => number;

/** Index of a double in a slot's header: the reference of the chunk in its block. */
const REF = 0;
/** Index of a double in a slot's header: the time of the first sample in the slot. */
const START = 1;
/** Index of a double in a slot's header: the distance between consecutive times, ms; 0 if it varies. */
const STEP = 2;
/**
 * Index of a double in a slot's header: the first value in the slot. Used if the other values are stored as distances
 * from this value.
 */
const BASE = 3;
/** Index of a word in a slot's header: the number of samples in the slot. */
const COUNT = 9;
/** Index of a word in a slot's header: the encoding of the values. */
const KIND = 10;
/** Index of a word in a slot's header: 1 if any value of the chunk is less than the value before it. */
const FALLS = 11;
/**
 * Index of a word in a slot's header: the slot that contains the times; -1 if the distance between the times is
 * constant.
 */
const TIMES = 12;

/** Number of the encoding that stores values as small whole distances from the first value. */
const SMALL = 0;
/** Number of the encoding that stores values as large whole distances from the first value. */
const LARGE = 1;
/** Number of the encoding that stores values as doubles. */
const DOUBLES = 2;
/**
 * Number of the encoding for doubles with NaN, which are copied as bytes. Only a copy as bytes preserves the bits of a
 * NaN, by which stale markers are recognised.
 */
const BYTES = 3;

/**
 * Cache of the float samples of recently decoded chunks, shared between threads. A chunk is a chain of slots. Values at
 * whole distances, as in most counters, are stored as distances from the first value, 128 or 64 per slot; other values
 * take eight bytes, 32 per slot. Times take another slot unless their distance is constant. If all slots are in use, a
 * random chunk is removed. A reader that repeatedly reads more chunks than fit, such as a dashboard over a long range,
 * then still finds some of them; with removal of the oldest chunk it would find none.
 */
export class DecodedChunks {
  /** Returns the number that identifies a block in find() and keep(). */
  readonly numberOf: BlockNumbers;
  readonly #random: () => number;
  readonly #memory: ChunkMemory;
  readonly #distances = new Int32Array(SLOT_HALVES);
  /** Index of the first sample that #within() has found. */
  #first = 0;

  constructor(handles: ChunkMemoryHandles, numberOf: BlockNumbers, random: () => number = Math.random) {
    this.#random = random;
    this.#memory = new ChunkMemory(handles);
    this.numberOf = numberOf;
  }

  /** Creates a cache for one thread only. */
  static ofOneThread(maxBytes: number, random?: () => number): DecodedChunks {
    const numbers = new WeakMap<Block, number>();
    let last = 0;
    const numberOf = (block: Block): number => {
      let number = numbers.get(block);
      if (number === undefined) numbers.set(block, (number = ++last));
      return number;
    };
    return new DecodedChunks({ buffer: ChunkMemory.create(maxBytes), reader: 0 }, numberOf, random);
  }

  /**
   * Begins a read. After this call, the cache may remove chunks that earlier calls have found, cached or returned as
   * spans.
   */
  begin(): void {
    this.#memory.begin();
  }

  /**
   * Returns the slot of a cached chunk, which is valid until the next begin(); -1 if the chunk is not cached. `hint` is
   * the chunk's slot at its last use; any number is allowed.
   */
  find(block: number, ref: ChunkRef, hint: number): number {
    const memory = this.#memory;
    if (hint >= 0 && hint < memory.most && this.#claims(hint, block, ref)) return hint;
    const bucket = memory.bucketOf(block, ref);
    for (let place = bucket; place < bucket + WAYS; place++) {
      const slot = memory.words[place]! - 1;
      if (slot >= 0 && this.#claims(slot, block, ref)) return slot;
    }
    return -1;
  }

  /**
   * Returns whether the chunk `ref` of a block begins at a slot. If so, the chunk stays cached until the next begin().
   */
  #claims(slot: number, block: number, ref: ChunkRef): boolean {
    const memory = this.#memory;
    const { words, doubles } = memory;
    const start = memory.startOf(slot);
    if (words[start * 2 + BLOCK] !== block || doubles[start + REF] !== ref) return false;
    memory.mark(start);
    return Atomics.load(words, start * 2 + BLOCK) === block && doubles[start + REF] === ref;
  }

  /** Appends the samples with from ≤ t ≤ to of the chunk in a slot. */
  read(slot: number, from: number, to: number, into: SampleColumns): void {
    for (let part = slot; part >= 0;) {
      const at = this.#memory.startOf(part);
      const count = this.#within(at, from, to);
      if (count > 0) this.#copy(at, this.#first, count, into);
      part = this.#memory.words[at * 2 + NEXT]!;
    }
  }

  /**
   * Adds the samples of the chunk in a slot as spans, which are valid until the next begin(). Returns false if the
   * samples contain a NaN.
   */
  addSpans(slot: number, from: number, to: number, into: SampleSpans): boolean {
    const { words } = this.#memory;
    for (let part = slot; part >= 0;) {
      const at = this.#memory.startOf(part);
      if (words[at * 2 + KIND] === BYTES) return false;
      const count = this.#within(at, from, to);
      if (count > 0) this.#addSpan(at, this.#first, count, into);
      part = words[at * 2 + NEXT]!;
    }
    return true;
  }

  #addSpan(at: number, first: number, count: number, into: SampleSpans): void {
    const { doubles, words, halves } = this.#memory;
    const start = doubles[at + START]!;
    const step = doubles[at + STEP]!;
    const times = words[at * 2 + TIMES]!;
    const kind = words[at * 2 + KIND]!;
    const span = into.open(count);
    into.step[span] = step;
    into.origin[span] = start;
    into.times[span] = undefined;
    into.first[span] = start + first * step;
    into.last[span] = start + (first + count - 1) * step;
    if (times >= 0) {
      const from = (this.#memory.startOf(times) + HEAD_DOUBLES) * 2 + first;
      into.times[span] = words;
      into.timesAt[span] = from;
      into.first[span] = start + words[from]!;
      into.last[span] = start + words[from + count - 1]!;
    }
    const data = at + HEAD_DOUBLES;
    into.base[span] = doubles[at + BASE]!;
    into.words[span] = kind === SMALL ? halves : kind === LARGE ? words : undefined;
    into.doubles[span] = kind === DOUBLES ? doubles : undefined;
    into.at[span] = first + (kind === SMALL ? data * 4 : kind === LARGE ? data * 2 : data);
    into.falls[span] = words[at * 2 + FALLS]!;
  }

  /**
   * Finds the samples of a slot with from ≤ t ≤ to. Returns their number, and sets `#first` to the index of the first
   * sample.
   */
  #within(at: number, from: number, to: number): number {
    const { doubles, words } = this.#memory;
    const start = doubles[at + START]!;
    const step = doubles[at + STEP]!;
    let first = 0;
    let end = words[at * 2 + COUNT]!;
    if (step !== 0) {
      if (from > start) first = Math.ceil((from - start) / step);
      if (start + (end - 1) * step > to) end = Math.floor((to - start) / step) + 1;
    } else {
      const times = words[at * 2 + TIMES]!;
      const base = (this.#memory.startOf(times) + HEAD_DOUBLES) * 2;
      while (first < end && start + words[base + first]! < from) first++;
      while (end > first && start + words[base + end - 1]! > to) end--;
    }
    this.#first = first;
    return end - first;
  }

  #copy(at: number, first: number, count: number, into: SampleColumns): void {
    const { doubles, words } = this.#memory;
    const begin = into.count;
    into.reserve(begin + count);
    const { timestamps } = into;
    const start = doubles[at + START]!;
    const step = doubles[at + STEP]!;
    if (step !== 0) {
      for (let i = 0; i < count; i++) timestamps[begin + i] = start + (first + i) * step;
    } else {
      const times = words[at * 2 + TIMES]!;
      const from = (this.#memory.startOf(times) + HEAD_DOUBLES) * 2 + first;
      for (let i = 0; i < count; i++) timestamps[begin + i] = start + words[from + i]!;
    }
    copyValues(this.#memory, at, first, count, into.values, begin);
    into.count = begin + count;
  }

  /**
   * Caches a chunk of floats, which are the indexes [from, count) of `samples`. Returns the chunk's slot, which is
   * valid until the next begin(); -1 if the chunk was not cached.
   */
  keep(block: number, ref: ChunkRef, samples: SampleColumns, from: number): number {
    const memory = this.#memory;
    const count = samples.count - from;
    const slots = slotsFor(count);
    if (count === 0 || memory.most < slots * MIN_CHUNKS || !memory.tryLock()) return -1;
    try {
      const known = this.find(block, ref, -1);
      if (known >= 0) return known;
      if (memory.left < slots && this.#random() * KEPT_WHEN_FULL >= 1) return -1;
      const place = this.#placeFor(block, ref);
      if (place < 0) return -1;
      const first = this.#fillChain(samples, from);
      if (first < 0) return -1;
      const start = memory.startOf(first);
      memory.doubles[start + REF] = ref;
      memory.words[place] = first + 1;
      memory.mark(start);
      // Writes the block number last, because other threads find the chunk as soon as the number is set.
      Atomics.store(memory.words, start * 2 + BLOCK, block);
      return first;
    } finally {
      memory.unlock();
    }
  }

  /**
   * Returns a free place in the index, evicting a chunk if the bucket is full. Returns -1 if that chunk is being read.
   */
  #placeFor(block: number, ref: ChunkRef): number {
    const { words } = this.#memory;
    const bucket = this.#memory.bucketOf(block, ref);
    for (let place = bucket; place < bucket + WAYS; place++) if (words[place] === 0) return place;
    const drawn = bucket + Math.floor(this.#random() * WAYS);
    return this.#drop(words[drawn]! - 1) ? drawn : -1;
  }

  /**
   * Writes samples to a chain of slots. The chain does not belong to a block yet, so other writers do not remove it.
   * Returns the first slot; -1 if there is no room.
   */
  #fillChain(samples: SampleColumns, from: number): number {
    const { words } = this.#memory;
    let first = -1;
    let last = -1;
    for (let at = from; at < samples.count;) {
      const slot = this.#take();
      if (slot >= 0) {
        if (first < 0) first = slot;
        else words[this.#memory.startOf(last) * 2 + NEXT] = slot;
        last = slot;
      }
      const filled = slot < 0 ? 0 : this.#fill(slot, samples, at);
      if (filled === 0) {
        this.#give(first);
        return -1;
      }
      at += filled;
    }
    return first;
  }

  /**
   * Writes samples from index `from` on to a slot. Returns the number of samples written; 0 if the slot cannot store
   * the samples.
   */
  #fill(slot: number, { timestamps, values, count: end }: SampleColumns, from: number): number {
    const memory = this.#memory;
    const { doubles, words, halves } = memory;
    const at = memory.startOf(slot);
    const data = at + HEAD_DOUBLES;
    words[at * 2 + NEXT] = -1;
    words[at * 2 + TIMES] = -1;
    let count = Math.min(end - from, SLOT_HALVES);
    let step = regularStep(timestamps, from, count);
    if (step === 0) step = regularStep(timestamps, from, (count = Math.min(count, SLOT_WORDS)));
    const kind = kindOf(values, from, count, this.#distances);
    if (kind === SMALL) {
      halves.set(this.#distances.subarray(0, count), data * 4);
    } else if (kind === LARGE) {
      count = Math.min(count, SLOT_WORDS);
      words.set(this.#distances.subarray(0, count), data * 2);
    } else {
      count = Math.min(count, SLOT_DOUBLES);
      doubles.set(values.subarray(from, from + count), data);
    }
    doubles[at + START] = timestamps[from]!;
    doubles[at + STEP] = step;
    doubles[at + BASE] = values[from]!;
    words[at * 2 + COUNT] = count;
    words[at * 2 + KIND] = kind;
    words[at * 2 + FALLS] = fall(values, from, count) ? 1 : 0;
    if (step !== 0) return count;
    if (!distancesFromFirst(timestamps, from, count, this.#distances)) return 0;
    const times = this.#take();
    if (times < 0) return 0;
    words[at * 2 + TIMES] = times;
    words.set(this.#distances.subarray(0, count), (memory.startOf(times) + HEAD_DOUBLES) * 2);
    return count;
  }

  /** Frees the slots of a block that is no longer in use. Does nothing if another thread has the lock. */
  forget(block: number): void {
    const memory = this.#memory;
    if (!memory.tryLock()) return;
    for (let slot = memory.end - 1; slot >= 0; slot--)
      if (memory.words[memory.startOf(slot) * 2 + BLOCK] === block) this.#drop(slot);
    memory.unlock();
  }

  /** Takes a free slot. If all are in use, removes a random chunk first. Returns -1 if no chunk could be removed. */
  #take(): number {
    const memory = this.#memory;
    for (let draw = 0; draw <= DRAWS; draw++) {
      const slot = memory.take();
      if (slot >= 0) {
        memory.words[memory.startOf(slot) * 2 + BLOCK] = 0;
        return slot;
      }
      // Removes the chunk that begins at a random slot. If the slot is not the start of a chunk, because it contains
      // times or further samples, the loop tries another slot.
      this.#drop(Math.floor(this.#random() * memory.end));
    }
    return -1;
  }

  /**
   * Removes the chunk that begins at a slot. Returns false if no chunk begins at the slot, or if the chunk is being
   * read.
   */
  #drop(slot: number): boolean {
    const memory = this.#memory;
    const { words, doubles } = memory;
    const at = memory.startOf(slot);
    const block = words[at * 2 + BLOCK]!;
    if (block === 0) return false;
    Atomics.store(words, at * 2 + BLOCK, 0);
    if (memory.isMarked(at)) {
      Atomics.store(words, at * 2 + BLOCK, block);
      return false;
    }
    const bucket = memory.bucketOf(block, doubles[at + REF]!);
    for (let place = bucket; place < bucket + WAYS; place++) if (words[place] === slot + 1) words[place] = 0;
    this.#give(slot);
    return true;
  }

  #give(first: number): void {
    const { words } = this.#memory;
    for (let slot = first; slot >= 0;) {
      const head = this.#memory.startOf(slot) * 2;
      const next = words[head + NEXT]!;
      if (words[head + TIMES]! >= 0) this.#memory.give(words[head + TIMES]!);
      this.#memory.give(slot);
      slot = next;
    }
  }
}

function copyValues(
  { doubles, words, halves }: Pick<ChunkMemory, "doubles" | "words" | "halves">,
  at: number,
  first: number,
  count: number,
  values: Float64Array,
  begin: number,
): void {
  const kind = words[at * 2 + KIND]!;
  const data = at + HEAD_DOUBLES;
  const base = doubles[at + BASE]!;
  if (kind === SMALL) {
    for (let i = 0, from = data * 4 + first; i < count; i++) values[begin + i] = base + halves[from + i]!;
  } else if (kind === LARGE) {
    for (let i = 0, from = data * 2 + first; i < count; i++) values[begin + i] = base + words[from + i]!;
  } else if (kind === DOUBLES) {
    for (let i = 0, from = data + first; i < count; i++) values[begin + i] = doubles[from + i]!;
  } else {
    values.set(doubles.subarray(data + first, data + first + count), begin);
  }
}

/**
 * Chooses the encoding for the next values of a slot, and computes the distances if the values are stored as distances.
 * The choice stays the same if only some of the values fit into the slot.
 */
function kindOf(values: Float64Array, from: number, count: number, distances: Int32Array): number {
  if (distancesFromFirst(values, from, count, distances)) {
    for (let i = 0; i < count; i++) if ((distances[i]! << 16) >> 16 !== distances[i]) return LARGE;
    return SMALL;
  }
  if (count > SLOT_WORDS && distancesFromFirst(values, from, SLOT_WORDS, distances)) return LARGE;
  const end = from + Math.min(count, SLOT_DOUBLES);
  for (let i = from; i < end; i++) if (Number.isNaN(values[i]!)) return BYTES;
  return DOUBLES;
}

function fall(values: Float64Array, from: number, count: number): boolean {
  for (let i = 1; i < count; i++) if (values[from + i]! < values[from + i - 1]!) return true;
  return false;
}

/**
 * Computes the distance of each value from the first value. Returns false if distances cannot represent all values
 * exactly.
 */
function distancesFromFirst(values: Float64Array, from: number, count: number, into: Int32Array): boolean {
  const base = values[from]!;
  for (let i = 0; i < count; i++) {
    const value = values[from + i]!;
    const distance = value - base;
    const word = distance | 0;
    if (word !== distance || base + word !== value || (value === 0 && Object.is(value, -0))) return false;
    into[i] = word;
  }
  return true;
}
