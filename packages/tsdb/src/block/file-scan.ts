const WINDOW_BYTES = 1 << 18;

/** Function that fills the whole of `into` with the bytes at a position of a file, or throws. */
export type ReadAt = (into: Uint8Array, position: number) => void;

/** Reads a part of a file from front to back: varint fields, and ranges of bytes as views. */
export class FileScan {
  readonly #read: ReadAt;
  readonly #end: number;
  /** Offset in the file of the first byte of `bytes`. */
  #base: number;
  bytes: Buffer;
  /**
   * Index in `bytes` of the next byte to read. The caller may move it within the bytes that need() has made available.
   */
  at = 0;
  #filled = 0;

  /** Scans bytes [start, end) of the file. */
  constructor(read: ReadAt, start: number, end: number) {
    this.#read = read;
    this.#base = start;
    this.#end = end;
    this.bytes = Buffer.allocUnsafeSlow(Math.min(WINDOW_BYTES, end - start));
  }

  /** Offset of the read position in the file. */
  get position(): number {
    return this.#base + this.at;
  }

  /** Number of bytes that are not read yet. */
  get rest(): number {
    return this.#end - this.position;
  }

  /** Makes the next `count` bytes available in `bytes`, from `at` on. At the end of the range there may be fewer. */
  need(count: number): void {
    if (this.#filled - this.at >= count) return;
    const kept = this.#filled - this.at;
    const size = Math.min(count, this.rest);
    const target = size > this.bytes.length ? Buffer.allocUnsafeSlow(size * 2) : this.bytes;
    target.set(this.bytes.subarray(this.at, this.#filled));
    this.bytes = target;
    this.#base += this.at;
    this.at = 0;
    this.#filled = Math.min(target.length, this.#end - this.#base);
    if (this.#filled > kept) this.#read(target.subarray(kept, this.#filled), this.#base + kept);
  }

  /** Number of bytes from `at` on that are available in `bytes`. */
  get ready(): number {
    return this.#filled - this.at;
  }

  uvarint(): number {
    this.need(10);
    return this.uvarintHere();
  }

  /**
   * Reads a varint like uvarint(), but without the check that its bytes are available. The caller must have called
   * need().
   */
  uvarintHere(): number {
    let value = 0;
    for (let scale = 1, byte = 128; byte >= 128; scale *= 128) {
      byte = this.bytes[this.at++] ?? 0;
      value += (byte & 127) * scale;
    }
    return value;
  }
}
