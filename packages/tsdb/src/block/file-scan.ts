const WINDOW_BYTES = 1 << 18;

/** Fills the whole of `into` with the bytes at a position of a file, or throws. */
export type ReadAt = (into: Uint8Array, position: number) => void;

/** Reads a part of a file sequentially: varint fields, and ranges of bytes as views. */
export class FileScan {
  readonly #read: ReadAt;
  readonly #end: number;
  /** Offset of bytes[0] in the file. */
  #base: number;
  bytes: Buffer;
  /** Read position in `bytes`; the caller may move it within the bytes that need() has made available. */
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

  /** Number of bytes that have not been read. */
  get rest(): number {
    return this.#end - this.position;
  }

  /** Makes `count` bytes from `at` on available in `bytes`, or fewer at the end of the range. */
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

  /** Reads a varint as uvarint() does, but without need(), which the caller must have called. */
  uvarintHere(): number {
    let value = 0;
    for (let scale = 1, byte = 128; byte >= 128; scale *= 128) {
      byte = this.bytes[this.at++] ?? 0;
      value += (byte & 127) * scale;
    }
    return value;
  }
}
