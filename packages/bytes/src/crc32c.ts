import { CRC32C_WASM } from "./crc32c.wasm.ts";

/** The Castagnoli polynomial, bits reversed. */
export const CASTAGNOLI = 0x82f63b78;
/** Fewer bytes take less time here than on their way into the kernel's memory. */
const FEW_BYTES = 192;
/** Where content lies in the kernel's memory, and how much of it; kernels/crc32c.as has the map. */
const INPUT_AT = 16_384;
const INPUT_BYTES = 49_152;

/** Sixteen tables of 256 entries: table k advances a byte that is followed by k zero bytes ("slicing"). */
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
  /** Moves the register on over so many bytes of the input. */
  readonly advance: (before: number, count: number) => number;
  readonly input: Uint8Array;
}

/** One per thread; undefined where WebAssembly is switched off. */
const kernel: Kernel | undefined = typeof WebAssembly === "undefined" ? undefined : instantiate();

function instantiate(): Kernel {
  const bytes = Uint8Array.from(atob(CRC32C_WASM), (character) => character.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  new Int32Array(buffer, 0, TABLES.length).set(TABLES);
  return { advance: exports["advance"] as Kernel["advance"], input: new Uint8Array(buffer, INPUT_AT, INPUT_BYTES) };
}

/**
 * CRC-32C of bytes[start, end) as an unsigned number; pass the checksum of what came before to go on (RFC 3720 B.4).
 *
 * ```ts
 * crc32c(new TextEncoder().encode("123456789")); // => 0xe3069283
 * ```
 */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length, previous = 0): number {
  if (end - start < FEW_BYTES || kernel === undefined) return ~advance(~previous, bytes, start, end) >>> 0;
  let crc = ~previous;
  for (let from = start; from < end; from += INPUT_BYTES) {
    const count = Math.min(INPUT_BYTES, end - from);
    kernel.input.set(bytes.subarray(from, from + count));
    crc = kernel.advance(crc, count);
  }
  return ~crc >>> 0;
}

/** The register that stood at `before`, moved on over bytes[start, end). */
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
