import type { ByteWriter } from "@narthex/bytes";
import type { ByteSlabs } from "./byte-slabs.ts";
import type { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { Seqlock } from "../concurrency/seqlock.ts";
import { HashTable } from "./hash-table.ts";
import { grownLength, type SharedBuffers } from "./shared-column.ts";

export const MAX_SYMBOLS = 2 ** 26;
/**
 * Largest number of texts that are cached as JavaScript strings, and of strings whose symbols are cached. A full cache
 * is cleared.
 */
const CACHE_SIZE = 32_768;
const INLINE_SCRATCH = 4096;
/** Number of bytes up to which a copy by a loop is faster than creating a view. */
const SHORT = 64;

export const FNV_OFFSET = 0x811c9dc5;
export const FNV_PRIME = 0x01000193;

const encoder = new TextEncoder();
/** UTF-8 decoder that keeps a byte order mark (U+FEFF) at the start of a text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The symbol table: the texts of label names and values, each with a number (its symbol). Each text is stored once, as
 * UTF-8 in shared memory, with a count of its uses. Symbol 0 means no symbol. The number of a removed symbol is reused
 * when no reader can reach the symbol any more.
 */
export class Symbols {
  readonly #slabs: ByteSlabs;
  readonly #columns;
  #capacity = 1024;
  #block: Uint32Array;
  #size: Uint32Array;
  #hash: Uint32Array;
  #uses: Uint32Array;
  #end = 1;
  /** First free symbol number. Each free number has the next free number in #block. */
  #freeId = 0;
  readonly #table: HashTable;
  #live = 0;
  /** Number of removed symbols that readers may still reach. */
  #leaving = 0;
  /**
   * Number of removals of symbols. Readers compare it, because the number of a removed symbol may later belong to
   * another text.
   */
  readonly #state: Int32Array;
  #seenRemovals = 0;
  /** Total size of all texts, bytes. */
  textBytes = 0;
  #scratch = new Uint8Array(INLINE_SCRATCH);
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();

  readonly #reclaimer: EpochReclaimer;
  readonly #lock: Seqlock;

  constructor(slabs: ByteSlabs, reclaimer: EpochReclaimer, buffers: SharedBuffers) {
    this.#slabs = slabs;
    this.#reclaimer = reclaimer;
    this.#lock = new Seqlock("symbols.version", buffers, () => this.refresh());
    this.#state = buffers.words("symbols.state", 1);
    this.#columns = {
      block: buffers.column("symbols.block", Uint32Array, 1024, MAX_SYMBOLS),
      size: buffers.column("symbols.size", Uint32Array, 1024, MAX_SYMBOLS),
      hash: buffers.column("symbols.hash", Uint32Array, 1024, MAX_SYMBOLS),
      uses: buffers.column("symbols.uses", Uint32Array, 1024, MAX_SYMBOLS),
    };
    this.#table = new HashTable("symbols.table", buffers, MAX_SYMBOLS, this.#lock);
    const { block, size, hash, uses } = this.#columns;
    this.#block = block.whole();
    this.#size = size.whole();
    this.#hash = hash.whole();
    this.#uses = uses.whole();
  }

  /** Clears a reader's cached texts if they may be wrong. Must be called before a reader takes a snapshot. */
  refreshTexts(): void {
    const removals = Atomics.load(this.#state, 0);
    if (removals === this.#seenRemovals) return;
    this.#seenRemovals = removals;
    this.forgetTexts();
  }

  /** Removes cached texts. The texts may be wrong if a change interrupted the read that cached them. */
  forgetTexts(): void {
    this.#ids.clear();
    this.#texts.clear();
  }

  /** Recreates a reader's array views after the columns have grown. */
  refresh(): void {
    this.#block = this.#columns.block.whole();
    this.#size = this.#columns.size.whole();
    this.#hash = this.#columns.hash.whole();
    this.#uses = this.#columns.uses.whole();
    this.#table.refresh();
  }

  get count(): number {
    return this.#live;
  }

  /** Number of symbol numbers in use. */
  get taken(): number {
    return this.#live + this.#leaving;
  }

  /** Returns the symbol number of a text; 0 if it is unknown. */
  find(text: string): number {
    const cached = this.#ids.get(text);
    if (cached !== undefined) return cached;
    const size = this.#encode(text);
    const hash = hashBytes(this.#scratch, size);
    const id = this.#lock.attached
      ? this.#lock.read(() => this.#probe(hash, this.#scratch, 0, size))
      : this.#probe(hash, this.#scratch, 0, size);
    if (id !== 0) this.#remember(text, id);
    return id;
  }

  /** Returns the symbol number of a text; adds the text if it is new. The caller must count its use with retain(). */
  intern(text: string): number {
    const known = this.find(text);
    if (known !== 0) return known;
    const size = this.#encode(text);
    const id = this.internBytes(this.#scratch, 0, size, fnv(this.#scratch, size));
    this.#remember(text, id);
    return id;
  }

  /**
   * Returns the symbol number of a text like intern(). The text is given as valid UTF-8 in bytes[from, from + size),
   * with its FNV-1a hash `fnv`.
   */
  internBytes(bytes: Uint8Array, from: number, size: number, fnv: number): number {
    const hash = mix(fnv);
    const known = this.#probe(hash, bytes, from, size);
    if (known !== 0) return known;
    const id = this.#freeId === 0 ? this.#extend() : this.#freeId;
    if (id === this.#freeId) this.#freeId = this.#block[id]!;
    const block = this.#slabs.allocate(size);
    if (size > SHORT) this.#slabs.view(block, size).set(bytes.subarray(from, from + size));
    else {
      const target = this.#slabs.bytes[block >>> 16]!;
      const at = (block & 0xffff) * 8;
      for (let i = 0; i < size; i++) target[at + i] = bytes[from + i]!;
    }
    this.#block[id] = block;
    this.#size[id] = size;
    this.#hash[id] = hash;
    this.#uses[id] = 0;
    this.#table.insert(this.#hash, id);
    this.#live++;
    this.textBytes += size;
    return id;
  }

  retain(id: number): void {
    this.#uses[id] = this.#uses[id]! + 1;
  }

  /** Ends one use of a symbol. The end of the last use removes the symbol. */
  release(id: number): void {
    const uses = this.#uses[id]! - 1;
    this.#uses[id] = uses;
    if (uses > 0) return;
    this.#ids.delete(this.text(id));
    this.#texts.delete(id);
    this.#table.remove(this.#hash, id);
    // Increases the number of removals after the removal. In the other order, a reader could see the new number, still
    // find the id, and keep it.
    Atomics.add(this.#state, 0, 1);
    this.textBytes -= this.#size[id]!;
    this.#live--;
    this.#leaving++;
    this.#reclaimer.retire(this.#recycle, id, 0);
  }

  readonly #recycle = (id: number): void => {
    this.#leaving--;
    Atomics.add(this.#state, 0, 1);
    this.#slabs.recycle(this.#block[id]!, this.#size[id]!);
    this.#block[id] = this.#freeId;
    this.#freeId = id;
  };

  text(id: number): string {
    const cached = this.#texts.get(id);
    if (cached !== undefined) return cached;
    if (id >= this.#block.length) this.refresh();
    const block = this.#block[id]!;
    // Copies the bytes, because TextDecoder refuses shared memory.
    const text = decoder.decode(this.#slabs.view(block, this.#size[id]!).slice());
    // Caches only the direction from symbol number to text. The symbol may already be removed, and another symbol may
    // now have the same text.
    this.#rememberText(text, id);
    return text;
  }

  /** Compares two symbols by their UTF-8 bytes. Returns a number below, equal to or above 0. */
  compare(a: number, b: number): number {
    if (a === b) return 0;
    const [left, right] = [this.#block[a]!, this.#block[b]!];
    const [x, y] = [this.#slabs.bytes[left >>> 16]!, this.#slabs.bytes[right >>> 16]!];
    const [from, to] = [(left & 0xffff) * 8, (right & 0xffff) * 8];
    const length = Math.min(this.#size[a]!, this.#size[b]!);
    for (let i = 0; i < length; i++) {
      const order = x[from + i]! - y[to + i]!;
      if (order !== 0) return order;
    }
    return this.#size[a]! - this.#size[b]!;
  }

  /** Returns the size of the text in UTF-8, bytes. */
  sizeOf(id: number): number {
    return this.#size[id]!;
  }

  /** Copies the UTF-8 of a text to `target` from index `at` on. Returns the index after the last byte. */
  copyTo(id: number, target: Uint8Array, at: number): number {
    const block = this.#block[id]!;
    const size = this.#size[id]!;
    if (size > SHORT) target.set(this.#slabs.view(block, size), at);
    else {
      const bytes = this.#slabs.bytes[block >>> 16]!;
      const from = (block & 0xffff) * 8;
      for (let i = 0; i < size; i++) target[at + i] = bytes[from + i]!;
    }
    return at + size;
  }

  /** Writes the text in the format of log records. */
  write(id: number, into: ByteWriter): void {
    const size = this.#size[id]!;
    into.uvarint(size);
    into.reserve(size);
    into.length = this.copyTo(id, into.bytes, into.length);
  }

  #remember(text: string, id: number): void {
    if (this.#ids.size >= CACHE_SIZE) this.#ids.clear();
    this.#ids.set(text, id);
    this.#rememberText(text, id);
  }

  #rememberText(text: string, id: number): void {
    if (this.#texts.size >= CACHE_SIZE) this.#texts.clear();
    this.#texts.set(id, text);
  }

  #encode(text: string): number {
    if (text.length * 3 > this.#scratch.length) this.#scratch = new Uint8Array(text.length * 4);
    return encoder.encodeInto(text, this.#scratch).written;
  }

  /** Returns the symbol number of the text bytes[from, from + size); 0 if it is unknown. */
  #probe(hash: number, bytes: Uint8Array, from: number, size: number): number {
    return this.#table.find(this.#hash, hash, (id) => this.#size[id] === size && this.#equals(id, bytes, from, size));
  }

  #equals(id: number, other: Uint8Array, from: number, size: number): boolean {
    const block = this.#block[id]!;
    const oversized = size > 512 * 1024;
    const bytes = oversized ? this.#slabs.view(block, size) : this.#slabs.bytesOf(block >>> 16);
    const at = oversized ? 0 : (block & 0xffff) * 8;
    for (let i = 0; i < size; i++) if (bytes[at + i] !== other[from + i]) return false;
    return true;
  }

  #extend(): number {
    if (this.#end >= this.#capacity) {
      this.#capacity = grownLength(this.#capacity, MAX_SYMBOLS);
      this.#block = this.#columns.block.view(this.#capacity);
      this.#size = this.#columns.size.view(this.#capacity);
      this.#hash = this.#columns.hash.view(this.#capacity);
      this.#uses = this.#columns.uses.view(this.#capacity);
    }
    return this.#end++;
  }
}

/** Returns the FNV-1a hash of the first `size` bytes. The table uses mix() of this hash as the hash of a symbol. */
function fnv(bytes: Uint8Array, size: number): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < size; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
  return hash;
}

const hashBytes = (bytes: Uint8Array, size: number): number => mix(fnv(bytes, size));

/**
 * Mixes the bits of a 32-bit number, so that every input bit affects all output bits (the finaliser of MurmurHash3).
 */
export function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
