/** Number of doubles in a slot's header. A slot has this header and 256 bytes of samples. */
export const HEAD_DOUBLES = 8;
export const SLOT_DOUBLES = 32;
export const SLOT_WORDS = 64;
export const SLOT_HALVES = 128;
const STRIDE = HEAD_DOUBLES + SLOT_DOUBLES;
const SLOT_BYTES = STRIDE * 8;
/**
 * Number of places in one bucket of the chunk index. PLACES_PER_SLOT is the number of places in the index for each
 * slot.
 */
export const WAYS = 8;
const PLACES_PER_SLOT = 2;

/** Index of the control word that is the lock of the shared chunk memory. */
const LOCK = 0;
/**
 * Index of the control word with the first free slot + 1; 0 if all slots are in use. Each free slot links to the next
 * free slot.
 */
const FREE = 1;
/** Index of the control word with the number of free slots. */
const FREE_COUNT = 2;
/** Index of the control word with the number of slots that have been used. */
const END = 3;
/** Index of the control word with the total number of slots. */
const MOST = 4;
/** Index of the first control word for readers. Each reader has one word, with the number of its current read. */
const CURRENT = 8;
const CONTROL_WORDS = 16;
/** Largest number of threads that can read one shared memory. Each thread has a byte in a slot's header. */
export const MAX_CHUNK_READERS = 8;

/**
 * Index of a word in a slot's header. The word contains the number of the block whose chunk begins in the slot, or 0 if
 * no chunk begins in the slot.
 */
export const BLOCK = 8;
/** Index of a word in a slot's header: the number of the chunk's next slot. */
export const NEXT = 13;
/**
 * Byte offset of the marks in a slot's header. Each reader has one byte, with the number of its last read that used the
 * chunk. Marks are never cleared, because a reader may have just set one.
 */
const MARKS = 56;
const MAX_READING = 255;

/** Handles with which another thread opens the memory. The handles can be posted. */
export interface ChunkMemoryHandles {
  readonly buffer: SharedArrayBuffer;
  readonly reader: number;
}

/**
 * Shared memory for decoded chunks, in slots, with an index. A writer needs the lock but never waits for it: a chunk
 * that cannot be cached now is cached at a later read. Readers need no lock. A reader marks a chunk with the number of
 * its read and then checks that the chunk is still in the slot. A writer that needs the slots removes the chunk and
 * then checks the marks of reads in progress.
 */
export class ChunkMemory {
  readonly buffer: SharedArrayBuffer;
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  readonly halves: Int16Array;
  readonly most: number;
  readonly #bytes: Uint8Array;
  readonly #reader: number;
  readonly #buckets: number;
  readonly #slotsAt: number;
  #reading = 0;

  /** Opens the memory that another thread has created. */
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

  /** Creates memory of about `maxBytes` bytes. The system allocates a page when it is first used. */
  static create(maxBytes: number): SharedArrayBuffer {
    const most = Math.floor(maxBytes / (SLOT_BYTES + 4 * PLACES_PER_SLOT));
    const bytes = 4 * (CONTROL_WORDS + bucketsFor(most) * WAYS) + most * SLOT_BYTES;
    const buffer = new SharedArrayBuffer(bytes);
    new Int32Array(buffer, 0, CONTROL_WORDS)[MOST] = most;
    return buffer;
  }

  /** Number of slots that have been used. */
  get end(): number {
    return Atomics.load(this.words, END);
  }

  /** Number of slots that can be filled before a cached chunk must be removed. */
  get left(): number {
    return this.most - this.words[END]! + this.words[FREE_COUNT]!;
  }

  /** Returns the index of a slot's first double. */
  startOf(slot: number): number {
    return this.#slotsAt + slot * STRIDE;
  }

  /**
   * Returns the first place in the index at which a chunk can be. The chunk is identified by its block number and its
   * reference.
   */
  bucketOf(block: number, ref: number): number {
    const low = ref | 0;
    const high = (ref / 2 ** 32) | 0;
    let hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1) ^ Math.imul(block, 0x85ebca6b), 0xc2b2ae35);
    hash ^= hash >>> 15;
    return CONTROL_WORDS + (hash & (this.#buckets - 1)) * WAYS;
  }

  /** Begins a read. After this call, writers may remove the chunks of the previous read. */
  begin(): void {
    this.#reading = (this.#reading % MAX_READING) + 1;
    Atomics.store(this.words, CURRENT + this.#reader, this.#reading);
  }

  /**
   * Marks the chunk that begins at a slot, so that it stays cached until begin(). The caller must then check that the
   * slot still contains the chunk.
   */
  mark(start: number): void {
    Atomics.store(this.#bytes, start * 8 + MARKS + this.#reader, this.#reading);
  }

  /** Returns whether a read in progress uses the chunk that begins at a slot. */
  isMarked(start: number): boolean {
    for (let reader = 0; reader < MAX_CHUNK_READERS; reader++) {
      const mark = Atomics.load(this.#bytes, start * 8 + MARKS + reader);
      if (mark !== 0 && mark === Atomics.load(this.words, CURRENT + reader)) return true;
    }
    return false;
  }

  /** Takes the lock without waiting. Returns false if another thread has it. */
  tryLock(): boolean {
    return Atomics.compareExchange(this.words, LOCK, 0, this.#reader + 1) === 0;
  }

  unlock(): void {
    Atomics.store(this.words, LOCK, 0);
  }

  /**
   * Records that a reading thread has ended. Returns false if the thread held the lock; no more chunks are then cached.
   */
  leave(reader: number): boolean {
    Atomics.store(this.words, CURRENT + reader, 0);
    return Atomics.load(this.words, LOCK) !== reader + 1;
  }

  /**
   * Removes a slot from the list of free slots and returns it; returns -1 if all slots are in use. The caller must have
   * the lock.
   */
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

  /** Frees a slot. The caller must have the lock. */
  give(slot: number): void {
    const { words } = this;
    words[this.startOf(slot) * 2 + NEXT] = words[FREE]! - 1;
    words[FREE] = slot + 1;
    words[FREE_COUNT]!++;
  }
}

const bucketsFor = (slots: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, (slots * PLACES_PER_SLOT) / WAYS)));
