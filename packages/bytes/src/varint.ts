/** Bytes a LEB128 varint of 64 bits takes at most. */
export const MAX_VARINT_BYTES = 10;

/** Writes a whole number in [0, 2^54) as LEB128 and returns the next offset; the caller has left room. */
export function writeUvarint(bytes: Uint8Array, at: number, value: number): number {
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

/** Writes a whole number, |value| < 2^52, zig-zag encoded (Go's PutVarint) and returns the next offset. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  return writeUvarint(bytes, at, value >= 0 ? value * 2 : value * -2 - 1);
}

/** Bytes that writeUvarint takes for the value. */
export function uvarintSize(value: number): number {
  let size = 1;
  while (value > 0x7f) {
    value = Math.floor(value / 128);
    size++;
  }
  return size;
}

/** Undoes the zig-zag of writeVarint. */
export const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);
