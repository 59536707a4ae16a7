/**
 * Bits in a byte array, most significant first. Positions are bit offsets from the start of the array. A byte is
 * overwritten as a whole when its first bit is written. A writer therefore owns all bits after its position, and the
 * memory need not be cleared.
 */

/** Writes the low `count` (0 … 32) bits of `value` at bit `position`. Returns the position after the written bits. */
export function writeBits(bytes: Uint8Array, position: number, value: number, count: number): number {
  let left = count;
  let at = position >>> 3;
  const used = position & 7;
  if (used !== 0 && left > 0) {
    const room = 8 - used;
    const taken = left < room ? left : room;
    const bits = (value >>> (left - taken)) & ((1 << taken) - 1);
    bytes[at] = bytes[at]! | (bits << (room - taken));
    left -= taken;
    at++;
  }
  while (left >= 8) {
    left -= 8;
    bytes[at++] = value >>> left;
  }
  if (left > 0) bytes[at] = value << (8 - left);
  return position + count;
}

/**
 * Reads `count` (1 … 32) bits at bit offset `position` as an unsigned number. Bytes after the end of the array count as
 * zeros.
 */
export function readBits(bytes: Uint8Array, position: number, count: number): number {
  const at = position >>> 3;
  const shift = position & 7;
  if (shift + count <= 32) return (readWord(bytes, at) << shift) >>> (32 - count);
  const high = (readWord(bytes, at) << shift) | (bytes[at + 4]! >>> (8 - shift));
  return high >>> (32 - count);
}

function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Returns the upper 32 bits of an integer as a 64-bit two's complement number. |value| < 2^53. */
export const highWord = (value: number): number => Math.floor(value / 2 ** 32) | 0;

/** Returns the lower 32 bits of an integer as a 64-bit two's complement number. */
export const lowWord = (value: number): number => {
  const rest = value % 2 ** 32;
  return rest | 0;
};
