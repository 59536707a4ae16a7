const EXACT_POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Maximum number of decimal digits for which a double represents every integer exactly. */
const MAX_EXACT_DIGITS = 15;

/**
 * Parses a decimal number (`12`, `-0.5`, `1.5e+06`) from bytes without creating a string, with correct rounding.
 * Returns NaN for any other text. Also returns NaN for numbers that this function cannot round correctly (more than 15
 * digits, or a power of ten beyond ±22).
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === 0x2d;
  if (negative || bytes[at] === 0x2b) at++;
  let mantissa = 0;
  let digits = 0;
  let fraction = 0;
  let point = false;
  let seen = false;
  for (; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      seen = true;
      if (mantissa !== 0) digits++;
      if (point) fraction++;
    } else if (digit === -2 && !point) point = true;
    else break;
  }
  if (!seen || digits > MAX_EXACT_DIGITS) return NaN;
  // Subtracts from 0, because `-fraction` would be -0 if `fraction` is 0. V8 discards its optimized code each time -0
  // is used as an index.
  let power = 0 - fraction;
  if (at < end) {
    const exponent = parseExponent(bytes, at, end);
    if (exponent !== exponent) return NaN;
    power += exponent;
  }
  if (power > 22 || power < -22) return NaN;
  const value = power < 0 ? mantissa / EXACT_POWERS[-power]! : mantissa * EXACT_POWERS[power]!;
  return negative ? -value : value;
}

/** Parses a decimal exponent of at most four digits that ends at `end`. Returns NaN if the exponent is invalid. */
function parseExponent(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== 0x65 && bytes[start] !== 0x45) return NaN;
  let at = start + 1;
  const negative = bytes[at] === 0x2d;
  if (negative || bytes[at] === 0x2b) at++;
  if (at >= end || end - at > 4) return NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** Parses up to 15 decimal digits without a sign. All bytes in [start, end) must be digits, otherwise returns -1. */
export function parseDigits(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || end - start > MAX_EXACT_DIGITS) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Returns the value (0 … 15) of a hexadecimal digit; -1 for any other byte. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
