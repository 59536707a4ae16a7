const OFFSET_64 = 0xcbf29ce484222325n;
const PRIME_64 = 0x100000001b3n;

/** FNV-1a, 64 bits, of the bytes; `hash` continues an earlier one. */
export function fnv1a64(bytes: Uint8Array, hash: bigint = OFFSET_64): bigint {
  let value = hash;
  for (const byte of bytes) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * PRIME_64);
  return value;
}
