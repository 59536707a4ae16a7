const EMPTY = 0;
const MIN_SLOTS = 16;
/** Maximum total size of all keys in bytes, because the end of each key is stored in 32 bits. */
const MAX_BYTES = 2 ** 32 - 1;

/**
 * Assigns numbers to byte strings in the order of their first use: 0, 1, 2 … The byte strings (keys) are stored in
 * typed arrays with open addressing. A key needs its bytes plus about 24 bytes, and no object on the heap. A caller
 * stores other data of a key in its own columns, at the index that is the key's number.
 */
export class ByteMap {
  #slots = new Uint32Array(MIN_SLOTS);
  #hashes = new Uint32Array(MIN_SLOTS);
  /** End offset of each key in the buffer that contains all keys. A key begins at the end of the previous key. */
  #ends = new Uint32Array(MIN_SLOTS);
  #arena = new Uint8Array(MIN_SLOTS * 32);
  #arenaView = new DataView(this.#arena.buffer);
  #size = 0;

  /** Number of keys. */
  get size(): number {
    return this.#size;
  }

  /** Total number of bytes of all keys. */
  get keyBytes(): number {
    return this.#size === 0 ? 0 : this.#ends[this.#size - 1]!;
  }

  /** Memory in bytes. */
  get byteLength(): number {
    return this.#slots.byteLength + this.#hashes.byteLength + this.#ends.byteLength + this.#arena.byteLength;
  }

  /** Returns the number of the key bytes[start, end), or -1 if the map does not contain it. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#lookup(hashBytes(bytes, start, end), bytes, start, end);
  }

  /** Returns the number of the key bytes[start, end). Adds the key if the map does not contain it. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    const known = this.#lookup(hash, bytes, start, end);
    if (known >= 0) return known;
    const index = this.#size;
    this.#reserve(index + 1, end - start);
    const from = this.#keyStart(index);
    this.#arena.set(bytes.subarray(start, end), from);
    this.#ends[index] = from + end - start;
    this.#hashes[index] = hash;
    this.#size = index + 1;
    this.#insert(index);
    return index;
  }

  /** If bytes[at…] begin with key number `index`, returns the length of the key, otherwise -1. */
  matchAt(index: number, bytes: Uint8Array, at: number): number {
    const from = this.#keyStart(index);
    const length = this.#ends[index]! - from;
    if (at + length > bytes.length) return -1;
    return this.#equals(from, bytes, at, length) ? length : -1;
  }

  /** Returns a view of a key's bytes, valid until the map changes. */
  key(index: number): Uint8Array {
    return this.#arena.subarray(this.#keyStart(index), this.#ends[index]);
  }

  /** Returns the number of bytes of a key. */
  lengthOf(index: number): number {
    return this.#ends[index]! - this.#keyStart(index);
  }

  /**
   * Returns a view of the bytes of consecutive keys, from number `from` up to `to` (exclusive). Valid until the map
   * changes.
   */
  bytesOf(from: number, to: number): Uint8Array {
    return this.#arena.subarray(this.#keyStart(from), this.#keyStart(to));
  }

  /**
   * Copies the boundaries of the keys from number `from` up to `to`: the offset of the first key, then the end of each
   * key.
   */
  copyEnds(from: number, to: number, into: Uint32Array): void {
    into[0] = this.#keyStart(from);
    into.set(this.#ends.subarray(from, to), 1);
  }

  /**
   * Returns how many consecutive keys, beginning with number `from`, fit together into `room` bytes, but at most
   * `most`.
   */
  fitting(from: number, most: number, room: number): number {
    const limit = this.#keyStart(from) + room;
    let low = from;
    let high = Math.min(this.#size, from + most);
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#keyStart(middle) <= limit) low = middle;
      else high = middle - 1;
    }
    return low - from;
  }

  /**
   * Removes all keys except those whose numbers are in `order`. The remaining keys get the new numbers 0, 1, 2 … in the
   * order of this list. The caller must then call reorderColumn() for the columns in which it stores data of the keys.
   */
  reorder(order: Uint32Array): void {
    let bytes = 0;
    for (const index of order) bytes += this.lengthOf(index);
    const room = Math.max(order.length + (order.length >>> 2), MIN_SLOTS / 2);
    const arena = new Uint8Array(Math.max(bytes + (bytes >>> 2), MIN_SLOTS * 32));
    const ends = new Uint32Array(room);
    const hashes = new Uint32Array(room);
    let end = 0;
    for (let to = 0; to < order.length; to++) {
      const index = order[to]!;
      arena.set(this.key(index), end);
      end += this.lengthOf(index);
      ends[to] = end;
      hashes[to] = this.#hashes[index]!;
    }
    this.#arena = arena;
    this.#arenaView = new DataView(arena.buffer);
    this.#ends = ends;
    this.#hashes = hashes;
    this.#size = order.length;
    this.#rebuild(2 ** (33 - Math.clz32(room - 1)));
  }

  #resizeArena(length: number): void {
    this.#arena = resized(this.#arena, length);
    this.#arenaView = new DataView(this.#arena.buffer);
  }

  #keyStart(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #lookup(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const length = end - start;
    for (let slot = hash & mask; slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const index = slots[slot]! - 1;
      if (this.#hashes[index] !== hash) continue;
      const from = this.#keyStart(index);
      if (this.#ends[index]! - from === length && this.#equals(from, bytes, start, length)) return index;
    }
    return -1;
  }

  /** Reports whether the bytes of a key equal the bytes from `at` on. Compares four bytes at a time. */
  #equals(from: number, bytes: Uint8Array, at: number, length: number): boolean {
    const other = viewOf(bytes);
    const own = this.#arenaView;
    const arena = this.#arena;
    let i = 0;
    for (; i + 4 <= length; i += 4) if (own.getInt32(from + i) !== other.getInt32(at + i)) return false;
    for (; i < length; i++) if (arena[from + i] !== bytes[at + i]) return false;
    return true;
  }

  #insert(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[index]! & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }

  #rebuild(slotCount: number): void {
    this.#slots = new Uint32Array(slotCount);
    for (let index = 0; index < this.#size; index++) this.#insert(index);
  }

  #reserve(count: number, keyLength: number): void {
    const bytes = this.keyBytes + keyLength;
    if (bytes > MAX_BYTES) throw new RangeError(`keys of more than ${MAX_BYTES} bytes in all`);
    if (bytes > this.#arena.length) this.#resizeArena(Math.max(bytes, this.#arena.length * 2));
    if (count > this.#ends.length) {
      this.#ends = resized(this.#ends, count * 2);
      this.#hashes = resized(this.#hashes, count * 2);
    }
    if (count * 2 > this.#slots.length) this.#rebuild(this.#slots.length * 2);
  }
}

/**
 * Moves the elements of a column to the new numbers that ByteMap.reorder() gives the keys. Elements after the last key
 * become 0.
 */
export function reorderColumn(column: Uint8Array | Uint32Array | Float64Array, order: Uint32Array): void {
  const before = column.slice();
  for (let to = 0; to < order.length; to++) column[to] = before[order[to]!]!;
  column.fill(0, order.length);
}

function resized<T extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(column: T, length: number): T {
  const next = new (column.constructor as new (length: number) => T)(length);
  next.set(column.subarray(0, length));
  return next;
}

/**
 * Cached view of the bytes that were last compared with a key of any map. The bytes of one request are often compared
 * with many keys.
 */
let compared: DataView = new DataView(new ArrayBuffer(0));

function viewOf(bytes: Uint8Array): DataView {
  const { buffer, byteOffset, byteLength } = bytes;
  if (compared.buffer !== buffer || compared.byteOffset !== byteOffset || compared.byteLength !== byteLength) {
    compared = new DataView(buffer, byteOffset, byteLength);
  }
  return compared;
}

/** A random seed in each thread, so that attackers cannot choose keys with colliding hashes. */
const SEED = crypto.getRandomValues(new Uint32Array(1))[0]!;

/**
 * Returns a hash of the bytes: FNV-1a of two bytes at a time, with a seed. A final mix makes the low bits differ for
 * short, similar keys.
 */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED;
  let at = start;
  for (; at + 1 < end; at += 2) hash = Math.imul(hash ^ (bytes[at]! | (bytes[at + 1]! << 8)), 0x01000193);
  if (at < end) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
