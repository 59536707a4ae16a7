import type { SampleColumns } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import type { ChunkRef } from "../block/series-entry.ts";
import { SLOT_DOUBLES, SLOT_WORDS, Slots } from "./slots.ts";

/** Once all slots are taken, one chunk in so many is kept: a read of more than fits must not wear itself out with copying. */
const KEPT_WHEN_FULL = 2;
/** Slots a chunk takes at most: two of values, one of times. */
const MOST_SLOTS = 3;

/** The chunks of one block that are kept, and the first slot of each. */
export type KeptChunks = Map<ChunkRef, number>;

/**
 * Float samples of chunks that were decoded lately, up to 128 a chunk. Values that are whole numbers apart, as those of
 * most counters are, take one slot as distances from the first, others two; times take another one unless their distance
 * is always the same. When all slots are taken a random chunk goes: whoever reads more than fits again and again, as a
 * dashboard over a long range does, still finds a part, where the oldest first would find nothing.
 */
export class DecodedChunks {
  readonly #random: () => number;
  readonly #slots: Slots;
  /** By first slot: whose chunk, and which. */
  readonly #owner: (KeptChunks | undefined)[] = [];
  readonly #ref: Float64Array;
  readonly #count: Uint8Array;
  readonly #start: Float64Array;
  /** Distance of the times, 0 where it differs. */
  readonly #step: Float64Array;
  readonly #times: Int32Array;
  /** The first value, where the others are kept as distances from it. */
  readonly #base: Float64Array;
  /** How values are kept, and where those from SLOT_DOUBLES on. */
  readonly #kind: Uint8Array;
  readonly #rest: Int32Array;
  readonly #blocks = new WeakMap<Block, KeptChunks>();
  readonly #distances = new Int32Array(SLOT_WORDS);
  readonly #offsets = new Int32Array(SLOT_WORDS);

  constructor(maxBytes: number, random: () => number = Math.random) {
    this.#random = random;
    this.#slots = new Slots(maxBytes);
    const { most } = this.#slots;
    this.#ref = new Float64Array(most);
    this.#count = new Uint8Array(most);
    this.#start = new Float64Array(most);
    this.#step = new Float64Array(most);
    this.#times = new Int32Array(most);
    this.#base = new Float64Array(most);
    this.#kind = new Uint8Array(most);
    this.#rest = new Int32Array(most);
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
    const start = this.#start[slot]!;
    const step = this.#step[slot]!;
    if (step === 0) {
      this.#readIrregular(slot, start, from, to, into);
      return;
    }
    const first = from <= start ? 0 : Math.ceil((from - start) / step);
    let count = this.#count[slot]!;
    if (start + (count - 1) * step > to) count = Math.floor((to - start) / step) + 1;
    count -= first;
    if (count <= 0) return;
    const at = into.count;
    into.reserve(at + count);
    const { timestamps } = into;
    const time = start + first * step;
    for (let i = 0; i < count; i++) timestamps[at + i] = time + i * step;
    this.#copyValues(slot, first, count, into.values, at);
    into.count = at + count;
  }

  #readIrregular(slot: number, start: number, from: number, to: number, into: SampleColumns): void {
    const times = this.#times[slot]!;
    const offsets = this.#slots.wordsOf(times);
    const base = this.#slots.firstWord(times);
    let first = 0;
    let end = this.#count[slot]!;
    while (first < end && start + offsets[base + first]! < from) first++;
    while (end > first && start + offsets[base + end - 1]! > to) end--;
    const at = into.count;
    into.reserve(at + end - first);
    const { timestamps } = into;
    for (let i = first; i < end; i++) timestamps[at + i - first] = start + offsets[base + i]!;
    this.#copyValues(slot, first, end - first, into.values, at);
    into.count = at + end - first;
  }

  #copyValues(slot: number, first: number, count: number, values: Float64Array, at: number): void {
    const kind = this.#kind[slot]!;
    if (kind === DISTANCES) {
      const words = this.#slots.wordsOf(slot);
      const from = this.#slots.firstWord(slot) + first;
      const base = this.#base[slot]!;
      for (let i = 0; i < count; i++) values[at + i] = base + words[from + i]!;
      return;
    }
    const inFirst = Math.max(0, Math.min(count, SLOT_DOUBLES - first));
    if (inFirst > 0) this.#copyDoubles(slot, first, inFirst, values, at, kind);
    if (inFirst === count) return;
    const skipped = Math.max(0, first - SLOT_DOUBLES);
    this.#copyDoubles(this.#rest[slot]!, skipped, count - inFirst, values, at + inFirst, kind);
  }

  #copyDoubles(slot: number, first: number, count: number, values: Float64Array, at: number, kind: number): void {
    const doubles = this.#slots.doublesOf(slot);
    const from = this.#slots.firstDouble(slot) + first;
    if (kind === BYTES) values.set(doubles.subarray(from, from + count), at);
    else for (let i = 0; i < count; i++) values[at + i] = doubles[from + i]!;
  }

  /** Keeps a chunk of floats: slots [from, count) of `samples`. Answers the slot, -1 where it is not kept after all. */
  keep(chunks: KeptChunks, ref: ChunkRef, samples: SampleColumns, from: number): number {
    const count = samples.count - from;
    if (count === 0 || count > SLOT_WORDS || this.#slots.most < MOST_SLOTS) return -1;
    if (this.#slots.left < MOST_SLOTS && this.#random() * KEPT_WHEN_FULL >= 1) return -1;
    const { timestamps, values } = samples;
    const step = regularStep(timestamps, from, count);
    if (step === 0 && !distancesFromFirst(timestamps, from, count, this.#offsets)) return -1;
    const kind = distancesFromFirst(values, from, count, this.#distances) ? DISTANCES : kindOf(values, from, count);
    // Without an owner while it asks for more: what it has already is not taken from it.
    const slot = this.#take();
    this.#ref[slot] = ref;
    this.#count[slot] = count;
    this.#start[slot] = timestamps[from]!;
    this.#step[slot] = step;
    this.#base[slot] = values[from]!;
    this.#kind[slot] = kind;
    this.#times[slot] = -1;
    this.#rest[slot] = -1;
    if (kind === DISTANCES) this.#slots.writeWords(slot, this.#distances, count);
    else this.#slots.writeDoubles(slot, values, from, Math.min(count, SLOT_DOUBLES));
    if (step === 0) {
      this.#times[slot] = this.#take();
      this.#slots.writeWords(this.#times[slot], this.#offsets, count);
    }
    if (kind !== DISTANCES && count > SLOT_DOUBLES) {
      this.#rest[slot] = this.#take();
      this.#slots.writeDoubles(this.#rest[slot], values, from + SLOT_DOUBLES, count - SLOT_DOUBLES);
    }
    this.#owner[slot] = chunks;
    chunks.set(ref, slot);
    return slot;
  }

  /** Gives the slots of a block back that is no longer in use. */
  forget(block: Block): void {
    const chunks = this.#blocks.get(block);
    if (chunks !== undefined) for (const slot of chunks.values()) this.#drop(slot);
  }

  #take(): number {
    for (;;) {
      const slot = this.#slots.take();
      if (slot !== undefined) {
        while (this.#owner.length < this.#slots.end) this.#owner.push(undefined);
        return slot;
      }
      // Slots of times and further values have no owner: another one is drawn.
      this.#drop(Math.floor(this.#random() * this.#slots.end));
    }
  }

  #drop(slot: number): void {
    const chunks = this.#owner[slot];
    if (chunks === undefined) return;
    chunks.delete(this.#ref[slot]!);
    this.#owner[slot] = undefined;
    this.#slots.give(slot);
    if (this.#times[slot]! >= 0) this.#slots.give(this.#times[slot]!);
    if (this.#rest[slot]! >= 0) this.#slots.give(this.#rest[slot]!);
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

/** The distance of all times, 0 where it is not always the same. */
function regularStep(times: Float64Array, from: number, count: number): number {
  const start = times[from]!;
  const step = count > 1 ? times[from + 1]! - start : 1;
  for (let i = 2; i < count; i++) if (times[from + i] !== start + i * step) return 0;
  return step;
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
