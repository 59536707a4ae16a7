/** Size of a slot: eight doubles of header, then 256 bytes of samples. */
export const HEAD_DOUBLES = 8;
export const SLOT_DOUBLES = 32;
export const SLOT_WORDS = 64;
export const SLOT_HALVES = 128;
const STRIDE = HEAD_DOUBLES + SLOT_DOUBLES;
const SLOT_BYTES = STRIDE * 8;
/** Places per bucket of the index, and places of the index per slot. */
export const WAYS = 8;
const PLACES_PER_SLOT = 2;

/** Words of the control area. */
const LOCK = 0;
/** First of the free slots + 1; each links to the next. 0 if none exists. */
const FREE = 1;
const FREE_COUNT = 2;
/** Number of slots used so far. */
const END = 3;
const MOST = 4;
/** By reader: the number of its present read. */
const CURRENT = 8;
const CONTROL_WORDS = 16;
/** Number of threads that can read the same memory: each has a byte in a slot's header. */
export const MAX_READERS = 8;

/** Words of a slot's header: the block whose chunk begins there, 0 if none does, and the next slot. */
export const BLOCK = 8;
export const NEXT = 13;
/**
 * Bytes of a slot's header: for each reader the number of the read that last used the chunk. They are never cleared: a
 * reader may just have marked the slot and find the same chunk there again.
 */
const MARKS = 56;
const MAX_READING = 255;

/** Handles with which another thread opens the memory; can be posted. */
export interface ChunkMemoryHandles {
  readonly buffer: SharedArrayBuffer;
  readonly reader: number;
}

/**
 * Slots for decoded chunks and their index, in memory that several threads share. Writers need the lock but never wait
 * for it: a chunk that cannot be cached now is cached another time. Readers need no lock. A reader marks a chunk with
 * the number of its read and then checks that the chunk is still there. A writer that wants the slots removes the chunk
 * and then checks for marks of unfinished reads.
 */
export class ChunkMemory {
  readonly buffer: SharedArrayBuffer;
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  readonly halves: Int16Array;
  /** Largest number of slots. */
  readonly most: number;
  readonly #bytes: Uint8Array;
  readonly #reader: number;
  readonly #buckets: number;
  readonly #slotsAt: number;
  #reading = 0;

  /** Opens the memory of another thread. */
  constructor({ buffer, reader }: ChunkMemoryHandles) {
    this.buffer = buffer;
    this.doubles = new Float64Array(buffer);
    this.words = new Int32Array(buffer);
    this.halves = new Int16Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#reader = reader;
    this.most = this.words[MOST]!;
    this.#buckets = bucketsFor(this.most);
    this.#slotsAt = (CONTROL_WORDS + this.#buckets * WAYS) / 2;
  }

  /** Creates memory of about this size; the system allocates it when it is used. */
  static create(maxBytes: number): SharedArrayBuffer {
    const most = Math.floor(maxBytes / (SLOT_BYTES + 4 * PLACES_PER_SLOT));
    const bytes = 4 * (CONTROL_WORDS + bucketsFor(most) * WAYS) + most * SLOT_BYTES;
    const buffer = new SharedArrayBuffer(bytes);
    new Int32Array(buffer, 0, CONTROL_WORDS)[MOST] = most;
    return buffer;
  }

  /** Number of slots used so far. */
  get end(): number {
    return Atomics.load(this.words, END);
  }

  /** Number of slots that can be taken before a chunk must be removed. */
  get left(): number {
    return this.most - this.words[END]! + this.words[FREE_COUNT]!;
  }

  /** Start of a slot, in doubles. */
  startOf(slot: number): number {
    return this.#slotsAt + slot * STRIDE;
  }

  /** The first place of a key's bucket. */
  bucketOf(block: number, ref: number): number {
    const low = ref | 0;
    const high = (ref / 2 ** 32) | 0;
    let hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1) ^ Math.imul(block, 0x85ebca6b), 0xc2b2ae35);
    hash ^= hash >>> 15;
    return CONTROL_WORDS + (hash & (this.#buckets - 1)) * WAYS;
  }

  /** Begins a read: chunks of the previous one may be removed. */
  begin(): void {
    this.#reading = (this.#reading % MAX_READING) + 1;
    Atomics.store(this.words, CURRENT + this.#reader, this.#reading);
  }

  /** Keeps the chunk that begins at a slot until begin(). Check afterwards that it is still there. */
  mark(start: number): void {
    Atomics.store(this.#bytes, start * 8 + MARKS + this.#reader, this.#reading);
  }

  /** Does an unfinished read use the chunk? */
  isMarked(start: number): boolean {
    for (let reader = 0; reader < MAX_READERS; reader++) {
      const mark = Atomics.load(this.#bytes, start * 8 + MARKS + reader);
      if (mark !== 0 && mark === Atomics.load(this.words, CURRENT + reader)) return true;
    }
    return false;
  }

  /** Takes the lock without waiting; false if another thread has it. */
  tryLock(): boolean {
    return Atomics.compareExchange(this.words, LOCK, 0, this.#reader + 1) === 0;
  }

  unlock(): void {
    Atomics.store(this.words, LOCK, 0);
  }

  /** Records that a thread has ended. Returns false if it had the lock; then this memory caches nothing any more. */
  leave(reader: number): boolean {
    Atomics.store(this.words, CURRENT + reader, 0);
    return Atomics.load(this.words, LOCK) !== reader + 1;
  }

  /** Takes a free slot; -1 if none exists. Requires the lock. */
  take(): number {
    const { words } = this;
    const free = words[FREE]! - 1;
    if (free >= 0) {
      words[FREE] = words[this.startOf(free) * 2 + NEXT]! + 1;
      words[FREE_COUNT]!--;
      return free;
    }
    const end = words[END]!;
    if (end === this.most) return -1;
    Atomics.store(words, END, end + 1);
    return end;
  }

  /** Frees a slot. Requires the lock. */
  give(slot: number): void {
    const { words } = this;
    words[this.startOf(slot) * 2 + NEXT] = words[FREE]! - 1;
    words[FREE] = slot + 1;
    words[FREE_COUNT]!++;
  }
}

const bucketsFor = (slots: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, (slots * PLACES_PER_SLOT) / WAYS)));
