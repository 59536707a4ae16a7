/** Writes a time in ms as an integer field. Returns the end of the field. A time before 1970 takes ten bytes. */
export function writeTime(bytes: Uint8Array, at: number, field: number, time: number): number {
  bytes[at++] = field * 8;
  if (time < 0) return writeNegative(bytes, at, time);
  // Divides the time into two halves, so that the loops calculate with small integers.
  let low = time % 2 ** 28;
  let high = Math.floor(time / 2 ** 28);
  if (high === 0) {
    while (low >= 0x80) {
      bytes[at++] = (low & 0x7f) | 0x80;
      low >>>= 7;
    }
    bytes[at++] = low;
    return at;
  }
  for (let i = 0; i < 4; i++) {
    bytes[at++] = (low & 0x7f) | 0x80;
    low >>>= 7;
  }
  while (high >= 0x80) {
    bytes[at++] = (high & 0x7f) | 0x80;
    high >>>= 7;
  }
  bytes[at++] = high;
  return at;
}

function writeNegative(bytes: Uint8Array, at: number, time: number): number {
  let rest = BigInt.asUintN(64, BigInt(time));
  while (rest >= 0x80n) {
    bytes[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[at++] = Number(rest);
  return at;
}
