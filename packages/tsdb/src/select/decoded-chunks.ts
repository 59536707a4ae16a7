import type { SampleColumns } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import type { ChunkRef } from "../block/series-entry.ts";

/** Samples in a slot: chunks have 120 unless somebody chose otherwise. */
const SLOT_SAMPLES = 128;
const SLOT_BYTES = SLOT_SAMPLES * 8;
/** Slots taken from the system at a time: half a mebibyte. */
const SLOTS_PER_SLAB = 512;
/** Once all slots are taken, one chunk in so many is kept: a read of more than fits must not wear itself out with copying. */
const KEPT_WHEN_FULL = 8;

/** The chunks of one block that are kept, and the slot of each one's values. */
export type KeptChunks = Map<ChunkRef, number>;

/**
 * Float samples of chunks that were decoded lately. Values take a slot; times take another one unless their distance is
 * always the same. When all slots are taken a random chunk goes: whoever reads more than fits again and again, as a
 * dashboard over a long range does, still finds a part, where the oldest first would find nothing.
 */
export class DecodedChunks {
  readonly #maxSlots: number;
  readonly #random: () => number;
  readonly #slabs: Float64Array[] = [];
  /** By slot of values: whose chunk, and which; times. */
  readonly #owner: (KeptChunks | undefined)[] = [];
  readonly #ref: number[] = [];
  readonly #count: number[] = [];
  readonly #start: number[] = [];
  readonly #step: number[] = [];
  /** Slot of the times, -1 where they are regular. */
  readonly #times: number[] = [];
  /** 1: only a copy of bytes keeps what the values say, stale markers among them. */
  readonly #hasNan: number[] = [];
  readonly #free: number[] = [];
  #slots = 0;
  readonly #blocks = new WeakMap<Block, KeptChunks>();

  constructor(maxBytes: number, random: () => number = Math.random) {
    this.#maxSlots = Math.floor(maxBytes / SLOT_BYTES / SLOTS_PER_SLAB) * SLOTS_PER_SLAB;
    this.#random = random;
  }

  /** The chunks of a block that are kept. */
  of(block: Block): KeptChunks {
    let chunks = this.#blocks.get(block);
    if (chunks === undefined) this.#blocks.set(block, (chunks = new Map()));
    return chunks;
  }

  /** The slot of a kept chunk, -1 where it is not kept. `hint`: where it was last time; any number will do. */
  find(chunks: KeptChunks, ref: ChunkRef, hint: number): number {
    if (hint >= 0 && hint < this.#slots && this.#owner[hint] === chunks && this.#ref[hint] === ref) return hint;
    return chunks.get(ref) ?? -1;
  }

  /** Appends the samples with from ≤ t ≤ to of the chunk in a slot. */
  read(slot: number, from: number, to: number, into: SampleColumns): void {
    const times = this.#times[slot]!;
    if (times >= 0) this.#readIrregular(slot, times, from, to, into);
    else this.#readRegular(slot, from, to, into);
  }

  #readRegular(slot: number, from: number, to: number, into: SampleColumns): void {
    const start = this.#start[slot]!;
    const step = this.#step[slot]!;
    const first = from <= start ? 0 : Math.ceil((from - start) / step);
    let samples = this.#count[slot]!;
    if (start + (samples - 1) * step > to) samples = Math.floor((to - start) / step) + 1;
    samples -= first;
    if (samples <= 0) return;
    const at = into.count;
    into.reserve(at + samples);
    const { timestamps, values } = into;
    const slab = this.#slabs[Math.floor(slot / SLOTS_PER_SLAB)]!;
    const base = (slot % SLOTS_PER_SLAB) * SLOT_SAMPLES + first;
    const time = start + first * step;
    if (this.#hasNan[slot] === 1) {
      for (let i = 0; i < samples; i++) timestamps[at + i] = time + i * step;
      values.set(slab.subarray(base, base + samples), at);
    } else {
      for (let i = 0; i < samples; i++) {
        timestamps[at + i] = time + i * step;
        values[at + i] = slab[base + i]!;
      }
    }
    into.count = at + samples;
  }

  #readIrregular(slot: number, times: number, from: number, to: number, into: SampleColumns): void {
    let first = 0;
    let end = this.#count[slot]!;
    const kept = this.#view(times, end);
    while (first < end && kept[first]! < from) first++;
    while (end > first && kept[end - 1]! > to) end--;
    into.reserve(into.count + end - first);
    into.timestamps.set(kept.subarray(first, end), into.count);
    into.values.set(this.#view(slot, end).subarray(first), into.count);
    into.count += end - first;
  }

  /** Keeps a chunk of floats: slots [from, count) of `samples`. Answers the slot, -1 where it is not kept after all. */
  keep(chunks: KeptChunks, ref: ChunkRef, samples: SampleColumns, from: number): number {
    const count = samples.count - from;
    if (count === 0 || count > SLOT_SAMPLES || this.#maxSlots === 0) return -1;
    const isFull = this.#free.length < 2 && this.#slots === this.#maxSlots;
    if (isFull && this.#random() * KEPT_WHEN_FULL >= 1) return -1;
    const { timestamps, values } = samples;
    const start = timestamps[from]!;
    const step = count > 1 ? timestamps[from + 1]! - start : 1;
    let isRegular = step > 0;
    for (let i = 1; isRegular && i < count; i++) isRegular = timestamps[from + i] === start + i * step;
    let hasNan = false;
    for (let i = 0; i < count; i++) hasNan ||= Number.isNaN(values[from + i]!);
    const slot = this.#take();
    const times = isRegular ? -1 : this.#take();
    this.#view(slot, count).set(values.subarray(from, samples.count));
    if (times >= 0) this.#view(times, count).set(timestamps.subarray(from, samples.count));
    this.#owner[slot] = chunks;
    this.#ref[slot] = ref;
    this.#count[slot] = count;
    this.#start[slot] = start;
    this.#step[slot] = step;
    this.#times[slot] = times;
    this.#hasNan[slot] = hasNan ? 1 : 0;
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
      const slot = this.#free.pop();
      if (slot !== undefined) return slot;
      if (this.#slots < this.#maxSlots) this.#grow();
      // A slot of times has no owner: another one is drawn.
      else this.#drop(Math.floor(this.#random() * this.#slots));
    }
  }

  #grow(): void {
    this.#slabs.push(new Float64Array(SLOTS_PER_SLAB * SLOT_SAMPLES));
    for (let i = SLOTS_PER_SLAB - 1; i >= 0; i--) this.#free.push(this.#slots + i);
    for (let i = 0; i < SLOTS_PER_SLAB; i++) {
      this.#owner.push(undefined);
      for (const column of [this.#ref, this.#count, this.#start, this.#step, this.#times, this.#hasNan]) {
        column.push(0);
      }
    }
    this.#slots += SLOTS_PER_SLAB;
  }

  #drop(slot: number): void {
    const chunks = this.#owner[slot];
    if (chunks === undefined) return;
    chunks.delete(this.#ref[slot]!);
    this.#owner[slot] = undefined;
    this.#free.push(slot);
    if (this.#times[slot]! >= 0) this.#free.push(this.#times[slot]!);
  }

  #view(slot: number, count: number): Float64Array {
    const from = (slot % SLOTS_PER_SLAB) * SLOT_SAMPLES;
    return this.#slabs[Math.floor(slot / SLOTS_PER_SLAB)]!.subarray(from, from + count);
  }
}
