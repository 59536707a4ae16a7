import { MAX_VARINT_BYTES, writeUvarint, writeVarint } from "./varint.ts";

const encoder = new TextEncoder();

/**
 * Writes big-endian numbers and texts into a buffer that grows. reset() discards the content and keeps the memory for
 * the next use.
 */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  #view: DataView;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  reset(): void {
    this.length = 0;
  }

  /** View of the written bytes. The next write may change them. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  /** Extends the buffer for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    bytes.set(this.written);
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    this.#view.setUint32(this.length, value);
    this.length += 4;
  }

  /** Writes a 64-bit integer in two's complement, |value| < 2^53. */
  i64(value: number): void {
    this.reserve(8);
    this.#view.setInt32(this.length, Math.floor(value / 2 ** 32));
    this.#view.setUint32(this.length + 4, value % 2 ** 32);
    this.length += 8;
  }

  f64(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.length, value);
    this.length += 8;
  }

  /** Writes a double given as two 32-bit words, so that the bits of a NaN are preserved. */
  f64Words(high: number, low: number): void {
    this.reserve(8);
    this.#view.setUint32(this.length, high);
    this.#view.setUint32(this.length + 4, low);
    this.length += 8;
  }

  uvarint(value: number): void {
    this.reserve(MAX_VARINT_BYTES);
    this.length = writeUvarint(this.bytes, this.length, value);
  }

  varint(value: number): void {
    this.reserve(MAX_VARINT_BYTES);
    this.length = writeVarint(this.bytes, this.length, value);
  }

  /** Writes raw bytes. */
  put(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes a text: its length in bytes as a varint, then its UTF-8 bytes. */
  text(text: string): void {
    this.reserve(text.length * 3 + MAX_VARINT_BYTES);
    if (text.length < 43) {
      const { written } = encoder.encodeInto(text, this.bytes.subarray(this.length + 1));
      this.bytes[this.length] = written;
      this.length += 1 + written;
      return;
    }
    const encoded = encoder.encode(text);
    this.uvarint(encoded.length);
    this.put(encoded);
  }
}
