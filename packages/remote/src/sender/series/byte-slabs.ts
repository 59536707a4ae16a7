const SLAB_BYTES = 1 << 20;

/**
 * Stores byte strings in large buffers (slabs) outside the JavaScript heap. An integer, the position, identifies a byte
 * string.
 */
export class ByteSlabs {
  #slabs: Uint8Array[] = [];
  #used = SLAB_BYTES;

  /** Stores a copy of the bytes and returns its position. */
  add(bytes: Uint8Array): number {
    // Treats an empty string as one byte, because its position must also be within a slab.
    if (Math.max(1, bytes.length) > SLAB_BYTES - this.#used) {
      this.#slabs.push(new Uint8Array(Math.max(SLAB_BYTES, bytes.length)));
      this.#used = 0;
    }
    const slab = this.#slabs.length - 1;
    this.#slabs[slab]!.set(bytes, this.#used);
    const place = slab * SLAB_BYTES + this.#used;
    this.#used = Math.min(SLAB_BYTES, this.#used + bytes.length);
    return place;
  }

  /** Returns the buffer that contains a position. */
  slabOf(place: number): Uint8Array {
    return this.#slabs[Math.floor(place / SLAB_BYTES)]!;
  }

  /** Returns the offset of a position in its buffer. */
  offsetOf(place: number): number {
    return place % SLAB_BYTES;
  }

  get(place: number, length: number): Uint8Array {
    const offset = this.offsetOf(place);
    return this.slabOf(place).subarray(offset, offset + length);
  }
}
