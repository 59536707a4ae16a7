import { regularStep, type SampleColumns, type SamplePieces } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import type { ChunkRef } from "../block/series-entry.ts";
import { HEAD_DOUBLES, type Slab, SLOT_DOUBLES, SLOT_HALVES, SLOT_WORDS, Slots, startOf } from "./slots.ts";

/** Once all slots are taken, one chunk in so many is kept: a read of more than fits must not wear itself out with copying. */
const KEPT_WHEN_FULL = 2;
/** Chunks of more samples are not kept. Those that Prometheus makes have about 120, seldom twice as many. */
const MOST_SAMPLES = 256;
/** Slots such a chunk takes at most: values and times. */
const MOST_SLOTS = (2 * MOST_SAMPLES) / SLOT_DOUBLES;
/** Chunks drawn before the search for one that may go is given up. */
const DRAWS = 64;

/** The chunks of one block that are kept: the first slot of each. */
export interface KeptChunks {
  /** Of the block among all, from 1. */
  readonly number: number;
  readonly slots: Map<ChunkRef, number>;
}

/** What the head of a slot says, by place: doubles … */
const REF = 0;
const START = 1;
/** Distance of the times, 0 where it differs. */
const STEP = 2;
/** The first value, where the others are kept as distances from it. */
const BASE = 3;
/** … and words, which follow. In the first slot of a chunk: the number of its block, 0 in all others. */
const BLOCK = 8;
const COUNT = 9;
const KIND = 10;
/** 1 where a value is less than the one before. */
const FALLS = 11;
/** Slot of the times where their distance differs, else -1. */
const TIMES = 12;
/** Slot of the samples that follow, -1 behind the last. */
const NEXT = 13;
/** In the first slot: the reader that looks at the chunk right now. */
const READER = 14;

/** How values are kept: as whole distances from the first, small or large; as doubles; as doubles with NaN. */
const SMALL = 0;
const LARGE = 1;
const DOUBLES = 2;
/** NaN, of which stale markers are one kind, live in their bits: only a copy of bytes keeps them. */
const BYTES = 3;

/**
 * Float samples of chunks that were decoded lately. A chunk is a chain of slots. Values that are whole numbers apart, as
 * those of most counters are, are kept as distances from the first, 128 or 64 a slot, others 32 a slot; times take
 * another slot unless their distance is always the same. When all slots are taken a random chunk goes: whoever reads more
 * than fits again and again, as a dashboard over a long range does, still finds a part, where the oldest first would find
 * nothing.
 */
export class DecodedChunks {
  readonly #random: () => number;
  readonly #slots: Slots;
  readonly #blocks = new WeakMap<Block, KeptChunks>();
  readonly #kept = new Map<number, KeptChunks>();
  #lastBlock = 0;
  #reader = 1;
  readonly #distances = new Int32Array(SLOT_HALVES);
  /** What #within() found. */
  #first = 0;

  constructor(maxBytes: number, random: () => number = Math.random) {
    this.#random = random;
    this.#slots = new Slots(maxBytes);
  }

  /** The chunks of a block that are kept. */
  of(block: Block): KeptChunks {
    let chunks = this.#blocks.get(block);
    if (chunks === undefined) {
      chunks = { number: ++this.#lastBlock, slots: new Map() };
      this.#blocks.set(block, chunks);
      this.#kept.set(chunks.number, chunks);
    }
    return chunks;
  }

  /** The slot of a kept chunk, -1 where it is not kept. `hint`: where it was last time; any number will do. */
  find({ number, slots }: KeptChunks, ref: ChunkRef, hint: number): number {
    if (hint >= 0 && hint < this.#slots.end) {
      const { words, doubles } = this.#slots.slabOf(hint);
      const at = startOf(hint);
      if (words[at * 2 + BLOCK] === number && doubles[at + REF] === ref) return hint;
    }
    return slots.get(ref) ?? -1;
  }

  /** Appends the samples with from ≤ t ≤ to of the chunk in a slot. */
  read(slot: number, from: number, to: number, into: SampleColumns): void {
    for (let part = slot; part >= 0;) {
      const slab = this.#slots.slabOf(part);
      const at = startOf(part);
      const count = this.#within(slab, at, from, to);
      if (count > 0) this.#copy(slab, at, this.#first, count, into);
      part = slab.words[at * 2 + NEXT]!;
    }
  }

  /** A reader of pieces begins anew: what it was told before may go. */
  beginPieces(): void {
    this.#reader = (this.#reader + 1) | 0;
  }

  /** Tells the same samples as pieces, which stay till beginPieces(). False where there is a NaN among them. */
  addPieces(slot: number, from: number, to: number, into: SamplePieces): boolean {
    this.#slots.slabOf(slot).words[startOf(slot) * 2 + READER] = this.#reader;
    for (let part = slot; part >= 0;) {
      const slab = this.#slots.slabOf(part);
      const at = startOf(part);
      if (slab.words[at * 2 + KIND] === BYTES) return false;
      const count = this.#within(slab, at, from, to);
      if (count > 0) this.#addPiece(slab, at, this.#first, count, into);
      part = slab.words[at * 2 + NEXT]!;
    }
    return true;
  }

  #addPiece({ doubles, words, halves }: Slab, at: number, first: number, count: number, into: SamplePieces): void {
    const start = doubles[at + START]!;
    const step = doubles[at + STEP]!;
    const times = words[at * 2 + TIMES]!;
    const kind = words[at * 2 + KIND]!;
    const piece = into.open(count);
    into.step[piece] = step;
    into.origin[piece] = start;
    into.times[piece] = undefined;
    into.first[piece] = start + first * step;
    into.last[piece] = start + (first + count - 1) * step;
    if (times >= 0) {
      const offsets = this.#slots.slabOf(times).words;
      const from = (startOf(times) + HEAD_DOUBLES) * 2 + first;
      into.times[piece] = offsets;
      into.timesAt[piece] = from;
      into.first[piece] = start + offsets[from]!;
      into.last[piece] = start + offsets[from + count - 1]!;
    }
    const data = at + HEAD_DOUBLES;
    into.base[piece] = doubles[at + BASE]!;
    into.words[piece] = kind === SMALL ? halves : kind === LARGE ? words : undefined;
    into.doubles[piece] = kind === DOUBLES ? doubles : undefined;
    into.at[piece] = first + (kind === SMALL ? data * 4 : kind === LARGE ? data * 2 : data);
    into.falls[piece] = words[at * 2 + FALLS]!;
  }

  /** How many samples of a slot have from ≤ t ≤ to; `#first` is the first of them. */
  #within({ doubles, words }: Slab, at: number, from: number, to: number): number {
    const start = doubles[at + START]!;
    const step = doubles[at + STEP]!;
    let first = 0;
    let end = words[at * 2 + COUNT]!;
    if (step !== 0) {
      if (from > start) first = Math.ceil((from - start) / step);
      if (start + (end - 1) * step > to) end = Math.floor((to - start) / step) + 1;
    } else {
      const times = words[at * 2 + TIMES]!;
      const offsets = this.#slots.slabOf(times).words;
      const base = (startOf(times) + HEAD_DOUBLES) * 2;
      while (first < end && start + offsets[base + first]! < from) first++;
      while (end > first && start + offsets[base + end - 1]! > to) end--;
    }
    this.#first = first;
    return end - first;
  }

  #copy(slab: Slab, at: number, first: number, count: number, into: SampleColumns): void {
    const { doubles, words } = slab;
    const begin = into.count;
    into.reserve(begin + count);
    const { timestamps } = into;
    const start = doubles[at + START]!;
    const step = doubles[at + STEP]!;
    if (step !== 0) {
      for (let i = 0; i < count; i++) timestamps[begin + i] = start + (first + i) * step;
    } else {
      const times = words[at * 2 + TIMES]!;
      const offsets = this.#slots.slabOf(times).words;
      const from = (startOf(times) + HEAD_DOUBLES) * 2 + first;
      for (let i = 0; i < count; i++) timestamps[begin + i] = start + offsets[from + i]!;
    }
    copyValues(slab, at, first, count, into.values, begin);
    into.count = begin + count;
  }

  /** Keeps a chunk of floats: slots [from, count) of `samples`. Answers the slot, -1 where it is not kept after all. */
  keep(chunks: KeptChunks, ref: ChunkRef, samples: SampleColumns, from: number): number {
    const count = samples.count - from;
    if (count === 0 || count > MOST_SAMPLES || this.#slots.most < MOST_SLOTS) return -1;
    if (this.#slots.left < MOST_SLOTS && this.#random() * KEPT_WHEN_FULL >= 1) return -1;
    // Without a block while it asks for more: what it has already is not taken from it.
    let first = -1;
    let last = -1;
    for (let at = from; at < samples.count;) {
      const slot = this.#take();
      if (slot >= 0) {
        if (first < 0) first = slot;
        else this.#slots.slabOf(last).words[startOf(last) * 2 + NEXT] = slot;
        last = slot;
      }
      const filled = slot < 0 ? 0 : this.#fill(slot, samples, at);
      if (filled === 0) {
        this.#give(first);
        return -1;
      }
      at += filled;
    }
    const { doubles, words } = this.#slots.slabOf(first);
    doubles[startOf(first) + REF] = ref;
    words[startOf(first) * 2 + BLOCK] = chunks.number;
    chunks.slots.set(ref, first);
    return first;
  }

  /** Fills a slot with samples from `from` on. Answers how many it took, 0 where they cannot be kept. */
  #fill(slot: number, { timestamps, values, count: end }: SampleColumns, from: number): number {
    const { doubles, words, halves } = this.#slots.slabOf(slot);
    const at = startOf(slot);
    const data = at + HEAD_DOUBLES;
    words[at * 2 + NEXT] = -1;
    words[at * 2 + TIMES] = -1;
    words[at * 2 + READER] = 0;
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
    this.#slots.slabOf(times).words.set(this.#distances.subarray(0, count), (startOf(times) + HEAD_DOUBLES) * 2);
    return count;
  }

  /** Gives the slots of a block back that is no longer in use. */
  forget(block: Block): void {
    const chunks = this.#blocks.get(block);
    if (chunks === undefined) return;
    for (const slot of chunks.slots.values()) this.#drop(slot);
    this.#blocks.delete(block);
    this.#kept.delete(chunks.number);
  }

  /** A slot; -1 where none can be had. */
  #take(): number {
    for (let draw = 0; draw <= DRAWS; draw++) {
      const slot = this.#slots.take();
      if (slot !== undefined) {
        this.#slots.slabOf(slot).words[startOf(slot) * 2 + BLOCK] = 0;
        return slot;
      }
      // Slots of times and of further samples are of no block: another one is drawn.
      const drawn = Math.floor(this.#random() * this.#slots.end);
      const { words } = this.#slots.slabOf(drawn);
      if (words[startOf(drawn) * 2 + READER] !== this.#reader) this.#drop(drawn);
    }
    return -1;
  }

  #drop(slot: number): void {
    const { doubles, words } = this.#slots.slabOf(slot);
    const at = startOf(slot);
    const block = words[at * 2 + BLOCK]!;
    if (block === 0) return;
    this.#kept.get(block)?.slots.delete(doubles[at + REF]!);
    words[at * 2 + BLOCK] = 0;
    this.#give(slot);
  }

  /** Gives a chain of slots back. */
  #give(first: number): void {
    for (let slot = first; slot >= 0;) {
      const { words } = this.#slots.slabOf(slot);
      const head = startOf(slot) * 2;
      if (words[head + TIMES]! >= 0) this.#slots.give(words[head + TIMES]!);
      this.#slots.give(slot);
      slot = words[head + NEXT]!;
    }
  }
}

function copyValues(
  { doubles, words, halves }: Slab,
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

/** How so many values are best kept; where as distances, those are written. A slot may take fewer: those are kept alike. */
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
