import { CASTAGNOLI } from "./crc32c.ts";

/** The polynomials 1 and x^8 in the bit-reversed form of the CRC register. */
const ONE = 0x80000000;
const X8 = 0x00800000;
/** Number of entries in the table of powers. Most chunks of samples have fewer bytes. */
const KEPT = 4096;

/**
 * The powers x^(8n) modulo the CRC polynomial, computed at the first use. Multiplying a checksum by power n has the
 * same effect as appending n zero bytes.
 */
let powers: Int32Array | undefined;

function makePowers(): Int32Array {
  const made = new Int32Array(KEPT);
  made[0] = ONE;
  for (let n = 1; n < KEPT; n++) made[n] = product(made[n - 1]!, X8);
  return made;
}

/**
 * Returns the CRC-32C of two concatenated byte strings, computed from their checksums and the length of the second.
 * The bytes are not read again.
 * ```ts
 * const [first, second] = ["1234", "56789"].map((text) => crc32c(new TextEncoder().encode(text)));
 * joinedCrc32c(first!, second!, 5); // => 0xe3069283
 * ```
 */
export function joinedCrc32c(first: number, second: number, secondBytes: number): number {
  return (product(first, powerOf(secondBytes)) ^ second) >>> 0;
}

function powerOf(bytes: number): number {
  powers ??= makePowers();
  let power = powers[bytes % KEPT]!;
  if (bytes < KEPT) return power;
  let square = product(powers[KEPT - 1]!, X8);
  for (let rest = Math.floor(bytes / KEPT); ; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = product(power, square);
    if (rest < 2) return power;
    square = product(square, square);
  }
}

/** Returns the product of two polynomials modulo the CRC polynomial. */
function product(a: number, b: number): number {
  let sum = 0;
  for (let bit = 0; bit < 32; bit++) {
    // Uses masks instead of branches, because the processor cannot predict the bits of a checksum.
    sum ^= b & ((a << bit) >> 31);
    b = (b >>> 1) ^ (CASTAGNOLI & -(b & 1));
  }
  return sum;
}
