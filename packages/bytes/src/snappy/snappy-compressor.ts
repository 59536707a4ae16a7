import { writeUvarint } from "../varint.ts";
import { SNAPPY_WASM } from "./snappy.wasm.ts";

/**
 * Number of input bytes that are compressed as one block. The block is small enough that a two-byte offset can refer to
 * every position in it.
 */
export const BLOCK_BYTES = 1 << 16;
const TABLE_BITS = 14;
/**
 * Number of bytes at the end of a block in which matches are not searched, so that a read of four bytes never passes
 * the end of the block.
 */
const MARGIN = 15;
/**
 * Position of the input in the memory of the WebAssembly kernel. kernels/snappy.as describes the layout of the memory.
 */
const INPUT_AT = 32_768;
const OUTPUT_AT = 98_368;

interface Kernel {
  /**
   * Compresses the first `count` bytes of the input in the kernel's memory. Returns the length of the output in bytes.
   */
  readonly compress: (count: number) => number;
  readonly memory: Uint8Array;
}

/**
 * The WebAssembly kernel of this thread, which is created at the first compression. The value is "none" if it cannot be
 * created.
 */
let made: Kernel | "none" | undefined;

/**
 * Returns the WebAssembly kernel of this thread. Returns undefined if WebAssembly is disabled or does not support SIMD.
 */
function kernelOfThread(): Kernel | undefined {
  made ??= instantiate() ?? "none";
  return made === "none" ? undefined : made;
}

function instantiate(): Kernel | undefined {
  if (typeof WebAssembly === "undefined") return undefined;
  const bytes = Uint8Array.from(atob(SNAPPY_WASM), (character) => character.charCodeAt(0));
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const { buffer } = exports["memory"] as WebAssembly.Memory;
    return { compress: exports["compress"] as Kernel["compress"], memory: new Uint8Array(buffer) };
  } catch {
    return undefined;
  }
}

/** Compresses bytes to Snappy's block format (https://github.com/google/snappy/blob/main/format_description.txt). */
export class SnappyCompressor {
  readonly #withKernel: boolean;
  /**
   * Hash table for finding matches without WebAssembly. For the hash of four bytes, it contains the last position of
   * these bytes in the block.
   */
  #table: Uint16Array | undefined;
  #output = new Uint8Array(1024);
  #target = new DataView(this.#output.buffer);

  /** @param withKernel true to use WebAssembly if it is available */
  constructor(withKernel = true) {
    this.#withKernel = withKernel;
  }

  /** Returns the compressed bytes, valid until the next call. */
  compress(input: Uint8Array): Uint8Array {
    this.#reserve(input.length);
    let at = writeUvarint(this.#output, 0, input.length);
    for (let from = 0; from < input.length; from += BLOCK_BYTES) {
      at = this.#block(input, from, Math.min(input.length, from + BLOCK_BYTES), at);
    }
    return this.#output.subarray(0, at);
  }

  /**
   * Compresses a part of the input, at most BLOCK_BYTES. The result is valid until the next call. Before the first
   * part, the caller must write the total length of the input as a varint.
   */
  compressPart(input: Uint8Array): Uint8Array {
    this.#reserve(input.length);
    return this.#output.subarray(0, this.#block(input, 0, input.length, 0));
  }

  #reserve(inputBytes: number): void {
    const room = maxCompressed(inputBytes);
    if (room <= this.#output.length) return;
    this.#output = new Uint8Array(Math.max(room, this.#output.length * 2));
    this.#target = new DataView(this.#output.buffer);
  }

  /**
   * Compresses input[from, end) and writes the result at position `at` of the output. Returns the end of the output.
   */
  #block(input: Uint8Array, from: number, end: number, at: number): number {
    const kernel = this.#withKernel ? kernelOfThread() : undefined;
    if (kernel === undefined || from === end) {
      return this.#scan(new DataView(input.buffer, input.byteOffset, input.byteLength), from, end, at);
    }
    const { memory, compress } = kernel;
    memory.set(input.subarray(from, end), INPUT_AT);
    const length = compress(end - from);
    this.#output.set(memory.subarray(OUTPUT_AT, OUTPUT_AT + length), at);
    return at + length;
  }

  /**
   * Compresses a block without WebAssembly. Uses the first match that the search finds. As long as no match is found,
   * the search skips more and more input bytes.
   */
  #scan(source: DataView, from: number, end: number, at: number): number {
    const table = (this.#table ??= new Uint16Array(1 << TABLE_BITS));
    const bits = Math.min(TABLE_BITS, Math.max(8, 32 - Math.clz32(end - from - 1)));
    const shift = 32 - bits;
    table.fill(0, 0, 1 << bits);
    const limit = end - MARGIN;
    /** Position up to which the input has been written to the output. */
    let done = from;
    let next = from + 1;
    let misses = 32;
    while (next <= limit) {
      const position = next;
      const word = source.getUint32(position, true);
      const slot = Math.imul(word, 0x1e35a7bd) >>> shift;
      const candidate = from + table[slot]!;
      table[slot] = position - from;
      if (source.getUint32(candidate, true) !== word) {
        next += misses++ >>> 5;
        continue;
      }
      misses = 32;
      if (position > done) at = this.#literal(source, done, position, at);
      done = matchEnd(source, candidate + 4, position + 4, end);
      at = this.#copy(position - candidate, done - position, at);
      if (done > limit) break;
      table[Math.imul(source.getUint32(done - 1, true), 0x1e35a7bd) >>> shift] = done - 1 - from;
      next = done;
    }
    return done < end ? this.#literal(source, done, end, at) : at;
  }

  #literal(source: DataView, from: number, end: number, at: number): number {
    const output = this.#output;
    const target = this.#target;
    const last = end - from - 1;
    if (last < 60) output[at++] = last << 2;
    else if (last < 256) {
      output[at++] = 60 << 2;
      output[at++] = last;
    } else {
      output[at++] = 61 << 2;
      output[at++] = last;
      output[at++] = last >>> 8;
    }
    let i = from;
    for (; i + 4 <= end; i += 4, at += 4) target.setUint32(at, source.getUint32(i));
    for (; i < end; i++, at++) output[at] = source.getUint8(i);
    return at;
  }

  #copy(offset: number, length: number, at: number): number {
    const output = this.#output;
    while (length > 0) {
      // Leaves at least four bytes for the last copy element, because a copy element must have at least four bytes.
      const piece = length >= 68 ? 64 : length > 64 ? 60 : length;
      length -= piece;
      if (piece < 12 && offset < 2048) {
        output[at++] = 1 | ((piece - 4) << 2) | ((offset >>> 8) << 5);
        output[at++] = offset;
      } else {
        output[at++] = 2 | ((piece - 1) << 2);
        output[at++] = offset;
        output[at++] = offset >>> 8;
      }
    }
    return at;
  }
}

/**
 * Returns the first position from `at` on whose byte differs from the byte at the same distance from `before`. Returns
 * `end` if all bytes are equal.
 */
function matchEnd(source: DataView, before: number, at: number, end: number): number {
  while (at + 4 <= end) {
    const difference = source.getUint32(at, true) ^ source.getUint32(before, true);
    if (difference !== 0) return at + ((31 - Math.clz32(difference & -difference)) >>> 3);
    at += 4;
    before += 4;
  }
  while (at < end && source.getUint8(at) === source.getUint8(before)) {
    at++;
    before++;
  }
  return at;
}

/**
 * Returns the maximum compressed size of `size` input bytes: the varint of the length, the content and the headers of
 * each block, plus a reserve.
 */
function maxCompressed(size: number): number {
  return 5 + size + 6 * (Math.ceil(size / BLOCK_BYTES) + 1) + (size >>> 5);
}
