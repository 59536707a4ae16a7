import { unzigzag } from "./varint.ts";

/**
 * The bytes end too early or do not have the expected format. `offset` is the position at which the reader noticed the
 * error.
 */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Decodes UTF-8. With `ignoreBOM`, a U+FEFF at the start is not removed from the text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads big-endian numbers and texts from bytes with bounds checks. Throws DecodeError. Integers beyond 2^53 are
 * rounded.
 */
export class Cursor {
  bytes: Uint8Array;
  at: number;
  end: number;
  #view: DataView;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get rest(): number {
    return this.end - this.at;
  }

  #take(count: number): number {
    const { at } = this;
    if (at + count > this.end) throw new DecodeError(`${count} bytes wanted where ${this.end - at} are left`, at);
    this.at = at + count;
    return at;
  }

  u8(): number {
    return this.bytes[this.#take(1)]!;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u64(): number {
    const at = this.#take(8);
    return this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  i64(): number {
    const at = this.#take(8);
    return this.#view.getInt32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  /** Reads a 64-bit floating-point number. The bits of a NaN may change; use f64Words() to preserve them. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /**
   * Reads the 64 bits of a double. `words` is a view of a Float64Array as 32-bit words; the bits are written to element
   * `index` of this Float64Array. Requires a little-endian machine.
   */
  f64Words(words: Uint32Array, index: number): void {
    const at = this.#take(8);
    words[index * 2 + 1] = this.#view.getUint32(at);
    words[index * 2] = this.#view.getUint32(at + 4);
  }

  uvarint(): number {
    const start = this.at;
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new DecodeError("varint longer than ten bytes", start);
  }

  varint(): number {
    return unzigzag(this.uvarint());
  }

  /** Returns a view of the next `count` bytes without copying them. */
  take(count: number): Uint8Array {
    const at = this.#take(count);
    return this.bytes.subarray(at, at + count);
  }

  /** Reads a text: its length in bytes as a varint, then its UTF-8 bytes. */
  text(): string {
    return decoder.decode(this.take(this.uvarint()));
  }
}
