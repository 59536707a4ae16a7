import { valueText } from "./write-text.ts";

const ZERO = 0x30;
const MINUS = 0x2d;

/** Maximum number of bytes of a value, such as `-1.7976931348623157e+308`. */
export const MAX_VALUE_BYTES = 24;

/** Writes a value to bytes[at…] as the text format prints it. Returns its end. */
export function writeValue(bytes: Uint8Array, at: number, value: number): number {
  // Integers in this range are printed as digits, integers outside it with an exponent.
  if (value > -1_000_000 && value < 1_000_000 && value === Math.trunc(value)) return writeDigits(bytes, at, value);
  const text = valueText(value);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function writeDigits(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  if (value < 0) {
    bytes[at++] = MINUS;
    rest = -value;
  }
  const end = at + (rest < 10 ? 1 : rest < 100 ? 2 : rest < 1000 ? 3 : rest < 10_000 ? 4 : rest < 100_000 ? 5 : 6);
  for (let i = end - 1; i >= at; i--) {
    const tens = Math.floor(rest / 10);
    bytes[i] = ZERO + (rest - tens * 10);
    rest = tens;
  }
  return end;
}
