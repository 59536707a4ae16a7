import { crc32c } from "@narthex/bytes";

const SUM_BYTES = 4;
/** Largest size of a frame's length, bytes. */
const MAX_LENGTH_BYTES = 10;

/**
 * Splits a stream into the frames of a chunked answer. A frame is a length, a checksum and a message, whose checksum is
 * verified.
 */
export class FrameReader {
  readonly #maxBytes: number;
  /** The pieces that have not been read yet, and their total size. */
  #rest: Uint8Array[] = [];
  #held = 0;
  /** Number of bytes that are needed before a frame can be read. */
  #needed = 1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Yields the messages that are complete after these bytes. The messages are views that are valid until the next call.
   */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    this.#rest.push(bytes);
    this.#held += bytes.length;
    if (this.#held < this.#needed) return;
    // Pieces are joined when a frame is complete, not when each piece arrives.
    const all = this.#rest.length === 1 ? bytes : Buffer.concat(this.#rest);
    let at = 0;
    for (;;) {
      const head = lengthAt(all, at);
      this.#needed = all.length - at + 1;
      if (head === undefined) break;
      if (head.length > this.#maxBytes) {
        throw new Error(
          `chunkedReader: message size exceeded the limit ${this.#maxBytes} bytes; got: ${head.length} bytes`,
        );
      }
      const start = head.end + SUM_BYTES;
      this.#needed = start + head.length - at;
      if (at + this.#needed > all.length) break;
      const message = all.subarray(start, start + head.length);
      const sum = new DataView(all.buffer, all.byteOffset + head.end, SUM_BYTES).getUint32(0);
      if (crc32c(message) !== sum) throw new Error("chunkedReader: corrupted frame; checksum mismatch");
      yield message;
      at = start + head.length;
    }
    this.#held = all.length - at;
    this.#rest = this.#held === 0 ? [] : [all.subarray(at)];
  }

  /** Throws if the stream ends within a frame. */
  end(): void {
    if (this.#held > 0) throw new Error("unexpected EOF");
  }
}

/** Returns the length at an offset and the offset after it, or undefined if it is incomplete. */
function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly end: number } | undefined {
  let length = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { length, end: at + i + 1 };
  }
  throw new Error("binary: varint overflows a 64-bit integer");
}
