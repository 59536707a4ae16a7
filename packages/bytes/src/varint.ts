/** Maximum length in bytes of a 64-bit varint (LEB128). */
export const MAX_VARINT_BYTES = 10;

/** Smallest number whose varint would be longer than MAX_VARINT_BYTES. */
const TOO_LARGE = 2 ** (7 * MAX_VARINT_BYTES);

/**
 * Writes an integer as a varint (LEB128) at offset `at` and returns the offset after the varint. The caller must
 * provide enough room. Numbers below 2^54 are exact. Throws RangeError for a number that needs more than 10 bytes, such
 * as infinity.
 */
export function writeUvarint(bytes: Uint8Array, at: number, value: number): number {
  if (value >= TOO_LARGE) throw new RangeError(`no varint is written of ${value}`);
  while (value > 0x7fffffff) {
    bytes[at++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  let rest = value | 0;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/**
 * Writes an integer with |value| < 2^52 in zig-zag encoding, like Go's PutVarint. Returns the offset after the written
 * bytes.
 */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  return writeUvarint(bytes, at, value >= 0 ? value * 2 : value * -2 - 1);
}

/** Returns the number of bytes that writeUvarint() writes for a value. */
export function uvarintSize(value: number): number {
  if (value >= TOO_LARGE) throw new RangeError(`no varint is written of ${value}`);
  let size = 1;
  while (value > 0x7f) {
    value = Math.floor(value / 128);
    size++;
  }
  return size;
}

/** Returns the integer of a zig-zag encoded number, as written by writeVarint(). */
export const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);
