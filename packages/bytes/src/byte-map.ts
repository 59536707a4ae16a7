const EMPTY = 0;
const MIN_SLOTS = 16;

/**
 * Numbers byte strings in the order in which they come: 0, 1, 2 … Open addressing over typed arrays; a key costs its
 * bytes plus about 24, and no object on the heap. What belongs to a key lives in the owner's own columns, by number.
 */
export class ByteMap {
  #slots = new Uint32Array(MIN_SLOTS);
  #hashes = new Uint32Array(MIN_SLOTS);
  /** End of each key within the arena; key i begins where key i-1 ends. */
  #ends = new Uint32Array(MIN_SLOTS);
  #arena = new Uint8Array(MIN_SLOTS * 32);
  #size = 0;

  /** Number of keys. */
  get size(): number {
    return this.#size;
  }

  /** Bytes all keys take. */
  get keyBytes(): number {
    return this.#size === 0 ? 0 : this.#ends[this.#size - 1]!;
  }

  /** Memory it holds. */
  get byteLength(): number {
    return this.#slots.byteLength + this.#hashes.byteLength + this.#ends.byteLength + this.#arena.byteLength;
  }

  /** The number of the key bytes[start, end), -1 where it is unknown. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#lookup(hashBytes(bytes, start, end), bytes, start, end);
  }

  /** The number of the key, given now if it is unknown. */
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
    this.#place(index);
    return index;
  }

  /** Does the key numbered `index` stand at bytes[at…]? Its length then, else -1. */
  matchAt(index: number, bytes: Uint8Array, at: number): number {
    const from = this.#keyStart(index);
    const length = this.#ends[index]! - from;
    if (at + length > bytes.length) return -1;
    return equalBytes(this.#arena, from, bytes, at, length) ? length : -1;
  }

  /** The bytes of a key: a view, good until the map changes. */
  key(index: number): Uint8Array {
    return this.#arena.subarray(this.#keyStart(index), this.#ends[index]);
  }

  /** Bytes of a key. */
  lengthOf(index: number): number {
    return this.#ends[index]! - this.#keyStart(index);
  }

  /** The bytes of the keys from number `from` up to `to`, one after the other: a view, good until the map changes. */
  bytesOf(from: number, to: number): Uint8Array {
    return this.#arena.subarray(this.#keyStart(from), this.#keyStart(to));
  }

  /** Where key number `from` begins and where those up to `to` end, measured alike, as words. */
  copyEnds(from: number, to: number, into: Uint32Array): void {
    into[0] = this.#keyStart(from);
    into.set(this.#ends.subarray(from, to), 1);
  }

  /** How many keys from number `from` on, `most` at most, take no more than `room` bytes together. */
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
   * Forgets the keys `keep` refuses. The others close ranks in their order; `moved` tells of each kept key its old and
   * its new number (new ≤ old, rising), so that owners move their columns in place.
   */
  compact(keep: (index: number) => boolean, moved: (from: number, to: number) => void): void {
    let to = 0;
    let end = 0;
    let next = 0;
    for (let index = 0; index < this.#size; index++) {
      const from = next;
      next = this.#ends[index]!;
      if (!keep(index)) continue;
      const length = next - from;
      this.#arena.copyWithin(end, from, from + length);
      end += length;
      this.#hashes[to] = this.#hashes[index]!;
      this.#ends[to] = end;
      moved(index, to++);
    }
    this.#size = to;
    this.#shrink();
    this.#rebuild(this.#slots.length);
  }

  /** Gives memory back of which less than a quarter is used. */
  #shrink(): void {
    const bytes = this.keyBytes;
    if (bytes * 4 < this.#arena.length) this.#arena = resized(this.#arena, Math.max(bytes * 2, MIN_SLOTS * 32));
    const count = Math.max(this.#size, MIN_SLOTS / 2);
    if (count * 4 >= this.#ends.length) return;
    this.#ends = resized(this.#ends, count * 2);
    this.#hashes = resized(this.#hashes, count * 2);
    this.#slots = new Uint32Array(2 ** (34 - Math.clz32(count - 1)));
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
      if (this.#ends[index]! - from === length && equalBytes(this.#arena, from, bytes, start, length)) return index;
    }
    return -1;
  }

  #place(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[index]! & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }

  #rebuild(slotCount: number): void {
    this.#slots = new Uint32Array(slotCount);
    for (let index = 0; index < this.#size; index++) this.#place(index);
  }

  #reserve(count: number, keyLength: number): void {
    const bytes = this.keyBytes + keyLength;
    if (bytes > this.#arena.length) this.#arena = resized(this.#arena, Math.max(bytes, this.#arena.length * 2));
    if (count > this.#ends.length) {
      this.#ends = resized(this.#ends, count * 2);
      this.#hashes = resized(this.#hashes, count * 2);
    }
    if (count * 2 > this.#slots.length) this.#rebuild(this.#slots.length * 2);
  }
}

/** The same column in memory of another length. */
function resized<T extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(column: T, length: number): T {
  const next = new (column.constructor as new (length: number) => T)(length);
  next.set(column.subarray(0, length));
  return next;
}

/** Another in each process: nobody outside can write keys that meet in one slot. */
const SEED = crypto.getRandomValues(new Uint32Array(1))[0]!;

/** FNV-1a from a seed, with a final mix: good low bits from short, similar keys. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function equalBytes(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}
