const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => u64((value << by) | (value >> (64n - by)));
const round = (state: bigint, input: bigint): bigint => u64(rotate(u64(state + input * P2), 31n) * P1);
const merge = (hash: bigint, state: bigint): bigint => u64((hash ^ round(0n, state)) * P1 + P4);

/** Returns the 64-bit xxHash (XXH64) of the bytes with seed 0. Too slow for hot loops. */
export function xxhash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = P5;
  if (bytes.length >= 32) {
    const states = [u64(P1 + P2), P2, 0n, u64(-P1)] as [bigint, bigint, bigint, bigint];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let lane = 0; lane < 4; lane++) {
        states[lane] = round(states[lane]!, view.getBigUint64(at + lane * 8, true));
      }
    }
    hash = u64(rotate(states[0], 1n) + rotate(states[1], 7n) + rotate(states[2], 12n) + rotate(states[3], 18n));
    for (const state of states) hash = merge(hash, state);
  }
  hash = u64(hash + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    hash = u64(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4);
  }
  if (at + 4 <= bytes.length) {
    hash = u64(rotate(u64(hash ^ (BigInt(view.getUint32(at, true)) * P1)), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < bytes.length; at++) hash = u64(rotate(u64(hash ^ (BigInt(bytes[at]!) * P5)), 11n) * P1);
  hash = u64((hash ^ (hash >> 33n)) * P2);
  hash = u64((hash ^ (hash >> 29n)) * P3);
  return hash ^ (hash >> 32n);
}
