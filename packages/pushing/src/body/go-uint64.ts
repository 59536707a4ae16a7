const TWO_63 = 2 ** 63;

/**
 * What Go on amd64 makes of a float where it is asked for an unsigned 64-bit integer: exact where it fits, and what the
 * processor leaves behind where it does not.
 */
export function goUint64(value: number): bigint {
  if (Number.isNaN(value)) return 1n << 63n;
  if (value >= TWO_63) return value >= 2 * TWO_63 ? 1n << 63n : BigInt(Math.trunc(value));
  if (value < -TWO_63) return 1n << 63n;
  return BigInt.asUintN(64, BigInt(Math.trunc(value)));
}
