/** Type of a single YAML 1.1 value. */
export type ScalarTag = "!!null" | "!!bool" | "!!int" | "!!float" | "!!str" | "!!timestamp";

const NULLS = new Set(["", "~", "null", "Null", "NULL"]);
const TRUE = new Set(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]);
const FALSE = new Set(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]);
const INFINITE = /^([-+])?\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = new Set([".nan", ".NaN", ".NAN"]);
const INTEGER = /^[-+]?(?:0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|[1-9][0-9]*|0)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?\s*(?:Z|[-+]\d{1,2}(?::?\d{2})?)?)?$/;

/**
 * Returns the type of an unquoted value as Go's yaml.v2 determines it by the rules of YAML 1.1 (`on` is a bool, `1_000`
 * an integer).
 */
export function tagOfPlain(text: string): ScalarTag {
  if (NULLS.has(text)) return "!!null";
  if (TRUE.has(text) || FALSE.has(text)) return "!!bool";
  if (INFINITE.test(text) || NOT_A_NUMBER.has(text)) return "!!float";
  const digits = text.replaceAll("_", "");
  if (/^[-+.0-9]/.test(text)) {
    if (INTEGER.test(digits)) return "!!int";
    if (FLOAT.test(digits)) return "!!float";
    if (TIMESTAMP.test(text)) return "!!timestamp";
  }
  return "!!str";
}

/** Returns the value of a text of type !!bool. */
export const boolOf = (text: string): boolean => TRUE.has(text);

/** Returns the value of a text of type !!int or !!float. */
export function numberOf(text: string): number {
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  if (NOT_A_NUMBER.has(text)) return NaN;
  const digits = text.replaceAll("_", "");
  const sign = digits.startsWith("-") ? -1 : 1;
  const size = digits.replace(/^[-+]/, "");
  const octal = /^0[oO]?([0-7]+)$/.exec(size);
  return sign * (octal === null ? Number(size) : parseInt(octal[1]!, 8));
}

const SMALLEST = -(2n ** 63n);
const LARGEST = 2n ** 64n - 1n;

/**
 * Returns the value of a text of type !!int or !!float. An integer beyond 2^53 that fits in 64 bits becomes a bigint.
 */
export function exactNumberOf(text: string): number | bigint {
  const value = numberOf(text);
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const [, sign, digits] = /^([-+]?)(0[bBoOxX]?[\da-fA-F]+|\d+)$/.exec(text.replaceAll("_", "")) ?? [];
  if (digits === undefined) return value;
  const size = BigInt(digits.toLowerCase().replace(/^0(?=\d)/, "0o"));
  const whole = sign === "-" ? -size : size;
  return whole >= SMALLEST && whole <= LARGEST ? whole : value;
}
