const OFFSET_64 = 0xcbf29ce484222325n;
/** The lower part of the 64-bit FNV prime, which is 2^40 + 0x1b3. */
const PRIME_LOW = 0x1b3;

/**
 * Returns the 64-bit FNV-1a hash of bytes. To continue a hash over further bytes, pass the previous result as `hash`.
 */
export function fnv1a64(bytes: Uint8Array, hash: bigint = OFFSET_64): bigint {
  // Computes the hash in two halves of 32 bits, because a BigInt operation for each byte would take many times as long.
  let high = Number(hash >> 32n) | 0;
  let low = Number(hash & 0xffffffffn) | 0;
  for (let i = 0; i < bytes.length; i++) {
    low ^= bytes[i]!;
    const product = (low >>> 0) * PRIME_LOW;
    high = (Math.imul(high, PRIME_LOW) + (low << 8) + Math.floor(product / 2 ** 32)) | 0;
    low = product | 0;
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
