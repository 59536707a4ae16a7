/**
 * Writes a bit stream, most significant bit first, by words of 32 bits: what does not fill a word waits. Bits of values
 * above those that count must be zeros.
 */
export class WordBits {
  readonly #view: DataView;
  /** Byte of the word that is not full yet. */
  #at = 0;
  /** That many bits of it wait in the lowest ones of #bits; what is above them means nothing. */
  #held = 0;
  #bits = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bits written. */
  get position(): number {
    return this.#at * 8 + this.#held;
  }

  /** Goes on behind bits that the bytes hold. */
  goOn(position: number): void {
    this.#at = (position >>> 5) << 2;
    this.#held = position & 31;
    this.#bits = this.#held === 0 ? 0 : this.#view.getInt32(this.#at) >>> (32 - this.#held);
  }

  /** Hands over what waits, clearing the rest of its word; returns the position. */
  end(): number {
    if (this.#held > 0) this.#view.setInt32(this.#at, this.#bits << (32 - this.#held));
    return this.position;
  }

  /** Writes the low `size` (1 … 32) bits. */
  put(value: number, size: number): void {
    const held = this.#held;
    const over = held + size - 32;
    if (over < 0) {
      this.#bits = (this.#bits << size) | value;
      this.#held = held + size;
      return;
    }
    this.#view.setInt32(this.#at, held === 0 ? value : (this.#bits << (32 - held)) | (value >>> over));
    this.#at += 4;
    this.#bits = value | 0;
    this.#held = over;
  }

  /** Writes the `width` bits of high:low above its `shift` lowest ones; there are none beside them. */
  putWindow(high: number, low: number, width: number, shift: number): void {
    let bottom = low;
    if (shift >= 32) bottom = high >>> (shift - 32);
    else if (shift > 0) bottom = (low >>> shift) | (high << (32 - shift));
    if (width > 32) {
      this.put(high >>> shift, width - 32);
      this.put(bottom, 32);
    } else this.put(bottom, width);
  }
}
