import { quote } from "@narthex/model";

const INTEGER = /^(?:0[xX]_?([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)|0(_?[0-7]+(?:_[0-7]+)*)|([1-9][0-9]*(?:_[0-9]+)*|0))$/;
const DECIMAL = /^(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;

const MAX_INT64 = 2n ** 63n - 1n;
/** Largest number of digits of a 64-bit integer. Octal numbers need this many digits. */
const MAX_DIGITS = 21;

function parseInteger(text: string): number | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, hex, octal, decimal] = match;
  const digits = (hex ?? octal ?? decimal)!.replaceAll("_", "").replace(/^0+(?=.)/, "");
  if (digits.length > MAX_DIGITS) return undefined;
  const value = BigInt((hex !== undefined ? "0x" : octal !== undefined ? "0o" : "") + digits);
  return value > MAX_INT64 ? undefined : Number(value);
}

/**
 * Returns the value of a number token: an integer with a base prefix (`0x1F`, `0755` is octal, `1_000`), a decimal with
 * fraction and exponent, Inf or NaN. Returns an Error with a sentence for the user if the number is invalid or too
 * large.
 */
export function parseNumberLiteral(text: string): number | Error {
  const integer = parseInteger(text);
  if (integer !== undefined) return integer;
  const lower = text.toLowerCase();
  if (lower === "inf") return Infinity;
  if (lower === "nan") return NaN;
  if (!DECIMAL.test(text))
    return new Error(`error parsing number: strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
  const value = Number(text.replaceAll("_", ""));
  if (Number.isFinite(value)) return value;
  return new Error(`error parsing number: strconv.ParseFloat: parsing ${quote(text)}: value out of range`);
}
