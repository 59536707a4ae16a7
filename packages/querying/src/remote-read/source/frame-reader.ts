import { crc32c } from "@narthex/bytes";

const SUM_BYTES = 4;
/** Maximum length in bytes of the varint with the size of a frame. */
const MAX_LENGTH_BYTES = 10;

/** Splits the stream of a chunked response into frames of length, checksum and message. Verifies the checksum. */
export class FrameReader {
  readonly #maxBytes: number;
  /** The received bytes that have not been processed yet, and their total size. */
  #rest: Uint8Array[] = [];
  #held = 0;
  /** Number of bytes that must arrive before the next frame can be read. */
  #needed = 1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Adds received bytes, and yields the messages that end within these bytes. Each message is a view that is valid
   * until the next call.
   */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    this.#rest.push(bytes);
    this.#held += bytes.length;
    if (this.#held < this.#needed) return;
    // Joins the pieces when a frame is complete, instead of at the arrival of each piece.
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

  /** Throws if the stream has ended in the middle of a frame. */
  end(): void {
    if (this.#held > 0) throw new Error("unexpected EOF");
  }
}

/** Reads the length of a frame. Returns the length and the offset after it, or undefined if more bytes are needed. */
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
