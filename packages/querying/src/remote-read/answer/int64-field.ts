import { uvarintSize } from "@narthex/bytes";

const LOW_BITS = 2 ** 28;
/** Range of numbers that take six bytes as a varint. Current times in ms are in this range. */
const [SIX_FROM, SIX_TO] = [2 ** 35, 2 ** 42];

/** Returns the size in bytes of the field that writeInt64() writes, including its tag of one byte. */
export function int64FieldSize(value: number): number {
  if (value >= SIX_FROM && value < SIX_TO) return 7;
  return value < 0 ? 11 : 1 + uvarintSize(value);
}

/** Writes an integer field of a protobuf message. Returns the offset after the field. */
export function writeInt64(bytes: Uint8Array, at: number, tag: number, value: number): number {
  bytes[at++] = tag;
  let high = Math.floor(value / LOW_BITS);
  // Uses a subtraction, which is exact and several times as fast as the remainder operator.
  let low = value - high * LOW_BITS;
  if (high === 0) {
    for (; low >= 0x80; low >>>= 7) bytes[at++] = low | 0x80;
    bytes[at++] = low;
    return at;
  }
  for (let i = 0; i < 4; i++, low >>>= 7) bytes[at++] = low | 0x80;
  // Writes a negative number separately. The number takes ten bytes, because its highest bits are set.
  if (high < 0) return writeNegative(bytes, at, high);
  for (; high >= 0x80; high = Math.floor(high / 0x80)) bytes[at++] = high | 0x80;
  bytes[at++] = high;
  return at;
}

function writeNegative(bytes: Uint8Array, at: number, high: number): number {
  for (let i = 0; i < 5; i++, high = Math.floor(high / 0x80)) bytes[at++] = (high & 0x7f) | 0x80;
  bytes[at++] = 1;
  return at;
}
