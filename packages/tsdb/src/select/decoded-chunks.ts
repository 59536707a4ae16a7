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

  /** Appends a kept chunk's samples with from ≤ t ≤ to; false where it is not kept. */
  read(chunks: KeptChunks, ref: ChunkRef, from: number, to: number, into: SampleColumns): boolean {
    const slot = chunks.get(ref);
    if (slot === undefined) return false;
    const times = this.#times[slot]!;
    let first = 0;
    let end = this.#count[slot]!;
    if (times < 0) {
      const [start, step] = [this.#start[slot]!, this.#step[slot]!];
      first = Math.max(0, Math.ceil((from - start) / step));
      end = Math.min(end, Math.floor((to - start) / step) + 1);
      if (end <= first) return true;
      const { count } = into;
      into.reserve(count + end - first);
      const { timestamps } = into;
      for (let i = first; i < end; i++) timestamps[count + i - first] = start + i * step;
    } else {
      const kept = this.#view(times, end);
      while (first < end && kept[first]! < from) first++;
      while (end > first && kept[end - 1]! > to) end--;
      into.reserve(into.count + end - first);
      into.timestamps.set(kept.subarray(first, end), into.count);
    }
    into.values.set(this.#view(slot, end).subarray(first), into.count);
    into.count += end - first;
    return true;
  }

  /** Keeps a chunk of floats: slots [from, count) of `samples`. */
  keep(chunks: KeptChunks, ref: ChunkRef, samples: SampleColumns, from: number): void {
    const count = samples.count - from;
    if (count === 0 || count > SLOT_SAMPLES || this.#maxSlots === 0) return;
    const isFull = this.#free.length < 2 && this.#slots === this.#maxSlots;
    if (isFull && this.#random() * KEPT_WHEN_FULL >= 1) return;
    const { timestamps } = samples;
    const start = timestamps[from]!;
    const step = count > 1 ? timestamps[from + 1]! - start : 1;
    let isRegular = step > 0;
    for (let i = 1; isRegular && i < count; i++) isRegular = timestamps[from + i] === start + i * step;
    const slot = this.#take();
    const times = isRegular ? -1 : this.#take();
    this.#view(slot, count).set(samples.values.subarray(from, samples.count));
    if (times >= 0) this.#view(times, count).set(timestamps.subarray(from, samples.count));
    this.#owner[slot] = chunks;
    this.#ref[slot] = ref;
    this.#count[slot] = count;
    this.#start[slot] = start;
    this.#step[slot] = step;
    this.#times[slot] = times;
    chunks.set(ref, slot);
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
      for (const column of [this.#ref, this.#count, this.#start, this.#step, this.#times]) column.push(0);
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
