/** A slot: eight doubles that say what it is, then a quarter of a kibibyte of samples. */
export const HEAD_DOUBLES = 8;
export const SLOT_DOUBLES = 32;
export const SLOT_WORDS = 64;
export const SLOT_HALVES = 128;
const STRIDE = HEAD_DOUBLES + SLOT_DOUBLES;
const SLOT_BYTES = STRIDE * 8;
/** Places of a bucket of the index, and how many there are for a slot. */
export const WAYS = 8;
const PLACES_PER_SLOT = 2;

/** Words of the control area. */
const LOCK = 0;
/** First of the free slots + 1, each of which tells the next; 0 where there is none. */
const FREE = 1;
const FREE_COUNT = 2;
/** Slots that were used so far. */
const END = 3;
const MOST = 4;
/** By reader: the number of its reading. */
const CURRENT = 8;
const CONTROL_WORDS = 16;
/** Threads that may read the same memory: each has a byte of a slot's head. */
export const MOST_READERS = 8;

/** Words of a slot's head that tell whose chunk it begins, 0 where none, and the slot that follows. */
export const BLOCK = 8;
export const NEXT = 13;
/**
 * Bytes of a slot's head: by reader the number of the reading in which it looked at the chunk. Nobody clears them: a reader
 * may have marked the slot a moment ago, and see the same chunk come again.
 */
const MARKS = 56;
const MOST_READING = 255;

/** The memory as another thread opens it; can be posted. */
export interface ChunkMemoryHandles {
  readonly buffer: SharedArrayBuffer;
  readonly reader: number;
}

/**
 * Slots for decoded chunks, and their index, in memory that several threads share. Whoever changes what is kept has the
 * lock; nobody waits for it, since what is not kept now is kept another time. Readers have none: a reader marks a chunk
 * with the number of its reading and then looks whether the chunk is still there; whoever wants the slots takes the chunk
 * away and then looks for marks of readings that are not over.
 */
export class ChunkMemory {
  readonly buffer: SharedArrayBuffer;
  readonly doubles: Float64Array;
  readonly words: Int32Array;
  readonly halves: Int16Array;
  /** How many slots there can be. */
  readonly most: number;
  readonly #bytes: Uint8Array;
  readonly #reader: number;
  readonly #buckets: number;
  readonly #slotsAt: number;
  #reading = 0;

  /** Opens memory of another thread. */
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

  /** New memory, of about so many bytes; the system gives it when it is used. */
  static create(maxBytes: number): SharedArrayBuffer {
    const most = Math.floor(maxBytes / (SLOT_BYTES + 4 * PLACES_PER_SLOT));
    const bytes = 4 * (CONTROL_WORDS + bucketsFor(most) * WAYS) + most * SLOT_BYTES;
    const buffer = new SharedArrayBuffer(bytes);
    new Int32Array(buffer, 0, CONTROL_WORDS)[MOST] = most;
    return buffer;
  }

  /** Slots that were used so far. */
  get end(): number {
    return Atomics.load(this.words, END);
  }

  /** How many can be taken before one has to be given. */
  get left(): number {
    return this.most - this.words[END]! + this.words[FREE_COUNT]!;
  }

  /** Where a slot begins, in doubles. */
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

  /** A reading begins: chunks of the one before may go. */
  begin(): void {
    this.#reading = (this.#reading % MOST_READING) + 1;
    Atomics.store(this.words, CURRENT + this.#reader, this.#reading);
  }

  /** Keeps the chunk that begins at a slot until begin(). Check afterwards whether it is still there. */
  mark(start: number): void {
    Atomics.store(this.#bytes, start * 8 + MARKS + this.#reader, this.#reading);
  }

  /** Looks at it a reader that is not done? */
  isMarked(start: number): boolean {
    for (let reader = 0; reader < MOST_READERS; reader++) {
      const mark = Atomics.load(this.#bytes, start * 8 + MARKS + reader);
      if (mark !== 0 && mark === Atomics.load(this.words, CURRENT + reader)) return true;
    }
    return false;
  }

  /** Without waiting: false where another thread has it. */
  tryLock(): boolean {
    return Atomics.compareExchange(this.words, LOCK, 0, this.#reader + 1) === 0;
  }

  unlock(): void {
    Atomics.store(this.words, LOCK, 0);
  }

  /** A thread is no more. False where it had the lock: then nothing is kept in this memory any more. */
  leave(reader: number): boolean {
    Atomics.store(this.words, CURRENT + reader, 0);
    return Atomics.load(this.words, LOCK) !== reader + 1;
  }

  /** A slot that is free, with the lock; -1 when all are taken. */
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

  /** Gives a slot back, with the lock. */
  give(slot: number): void {
    const { words } = this;
    words[this.startOf(slot) * 2 + NEXT] = words[FREE]! - 1;
    words[FREE] = slot + 1;
    words[FREE_COUNT]!++;
  }
}

const bucketsFor = (slots: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, (slots * PLACES_PER_SLOT) / WAYS)));
