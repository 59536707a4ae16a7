import type { WireReader } from "@narthex/bytes";

/** Milliseconds of a time in nanoseconds, given as its lower and upper 32 bits; exact, rounded towards zero. */
export function millisecondsOf(low: number, high: number): number {
  if (high >= 2 ** 31) return Number(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)) / 1_000_000n);
  // 2^32 ns are 4294 ms and 967296 ns; all values stay far below 2^53.
  return high * 4294 + Math.floor((high * 967_296 + low) / 1_000_000);
}

/** A signed number of 64 bits as a double. */
export const signedOf = (low: number, high: number): number => (high | 0) * 4_294_967_296 + low;

/** An unsigned number of 64 bits as a double. */
export const unsignedOf = (low: number, high: number): number => high * 4_294_967_296 + low;

/** Two words as one number. */
export const nanosecondsOf = (words: Uint32Array): bigint => (BigInt(words[1]!) << 32n) | BigInt(words[0]!);

const words = new Uint32Array(2);

/** Reads an unsigned number of 64 bits, of fixed width, as a double. */
export function readUnsigned(wire: WireReader): number {
  wire.doubleWords(words, 0);
  return unsignedOf(words[0]!, words[1]!);
}
