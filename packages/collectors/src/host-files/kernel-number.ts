import { isDecimal } from "@narthex/model";

/**
 * Maximum number of digits for which a double is exact. Numbers with more digits are compared with the 64-bit limits as
 * BigInt.
 */
const SAFE_DIGITS = 15;
const SAFE_HEXADECIMAL_DIGITS = 13;

const UNSIGNED_LIMIT = 2n ** 64n;
const SIGNED_LIMIT = 2n ** 63n;

function misfit(text: string | undefined, where: string, kind: string): Error {
  return new Error(`${where}: expected ${kind}, got "${text ?? ""}"`);
}

const ZERO = 48;

/**
 * Parses a short decimal count without a sign; -1 for any other text. Avoids regular expressions, because most numbers
 * of a host are short counts and regular expressions are slower.
 */
function shortCountOf(text: string | undefined): number {
  if (text === undefined || text.length === 0 || text.length > SAFE_DIGITS) return -1;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Parses a decimal count of at most 64 bits, digits only. Throws an error that names `where`. */
export function unsignedOf(text: string | undefined, where: string): number {
  const short = shortCountOf(text);
  if (short !== -1) return short;
  if (text === undefined || !/^\d+$/.test(text)) throw misfit(text, where, "a count");
  if (text.length > SAFE_DIGITS && BigInt(text) >= UNSIGNED_LIMIT) throw misfit(text, where, "a count of 64 bits");
  return Number(text);
}

/** Parses a count like unsignedOf(), but returns undefined for any other text. */
export function unsignedOrNone(text: string): number | undefined {
  if (!/^\d+$/.test(text) || (text.length > SAFE_DIGITS && BigInt(text) >= UNSIGNED_LIMIT)) return undefined;
  return Number(text);
}

/** Parses a decimal integer of at most 64 bits with an optional sign. Returns undefined for any other text. */
export function signedOrNone(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text) || (text.length > SAFE_DIGITS && !fitsSigned(BigInt(text.replace("+", "")))))
    return undefined;
  return Number(text);
}

/** Parses a decimal integer of at most 64 bits with an optional sign. Throws an error that names `where`. */
export function signedOf(text: string | undefined, where: string): number {
  const short = shortCountOf(text);
  if (short !== -1) return short;
  if (text === undefined || !/^[+-]?\d+$/.test(text)) throw misfit(text, where, "an integer");
  if (text.length > SAFE_DIGITS && !fitsSigned(BigInt(text.replace("+", ""))))
    throw misfit(text, where, "an integer of 64 bits");
  return Number(text);
}

/** Parses an integer in decimal, or in hexadecimal with the prefix 0x. Returns undefined for any other text. */
export function integerOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?(?:\d+|0[xX][0-9a-fA-F]+)$/.test(text)) return undefined;
  return text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
}

/** Parses hexadecimal digits without a prefix, at most 64 bits. Throws an error that names `where`. */
export function hexadecimalOf(text: string | undefined, where: string): number {
  if (text === undefined || !/^[0-9a-fA-F]+$/.test(text)) throw misfit(text, where, "a hexadecimal count");
  if (text.length <= SAFE_HEXADECIMAL_DIGITS) return Number.parseInt(text, 16);
  const value = BigInt(`0x${text}`);
  if (value >= UNSIGNED_LIMIT) throw misfit(text, where, "a hexadecimal count of 64 bits");
  return Number(value);
}

/** Parses a decimal number with an optional fraction and exponent. Throws an error that names `where`. */
export function floatOf(text: string | undefined, where: string): number {
  const short = shortCountOf(text);
  if (short !== -1) return short;
  if (text === undefined) throw misfit(text, where, "a number");
  if (isDecimal(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
  }
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  throw misfit(text, where, "a number");
}

const LITERAL = /^[+-]?(?:0x(?:_?[0-9a-f])+|0b(?:_?[01])+|0o?(?:_?[0-7])+|0|[1-9](?:_?\d)*)$/i;

/**
 * Parses an integer as in Go source code: prefixes 0x, 0b and 0o, a leading 0 for octal, `_` between digits. Returns
 * undefined for any other text, and if the number does not fit in 64 bits.
 */
export function literalOf(text: string): number | undefined {
  const short = text.startsWith("0") ? -1 : shortCountOf(text);
  if (short !== -1) return short;
  if (!LITERAL.test(text)) return undefined;
  const size = sizeOfLiteral(text.replace(/^[+-]/, ""));
  const value = text.startsWith("-") ? -size : size;
  return fitsSigned(value) ? Number(value) : undefined;
}

/** Parses a literal without a sign. Throws an error that names `where`. */
export function unsignedLiteralOf(text: string, where: string): number {
  if (!LITERAL.test(text) || /^[+-]/.test(text)) throw misfit(text, where, "a count");
  const value = sizeOfLiteral(text);
  if (value >= UNSIGNED_LIMIT) throw misfit(text, where, "a count of 64 bits");
  return Number(value);
}

function sizeOfLiteral(text: string): bigint {
  const digits = text.replaceAll("_", "");
  return BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
}

const fitsSigned = (value: bigint): boolean => value >= -SIGNED_LIMIT && value < SIGNED_LIMIT;
