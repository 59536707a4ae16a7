import type { WireReader } from "@narthex/bytes";

/**
 * Converts a time in nanoseconds, given as two 32-bit words, to whole milliseconds. The result is exact, rounded
 * towards zero.
 */
export function millisecondsOf(low: number, high: number): number {
  if (high >= 2 ** 31) return Number(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)) / 1_000_000n);
  // 2^32 ns are 4294 ms and 967296 ns. All intermediate values stay far below 2^53.
  return high * 4294 + Math.floor((high * 967_296 + low) / 1_000_000);
}

/** Converts a signed 64-bit integer, given as two 32-bit words, to a double. */
export const signedOf = (low: number, high: number): number => (high | 0) * 4_294_967_296 + low;

/** Converts an unsigned 64-bit integer, given as two 32-bit words, to a double. */
export const unsignedOf = (low: number, high: number): number => high * 4_294_967_296 + low;

/** Converts a time in nanoseconds, given as two 32-bit words (the lower one first), to a bigint. */
export const nanosecondsOf = (words: Uint32Array): bigint => (BigInt(words[1]!) << 32n) | BigInt(words[0]!);

const words = new Uint32Array(2);

/** Reads a protobuf field of type fixed64 as a double. */
export function readUnsigned(wire: WireReader): number {
  wire.doubleWords(words, 0);
  return unsignedOf(words[0]!, words[1]!);
}
