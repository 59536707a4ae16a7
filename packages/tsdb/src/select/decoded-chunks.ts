import { regularStep, type SampleColumns, type SamplePieces } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import type { ChunkRef } from "../block/series-entry.ts";
import { SLOT_DOUBLES, SLOT_WORDS, Slots } from "./slots.ts";

/** Once all slots are taken, one chunk in so many is kept: a read of more than fits must not wear itself out with copying. */
const KEPT_WHEN_FULL = 2;
/** Chunks of more samples are not kept. Those that Prometheus makes have about 120, seldom twice as many. */
const MOST_SAMPLES = 256;
/** Slots such a chunk takes at most: values and times. */
const MOST_SLOTS = (2 * MOST_SAMPLES) / SLOT_DOUBLES;
/** Chunks drawn before the search for one that may go is given up. */
const DRAWS = 64;

/** The chunks of one block that are kept, and the first slot of each. */
export type KeptChunks = Map<ChunkRef, number>;

/**
 * Float samples of chunks that were decoded lately. A chunk is a chain of slots. Values that are whole numbers apart, as
 * those of most counters are, are kept as distances from the first, 128 a slot, others 64 a slot; times take another slot
 * unless their distance is always the same. When all slots are taken a random chunk goes: whoever reads more than fits
 * again and again, as a dashboard over a long range does, still finds a part, where the oldest first would find nothing.
 */
export class DecodedChunks {
  readonly #random: () => number;
  readonly #slots: Slots;
  /** By first slot: whose chunk, and which. */
  readonly #owner: (KeptChunks | undefined)[] = [];
  readonly #ref: Float64Array;
  /** By first slot: the reader that looks at it right now. */
  readonly #pin: Uint32Array;
  #reader = 1;
  readonly #count: Uint8Array;
  readonly #start: Float64Array;
  /** Distance of the times, 0 where it differs. */
  readonly #step: Float64Array;
  /** Slot of the times where their distance differs, else -1. */
  readonly #times: Int32Array;
  /** The first value, where the others are kept as distances from it. */
  readonly #base: Float64Array;
  /** How values are kept, and whether one is less than the one before. */
  readonly #kind: Uint8Array;
  readonly #falls: Uint8Array;
  /** Slot of the samples that follow, -1 behind the last. */
  readonly #next: Int32Array;
  readonly #blocks = new WeakMap<Block, KeptChunks>();
  readonly #distances = new Int32Array(SLOT_WORDS);
  readonly #offsets = new Int32Array(SLOT_WORDS);
  /** What #within() found. */
  #first = 0;

  constructor(maxBytes: number, random: () => number = Math.random) {
    this.#random = random;
    this.#slots = new Slots(maxBytes);
    const { most } = this.#slots;
    this.#ref = new Float64Array(most);
    this.#pin = new Uint32Array(most);
    this.#count = new Uint8Array(most);
    this.#start = new Float64Array(most);
    this.#step = new Float64Array(most);
    this.#times = new Int32Array(most);
    this.#base = new Float64Array(most);
    this.#kind = new Uint8Array(most);
    this.#falls = new Uint8Array(most);
    this.#next = new Int32Array(most);
  }

  /** The chunks of a block that are kept. */
  of(block: Block): KeptChunks {
    let chunks = this.#blocks.get(block);
    if (chunks === undefined) this.#blocks.set(block, (chunks = new Map()));
    return chunks;
  }

  /** The slot of a kept chunk, -1 where it is not kept. `hint`: where it was last time; any number will do. */
  find(chunks: KeptChunks, ref: ChunkRef, hint: number): number {
    if (hint >= 0 && hint < this.#owner.length && this.#owner[hint] === chunks && this.#ref[hint] === ref) return hint;
    return chunks.get(ref) ?? -1;
  }

  /** Appends the samples with from ≤ t ≤ to of the chunk in a slot. */
  read(slot: number, from: number, to: number, into: SampleColumns): void {
    for (let part = slot; part >= 0; part = this.#next[part]!) {
      const count = this.#within(part, from, to);
      if (count > 0) this.#copy(part, this.#first, count, into);
    }
  }

  /** A reader of pieces begins anew: what it was told before may go. */
  beginPieces(): void {
    this.#reader = (this.#reader + 1) >>> 0;
  }

  /** Tells the same samples as pieces, which stay till beginPieces(). False where there is a NaN among them. */
  addPieces(slot: number, from: number, to: number, into: SamplePieces): boolean {
    this.#pin[slot] = this.#reader;
    for (let part = slot; part >= 0; part = this.#next[part]!) {
      if (this.#kind[part] === BYTES) return false;
      const count = this.#within(part, from, to);
      if (count > 0) this.#addPiece(part, this.#first, count, into);
    }
    return true;
  }

  #addPiece(part: number, first: number, count: number, into: SamplePieces): void {
    const slots = this.#slots;
    const start = this.#start[part]!;
    const step = this.#step[part]!;
    const times = this.#times[part]!;
    const piece = into.open(count);
    into.step[piece] = step;
    into.origin[piece] = start;
    into.times[piece] = undefined;
    into.first[piece] = start + first * step;
    into.last[piece] = start + (first + count - 1) * step;
    if (times >= 0) {
      const words = slots.wordsOf(times);
      const at = slots.firstWord(times) + first;
      into.times[piece] = words;
      into.timesAt[piece] = at;
      into.first[piece] = start + words[at]!;
      into.last[piece] = start + words[at + count - 1]!;
    }
    const distances = this.#kind[part] === DISTANCES;
    into.base[piece] = this.#base[part]!;
    into.words[piece] = distances ? slots.wordsOf(part) : undefined;
    into.doubles[piece] = distances ? undefined : slots.doublesOf(part);
    into.at[piece] = first + (distances ? slots.firstWord(part) : slots.firstDouble(part));
    into.falls[piece] = this.#falls[part]!;
  }

  /** How many samples of a slot have from ≤ t ≤ to; `#first` is the first of them. */
  #within(part: number, from: number, to: number): number {
    const start = this.#start[part]!;
    const step = this.#step[part]!;
    let first = 0;
    let end = this.#count[part]!;
    if (step !== 0) {
      if (from > start) first = Math.ceil((from - start) / step);
      if (start + (end - 1) * step > to) end = Math.floor((to - start) / step) + 1;
    } else {
      const times = this.#times[part]!;
      const offsets = this.#slots.wordsOf(times);
      const base = this.#slots.firstWord(times);
      while (first < end && start + offsets[base + first]! < from) first++;
      while (end > first && start + offsets[base + end - 1]! > to) end--;
    }
    this.#first = first;
    return end - first;
  }

  #copy(part: number, first: number, count: number, into: SampleColumns): void {
    const at = into.count;
    into.reserve(at + count);
    const { timestamps } = into;
    const step = this.#step[part]!;
    if (step !== 0) {
      const time = this.#start[part]! + first * step;
      for (let i = 0; i < count; i++) timestamps[at + i] = time + i * step;
    } else {
      const times = this.#times[part]!;
      const offsets = this.#slots.wordsOf(times);
      const base = this.#slots.firstWord(times) + first;
      const start = this.#start[part]!;
      for (let i = 0; i < count; i++) timestamps[at + i] = start + offsets[base + i]!;
    }
    this.#copyValues(part, first, count, into.values, at);
    into.count = at + count;
  }

  #copyValues(part: number, first: number, count: number, values: Float64Array, at: number): void {
    const kind = this.#kind[part]!;
    if (kind === DISTANCES) {
      const words = this.#slots.wordsOf(part);
      const from = this.#slots.firstWord(part) + first;
      const base = this.#base[part]!;
      for (let i = 0; i < count; i++) values[at + i] = base + words[from + i]!;
      return;
    }
    const doubles = this.#slots.doublesOf(part);
    const from = this.#slots.firstDouble(part) + first;
    if (kind === BYTES) values.set(doubles.subarray(from, from + count), at);
    else for (let i = 0; i < count; i++) values[at + i] = doubles[from + i]!;
  }

  /** Keeps a chunk of floats: slots [from, count) of `samples`. Answers the slot, -1 where it is not kept after all. */
  keep(chunks: KeptChunks, ref: ChunkRef, samples: SampleColumns, from: number): number {
    const count = samples.count - from;
    if (count === 0 || count > MOST_SAMPLES || this.#slots.most < MOST_SLOTS) return -1;
    if (this.#slots.left < MOST_SLOTS && this.#random() * KEPT_WHEN_FULL >= 1) return -1;
    // Without an owner while it asks for more: what it has already is not taken from it.
    let first = -1;
    let last = -1;
    for (let at = from; at < samples.count; at += this.#count[last]!) {
      const slot = this.#take();
      if (slot >= 0) {
        if (first < 0) first = slot;
        else this.#next[last] = slot;
        last = slot;
      }
      if (slot < 0 || !this.#fill(slot, samples, at)) {
        this.#give(first);
        return -1;
      }
    }
    this.#ref[first] = ref;
    this.#pin[first] = 0;
    this.#owner[first] = chunks;
    chunks.set(ref, first);
    return first;
  }

  /** Fills a slot with the samples from `from` on, as many as it takes. False where they cannot be kept. */
  #fill(slot: number, { timestamps, values, count: end }: SampleColumns, from: number): boolean {
    this.#next[slot] = -1;
    this.#times[slot] = -1;
    let count = Math.min(end - from, SLOT_WORDS);
    if (distancesFromFirst(values, from, count, this.#distances)) {
      this.#kind[slot] = DISTANCES;
      this.#slots.writeWords(slot, this.#distances, count);
    } else {
      count = Math.min(count, SLOT_DOUBLES);
      this.#kind[slot] = kindOf(values, from, count);
      this.#slots.writeDoubles(slot, values, from, count);
    }
    this.#count[slot] = count;
    this.#base[slot] = values[from]!;
    this.#falls[slot] = fall(values, from, count) ? 1 : 0;
    this.#start[slot] = timestamps[from]!;
    this.#step[slot] = regularStep(timestamps, from, count);
    if (this.#step[slot] !== 0) return true;
    if (!distancesFromFirst(timestamps, from, count, this.#offsets)) return false;
    const times = this.#take();
    if (times < 0) return false;
    this.#times[slot] = times;
    this.#slots.writeWords(times, this.#offsets, count);
    return true;
  }

  /** Gives the slots of a block back that is no longer in use. */
  forget(block: Block): void {
    const chunks = this.#blocks.get(block);
    if (chunks !== undefined) for (const slot of chunks.values()) this.#drop(slot);
  }

  /** A slot; -1 where none can be had. */
  #take(): number {
    for (let draw = 0; draw <= DRAWS; draw++) {
      const slot = this.#slots.take();
      if (slot !== undefined) {
        while (this.#owner.length < this.#slots.end) this.#owner.push(undefined);
        return slot;
      }
      // Slots of times and of further samples have no owner: another one is drawn.
      const drawn = Math.floor(this.#random() * this.#slots.end);
      if (this.#pin[drawn] !== this.#reader) this.#drop(drawn);
    }
    return -1;
  }

  #drop(slot: number): void {
    const chunks = this.#owner[slot];
    if (chunks === undefined) return;
    chunks.delete(this.#ref[slot]!);
    this.#owner[slot] = undefined;
    this.#give(slot);
  }

  /** Gives a chain of slots back. */
  #give(first: number): void {
    for (let slot = first; slot >= 0;) {
      const next = this.#next[slot]!;
      if (this.#times[slot]! >= 0) this.#slots.give(this.#times[slot]!);
      this.#slots.give(slot);
      slot = next;
    }
  }
}

/** How values are kept: as whole distances from the first; as doubles; as doubles that only a copy of bytes keeps. */
const DISTANCES = 0;
const DOUBLES = 1;
/** NaN, of which stale markers are one kind, live in their bits. */
const BYTES = 2;

function kindOf(values: Float64Array, from: number, count: number): number {
  for (let i = 0; i < count; i++) if (Number.isNaN(values[from + i]!)) return BYTES;
  return DOUBLES;
}

function fall(values: Float64Array, from: number, count: number): boolean {
  for (let i = 1; i < count; i++) if (values[from + i]! < values[from + i - 1]!) return true;
  return false;
}

/** Writes how far all are from the first; false where such numbers do not tell all there is. */
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
