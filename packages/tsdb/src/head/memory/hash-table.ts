import type { Seqlock } from "../concurrency/seqlock.ts";
import type { SharedBuffers, SharedColumn } from "./shared-column.ts";

/** Number of slots of a new segment (a small table), which fill a page of memory. */
const SEGMENT_SLOTS = 1024;
/** Number of bits of a hash that choose the segment in a new table. */
const FIRST_DEPTH = 2;
const MAX_DEPTH = 20;
/**
 * Largest number of directory entries per segment. Without this limit, hashes with many equal bits would make the
 * directory large.
 */
const DIRECTORY_PER_SEGMENT = 8;
/**
 * Limit for the number of slots per possible id (`maxIds`). Segments are split when they are half full, so an id
 * usually takes two to four slots.
 */
const SLOTS_PER_ID = 4;
/** Fraction of the table's length by which its memory grows. */
const GROWTH = 1 / 8;

/** Mask for the first slot of a segment in a directory entry. */
const BASE = ~(SEGMENT_SLOTS - 1);
/** Position of the bits with the segment's depth in a directory entry. */
const DEPTH_SHIFT = 5;
/**
 * Mask for a number of five bits in a directory entry: the depth of the segment, or the binary logarithm of its number
 * of pages.
 */
const FIVE_BITS = 31;

/**
 * A hash table of ids in shared memory, which one thread writes and others read. The table uses extendible hashing: a
 * directory leads from the first bits of a hash to a segment, which is a small table with open addressing. A half-full
 * segment is split, or doubled if its hashes have too many equal bits, so each insertion moves few entries. find() may
 * run on a reader while the writer moves entries; its result may then be wrong, and the lock's read() repeats the
 * search.
 */
export class HashTable {
  /** The ids in all segments; 0 is an empty slot. The array is replaced when the table grows. */
  slots!: Uint32Array;
  #directory!: Uint32Array;
  /** Number of bits by which a hash is shifted right to get its index in the directory. */
  #shift = 32 - FIRST_DEPTH;
  readonly #lock: Seqlock | undefined;
  /** Shared memory with the depth of the directory: the number of hash bits that it uses. */
  readonly #state: Int32Array;
  readonly #columns: {
    readonly slots: SharedColumn<typeof Uint32Array>;
    readonly directory: SharedColumn<typeof Uint32Array>;
  };
  /** Number of entries of each segment, by the segment's first page. Only the writer has this array. */
  #counts = new Uint32Array(64);
  /** Index after the last used slot. Only the writer has this number. */
  #end = 0;
  #segments = 0;
  /**
   * First slots of unused segments, by the binary logarithm of their number of pages. Only the writer has this list.
   */
  readonly #free: number[][] = [];
  #moved = new Uint32Array(SEGMENT_SLOTS);
  readonly #maxSlots: number;

  /**
   * @param maxIds largest number of ids of the table
   * @param lock must be given if other threads read
   */
  constructor(name: string, buffers: SharedBuffers, maxIds: number, lock?: Seqlock) {
    this.#lock = lock;
    this.#maxSlots = maxIds * SLOTS_PER_ID;
    const segments = 2 ** FIRST_DEPTH;
    this.#state = buffers.words(`${name}.depth`, 1);
    this.#columns = {
      slots: buffers.column(name, Uint32Array, segments * SEGMENT_SLOTS, this.#maxSlots),
      directory: buffers.column(`${name}.directory`, Uint32Array, segments, 2 ** MAX_DEPTH),
    };
    if (!buffers.attached) this.#state[0] = FIRST_DEPTH;
    this.refresh();
    if (buffers.attached) return;
    for (let i = 0; i < segments; i++) this.#directory[i] = entryOf(this.#allocate(0), FIRST_DEPTH, 0);
    this.#segments = segments;
  }

  /** Recreates a reader's array views after the table has grown. */
  refresh(): void {
    this.slots = this.#columns.slots.whole();
    this.#directory = this.#columns.directory.whole();
    this.#shift = 32 - Atomics.load(this.#state, 0);
  }

  /**
   * Returns the first id with this hash that `isWanted` accepts; 0 if there is no such id. The search ends even if the
   * writer moves entries at the same time.
   */
  find(hashes: ArrayLike<number>, hash: number, isWanted: (id: number) => boolean): number {
    const { slots } = this;
    const entry = this.#entryOf(hash);
    const base = baseOf(entry);
    const mask = maskOf(entry);
    // Discards the result if the segment is beyond the end of this reader's array, because the table has grown. The
    // reader's lock repeats the search.
    if (base + mask >= slots.length) return 0;
    for (let step = 0; step <= mask; step++) {
      const id = slots[base + ((hash + step) & mask)]!;
      if (id === 0) return 0;
      if (hashes[id] === hash && isWanted(id)) return id;
    }
    return 0;
  }

  /** Adds an id that is not in the table. The caller must have written the id's hash and row before. */
  insert(hashes: ArrayLike<number>, id: number): void {
    const hash = hashes[id]!;
    let entry = this.#entryOf(hash);
    while ((this.#counts[pageOf(entry)]! + 1) * 2 > maskOf(entry) + 1) {
      this.#makeRoom(hashes, hash, entry);
      entry = this.#entryOf(hash);
    }
    this.#put(entry, hash, id);
  }

  /** Removes an id and closes the gap in its segment. Removed ids therefore need no marks. */
  remove(hashes: ArrayLike<number>, id: number): void {
    const { slots } = this;
    const entry = this.#entryOf(hashes[id]!);
    const base = baseOf(entry);
    const mask = maskOf(entry);
    this.#lock?.begin();
    let gap = hashes[id]! & mask;
    while (slots[base + gap] !== id) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; slots[base + slot] !== 0; slot = (slot + 1) & mask) {
      const home = hashes[slots[base + slot]!]! & mask;
      if (((slot - home) & mask) >= ((slot - gap) & mask)) {
        slots[base + gap] = slots[base + slot]!;
        gap = slot;
      }
    }
    slots[base + gap] = 0;
    this.#lock?.end();
    this.#counts[pageOf(entry)]!--;
  }

  #entryOf(hash: number): number {
    return this.#directory[hash >>> this.#shift]!;
  }

  #put(entry: number, hash: number, id: number): void {
    const { slots } = this;
    const base = baseOf(entry);
    const mask = maskOf(entry);
    let slot = hash & mask;
    while (slots[base + slot] !== 0) slot = (slot + 1) & mask;
    slots[base + slot] = id;
    this.#counts[pageOf(entry)]!++;
  }

  /**
   * Makes room for one more entry in a segment. Allocates all memory before it moves entries. Throws RangeError,
   * without any change of the table, if there is no memory.
   */
  #makeRoom(hashes: ArrayLike<number>, hash: number, entry: number): void {
    const depth = depthOf(entry);
    const pages = entry & FIVE_BITS;
    const isSplit = depth < 32 - this.#shift || this.#mayDeepen();
    const deeper = isSplit && depth === 32 - this.#shift ? this.#columns.directory.view(2 ** (depth + 1)) : undefined;
    if (this.#moved.length <= maskOf(entry)) this.#moved = new Uint32Array(maskOf(entry) + 1);
    const made = this.#allocate(isSplit ? pages : pages + 1);
    this.#lock?.begin();
    if (deeper !== undefined) this.#deepen(deeper);
    const first = (hash >>> (32 - depth)) << (32 - this.#shift - depth);
    const end = first + (1 << (32 - this.#shift - depth));
    const count = this.#take(entry);
    if (isSplit) {
      const middle = (first + end) >>> 1;
      this.#directory.fill(entryOf(baseOf(entry), depth + 1, pages), first, middle);
      this.#directory.fill(entryOf(made, depth + 1, pages), middle, end);
      this.#segments++;
    } else {
      this.#directory.fill(entryOf(made, depth, pages + 1), first, end);
      (this.#free[pages] ??= []).push(baseOf(entry));
    }
    for (let i = 0; i < count; i++) {
      const id = this.#moved[i]!;
      this.#put(this.#entryOf(hashes[id]!), hashes[id]!, id);
    }
    this.#lock?.end();
  }

  #mayDeepen(): boolean {
    const entries = 2 ** (32 - this.#shift);
    return this.#shift > 32 - MAX_DEPTH && entries * 2 <= this.#segments * DIRECTORY_PER_SEGMENT;
  }

  /** Doubles the directory, so that it uses one more bit of the hash. */
  #deepen(directory: Uint32Array): void {
    for (let i = directory.length - 1; i >= 0; i--) directory[i] = directory[i >>> 1]!;
    this.#directory = directory;
    this.#shift--;
    Atomics.store(this.#state, 0, 32 - this.#shift);
  }

  /** Moves all ids of a segment into #moved and returns how many there are. */
  #take(entry: number): number {
    const segment = this.slots.subarray(baseOf(entry), baseOf(entry) + maskOf(entry) + 1);
    let count = 0;
    for (let i = 0; i < segment.length; i++) if (segment[i] !== 0) this.#moved[count++] = segment[i]!;
    segment.fill(0);
    this.#counts[pageOf(entry)] = 0;
    return count;
  }

  /** Returns the first slot of a new empty segment. Throws RangeError if there is no memory. */
  #allocate(pages: number): number {
    const unused = this.#free[pages]?.pop();
    if (unused !== undefined) return unused;
    const base = this.#end;
    const end = base + (SEGMENT_SLOTS << pages);
    if (end > this.slots.length) {
      const spare = Math.floor((end * GROWTH) / SEGMENT_SLOTS) * SEGMENT_SLOTS;
      this.slots = this.#columns.slots.view(Math.max(end, Math.min(end + spare, this.#maxSlots)));
    }
    if (end / SEGMENT_SLOTS > this.#counts.length) {
      const counts = new Uint32Array(Math.max(this.#counts.length * 2, end / SEGMENT_SLOTS));
      counts.set(this.#counts);
      this.#counts = counts;
    }
    this.#end = end;
    return base;
  }
}

/** Returns the first slot of the segment to which a directory entry points. */
function baseOf(entry: number): number {
  return entry & BASE;
}

/** Returns the number of slots, minus one, of the segment to which a directory entry points. */
function maskOf(entry: number): number {
  return (SEGMENT_SLOTS << (entry & FIVE_BITS)) - 1;
}

function depthOf(entry: number): number {
  return (entry >>> DEPTH_SHIFT) & FIVE_BITS;
}

function pageOf(entry: number): number {
  return baseOf(entry) / SEGMENT_SLOTS;
}

/** Encodes a directory entry. `pages` is the binary logarithm of the segment's number of pages. */
function entryOf(base: number, depth: number, pages: number): number {
  return base | (depth << DEPTH_SHIFT) | pages;
}
