/** Bytes are not a valid Snappy block. */
export class SnappyError extends Error {
  override readonly name = "SnappyError";
}

/** Maximum ratio of output size to input size in Snappy, because three input bytes can encode a copy of 64 bytes. */
const MAX_RATIO = 22;
/**
 * Number of bytes after the end of the output that may be overwritten, because the reader copies four bytes at a time.
 */
const SLACK_BYTES = 8;
/** Maximum size in bytes of the output buffer that is reused for the next block. */
const MAX_KEPT_BYTES = 1024 * 1024;
/** Number of output bytes after which a decompression in steps pauses. A step takes at most about a millisecond. */
const STEP_BYTES = 512 * 1024;
/** Maximum number of bytes of the varint at the start of a block, which contains the decompressed size. */
const MAX_SIZE_BYTES = 5;

/**
 * Decompresses Snappy blocks (format_description.txt of google/snappy) into a reused buffer. Copies four bytes at a
 * time if the buffer has room.
 */
export class SnappyReader {
  #output = new Uint8Array(64 * 1024);
  #view = new DataView(this.#output.buffer);
  /** Offset of the next byte in the compressed block. `#to` is the number of decompressed bytes in the output. */
  #at = 0;
  #to = 0;

  /**
   * Returns the decompressed content of a block, valid until the next call. Throws SnappyError if the block is invalid
   * or its content exceeds `maxBytes`.
   */
  expand(block: Uint8Array, maxBytes: number): Uint8Array {
    return runToEnd(this.expanding(block, maxBytes));
  }

  /** Decompresses a block like expand(), but yields between steps of at most a millisecond. */
  *expanding(block: Uint8Array, maxBytes: number): Generator<undefined, Uint8Array, undefined> {
    const size = snappySize(block);
    if (Number.isNaN(size)) throw new SnappyError("the length is damaged");
    if (size > block.length * MAX_RATIO) throw new SnappyError(`${size} bytes cannot be in ${block.length}`);
    if (size > maxBytes) throw new SnappyError(`${size} bytes are more than ${maxBytes}`);
    this.#reserve(size + SLACK_BYTES);
    this.#at = sizeBytes(block);
    this.#to = 0;
    while (this.#at < block.length) {
      if (!this.#elements(block, size, this.#to + STEP_BYTES)) throw new SnappyError("an element is damaged");
      if (this.#at < block.length) yield;
    }
    if (this.#to !== size) throw new SnappyError("the content does not have the length it says");
    return this.#output.subarray(0, size);
  }

  /**
   * Extends the output buffer to at least `bytes` bytes. If the buffer is very large and this block is small, replaces
   * the buffer by a smaller one.
   */
  #reserve(bytes: number): void {
    const { length } = this.#output;
    const isTooLarge = length > MAX_KEPT_BYTES && bytes <= MAX_KEPT_BYTES;
    if (bytes <= length && !isTooLarge) return;
    this.#output = new Uint8Array(isTooLarge ? MAX_KEPT_BYTES : Math.max(bytes, length * 2));
    this.#view = new DataView(this.#output.buffer);
  }

  /**
   * Decompresses the elements of a block (literals and copies) until the output has at least `enough` bytes. Returns
   * false if the block is invalid.
   */
  #elements(block: Uint8Array, size: number, enough: number): boolean {
    const output = this.#output;
    const view = this.#view;
    const input = new DataView(block.buffer, block.byteOffset, block.byteLength);
    const end = block.length;
    let at = this.#at;
    let to = this.#to;
    while (at < end && to < enough) {
      const tag = block[at++]!;
      let length = (tag >>> 2) + 1;
      if ((tag & 3) === 0) {
        if (length > 60) {
          const bytes = length - 60;
          if (at + bytes > end) return false;
          length = 0;
          for (let i = bytes - 1; i >= 0; i--) length = length * 256 + block[at + i]!;
          length++;
          at += bytes;
        }
        if (at + length > end || to + length > size) return false;
        if (length <= 32 && at + length + SLACK_BYTES <= end) {
          for (let i = 0; i < length; i += 4) view.setInt32(to + i, input.getInt32(at + i));
        } else if (length <= 64) {
          for (let i = 0; i < length; i++) output[to + i] = block[at + i]!;
        } else output.set(block.subarray(at, at + length), to);
        at += length;
      } else {
        let offset = 0;
        if ((tag & 3) === 1) {
          if (at >= end) return false;
          length = ((tag >>> 2) & 7) + 4;
          offset = ((tag >>> 5) << 8) | block[at]!;
          at++;
        } else if ((tag & 3) === 2) {
          if (at + 2 > end) return false;
          offset = block[at]! | (block[at + 1]! << 8);
          at += 2;
        } else {
          if (at + 4 > end) return false;
          offset = input.getUint32(at, true);
          at += 4;
        }
        if (offset === 0 || offset > to || to + length > size) return false;
        const from = to - offset;
        if (offset >= 4) {
          for (let i = 0; i < length; i += 4) view.setInt32(to + i, view.getInt32(from + i));
        } else {
          for (let i = 0; i < length; i++) output[to + i] = output[from + i]!;
        }
      }
      to += length;
    }
    this.#at = at;
    this.#to = to;
    return true;
  }
}

/** Returns the decompressed size from the header of a Snappy block, or NaN if the header is invalid. */
export function snappySize(block: Uint8Array): number {
  let size = 0;
  for (let at = 0, scale = 1; at < Math.min(block.length, MAX_SIZE_BYTES); at++, scale *= 128) {
    size += (block[at]! & 127) * scale;
    if (block[at]! < 128) return size;
  }
  return NaN;
}

/** Returns the length in bytes of the varint at the start of a valid block, which contains the decompressed size. */
function sizeBytes(block: Uint8Array): number {
  let at = 0;
  while (block[at]! >= 128) at++;
  return at + 1;
}

function runToEnd<T>(steps: Generator<undefined, T, undefined>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
