import { CRC32C_WASM } from "./crc32c.wasm.ts";

/** The Castagnoli polynomial with reversed bits. */
export const CASTAGNOLI = 0x82f63b78;
/**
 * Number of bytes below which plain JavaScript computes the checksum, because copying the bytes into the memory of the
 * WebAssembly kernel would take longer.
 */
const FEW_BYTES = 192;
/** Position of the input in the WebAssembly kernel's memory. kernels/crc32c.as describes the layout of the memory. */
const INPUT_AT = 16_384;
const INPUT_BYTES = 49_152;
const WINDOWS_AT = 65_536;
const WINDOW_BYTES = 131_072;
const WINDOWS = 8;

/**
 * Sixteen tables of 256 entries, to process sixteen bytes at a time. Entry `byte` of table k is the checksum register
 * after this byte and k zero bytes.
 */
const TABLES = buildTables();

function buildTables(): Int32Array {
  const tables = new Int32Array(16 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ CASTAGNOLI : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256]!;
    tables[i] = (previous >>> 8) ^ tables[previous & 0xff]!;
  }
  return tables;
}

interface Kernel {
  /**
   * Returns the checksum register after the bytes from `start` to `end` of the kernel's memory, starting from register
   * `before`.
   */
  readonly advance: (before: number, start: number, end: number) => number;
  readonly memory: Uint8Array;
  /** Number of the Crc32cWindow whose bytes are in each slot of the WebAssembly kernel's memory. */
  readonly owners: Float64Array;
  /** Index of the slot in the kernel's memory that is overwritten next. */
  next: number;
}

/**
 * The WebAssembly kernel of this thread. The kernel is created at the first use, because small programs do not need it.
 */
let made: Kernel | undefined;

/** Returns the WebAssembly kernel of this thread, or undefined if WebAssembly is disabled. */
function kernelOfThread(): Kernel | undefined {
  return (made ??= typeof WebAssembly === "undefined" ? undefined : instantiate());
}

function instantiate(): Kernel {
  const bytes = Uint8Array.from(atob(CRC32C_WASM), (character) => character.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  new Int32Array(buffer, 0, TABLES.length).set(TABLES);
  const advance = exports["advance"] as Kernel["advance"];
  return { advance, memory: new Uint8Array(buffer), owners: new Float64Array(WINDOWS), next: 0 };
}

/**
 * Returns the CRC-32C of bytes[start, end) as an unsigned number. To continue, pass the checksum of the preceding bytes
 * (RFC 3720 B.4).
 * ```ts
 * crc32c(new TextEncoder().encode("123456789")); // => 0xe3069283
 * ```
 */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length, previous = 0): number {
  const kernel = end - start < FEW_BYTES ? undefined : kernelOfThread();
  if (kernel === undefined) return ~advance(~previous, bytes, start, end) >>> 0;
  let crc = ~previous;
  for (let from = start; from < end; from += INPUT_BYTES) {
    const count = Math.min(INPUT_BYTES, end - from);
    kernel.memory.set(bytes.subarray(from, from + count), INPUT_AT);
    crc = kernel.advance(crc, INPUT_AT, INPUT_AT + count);
  }
  return ~crc >>> 0;
}

let lastOwner = 0;

/**
 * Computes the CRC-32C of many parts of the same bytes. Copies the bytes into the WebAssembly kernel only once. If the
 * kernel has no room for them, crc32c() computes the checksums.
 */
export class Crc32cWindow {
  readonly #number = ++lastOwner;
  #bytes: Uint8Array = new Uint8Array(0);
  #count = 0;
  #window = 0;
  #isCopied = false;
  #isRequested = false;

  /** Sets the bytes [0, count) for the next calls of sum(). The bytes must not change until the next load(). */
  load(bytes: Uint8Array, count: number): void {
    this.#bytes = bytes;
    this.#count = count;
    this.#isCopied = false;
    this.#isRequested = false;
  }

  /** Returns the CRC-32C of bytes[start, end). */
  sum(start: number, end: number): number {
    const kernel = kernelOfThread();
    if (kernel === undefined || !this.#isReady(kernel)) return crc32c(this.#bytes, start, end);
    const at = WINDOWS_AT + this.#window * WINDOW_BYTES;
    return ~kernel.advance(-1, at + start, at + end) >>> 0;
  }

  /**
   * Reports whether the kernel's memory contains the bytes of this window. The bytes are copied at the second request
   * after load(), because for some windows there is only one request and a copy would not pay off.
   */
  #isReady(kernel: Kernel): boolean {
    const { memory, owners, next } = kernel;
    if (this.#isCopied) return owners[this.#window] === this.#number;
    const wasRequested = this.#isRequested;
    this.#isRequested = true;
    if (!wasRequested || this.#count > WINDOW_BYTES) return false;
    if (owners[this.#window] !== this.#number) {
      this.#window = next;
      kernel.next = (next + 1) % WINDOWS;
      owners[next] = this.#number;
    }
    memory.set(this.#bytes.subarray(0, this.#count), WINDOWS_AT + this.#window * WINDOW_BYTES);
    this.#isCopied = true;
    return true;
  }
}

/** Returns the checksum register after the bytes [start, end), starting from the register `before`. */
function advance(before: number, bytes: Uint8Array, start: number, end: number): number {
  const t = TABLES;
  let crc = before;
  let i = start;
  for (const stop = end - 7; i < stop; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      t[1792 + (crc & 0xff)]! ^
      t[1536 + ((crc >>> 8) & 0xff)]! ^
      t[1280 + ((crc >>> 16) & 0xff)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 0xff]!;
  return crc;
}
