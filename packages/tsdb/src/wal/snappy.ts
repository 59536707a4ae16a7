/** The input is no snappy block. */
export class SnappyError extends Error {
  override readonly name = "SnappyError";
}

/** A copy of 64 bytes takes three: no block says more per byte. */
const MAX_RATIO = 22;
/** Bytes of the output that copying by the word may overwrite behind its end. */
const SLACK_BYTES = 8;

/**
 * Expands snappy blocks (format_description.txt of google/snappy) into memory that is used again for the next one: bytes
 * are moved four at a time, as far as there is room to go too far.
 */
export class SnappyReader {
  #output = new Uint8Array(64 * 1024);
  #view = new DataView(this.#output.buffer);

  /** The content of a block, good until the next call. Throws SnappyError, also where it exceeds `maxBytes`. */
  expand(block: Uint8Array, maxBytes: number): Uint8Array {
    let size = 0;
    let at = 0;
    for (let scale = 1, byte = 128; byte >= 128; scale *= 128) {
      if (at >= block.length || at === 5) throw new SnappyError("the length is damaged");
      byte = block[at++]!;
      size += (byte & 127) * scale;
    }
    if (size > block.length * MAX_RATIO) throw new SnappyError(`${size} bytes cannot be in ${block.length}`);
    if (size > maxBytes) throw new SnappyError(`${size} bytes are more than ${maxBytes}`);
    if (size + SLACK_BYTES > this.#output.length) {
      this.#output = new Uint8Array(Math.max(size + SLACK_BYTES, this.#output.length * 2));
      this.#view = new DataView(this.#output.buffer);
    }
    const written = this.#elements(block, at, size);
    if (written !== size) throw new SnappyError("the content does not have the length it says");
    return this.#output.subarray(0, size);
  }

  /** Expands literals and copies from `at` on; returns the bytes there are then, -1 for what cannot be. */
  #elements(block: Uint8Array, at: number, size: number): number {
    const output = this.#output;
    const view = this.#view;
    const input = new DataView(block.buffer, block.byteOffset, block.byteLength);
    const end = block.length;
    let to = 0;
    while (at < end) {
      const tag = block[at++]!;
      let length = (tag >>> 2) + 1;
      if ((tag & 3) === 0) {
        if (length > 60) {
          const bytes = length - 60;
          if (at + bytes > end) return -1;
          length = 0;
          for (let i = bytes - 1; i >= 0; i--) length = length * 256 + block[at + i]!;
          length++;
          at += bytes;
        }
        if (at + length > end || to + length > size) return -1;
        if (length <= 32 && at + length + SLACK_BYTES <= end) {
          for (let i = 0; i < length; i += 4) view.setInt32(to + i, input.getInt32(at + i));
        } else if (length <= 64) {
          for (let i = 0; i < length; i++) output[to + i] = block[at + i]!;
        } else output.set(block.subarray(at, at + length), to);
        at += length;
      } else {
        let offset = 0;
        if ((tag & 3) === 1) {
          if (at >= end) return -1;
          length = ((tag >>> 2) & 7) + 4;
          offset = ((tag >>> 5) << 8) | block[at]!;
          at++;
        } else if ((tag & 3) === 2) {
          if (at + 2 > end) return -1;
          offset = block[at]! | (block[at + 1]! << 8);
          at += 2;
        } else {
          if (at + 4 > end) return -1;
          offset = input.getUint32(at, true);
          at += 4;
        }
        if (offset === 0 || offset > to || to + length > size) return -1;
        const from = to - offset;
        if (offset >= 4) {
          for (let i = 0; i < length; i += 4) view.setInt32(to + i, view.getInt32(from + i));
        } else {
          for (let i = 0; i < length; i++) output[to + i] = output[from + i]!;
        }
      }
      to += length;
    }
    return to;
  }
}
